"""What the slice answers: the truth page and the suspected label errors on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from serving.audit.pages.truth import truth_routes
from serving.web.render import Tab

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from serving.clock import Clock
    from serving.people.guard import Guard
    from serving.store import Store
    from serving.web.render import Pages
    from triage.taxonomy import Taxonomy

PAGES = Path(__file__).parent / "pages"
TABS = (Tab("truth", "insight/truth", leads_only=True),)


class Parts(Protocol):
    """What the slice is made from."""

    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def guard(self) -> Guard: ...
    @property
    def pages(self) -> Pages: ...
    def taxonomy(self) -> Taxonomy: ...


def routes(app: Parts) -> list[BaseRoute]:
    """``/insight/truth`` and ``/insight/truth/suspects``."""
    return [*truth_routes(app.store, app.taxonomy, app.clock, app.guard, app.pages)]
