"""What the slice answers: how the challenger compares, as a page and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from serving.rollout.pages.shadow import shadow_routes
from serving.web.render import Tab

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from serving.people.guard import Guard
    from serving.rollout.rollout import Rollout
    from serving.store import Store
    from serving.web.render import Pages
    from triage.taxonomy import Taxonomy

PAGES = Path(__file__).parent / "pages"
TABS = (Tab("shadow", "insight/shadow"),)


class Parts(Protocol):
    """What the slice is made from."""

    @property
    def store(self) -> Store: ...
    @property
    def guard(self) -> Guard: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def rollout(self) -> Rollout: ...
    def taxonomy(self) -> Taxonomy: ...


def routes(app: Parts) -> list[BaseRoute]:
    """``/insight/shadow`` and ``/insight/api/shadow``."""
    return shadow_routes(
        app.guard, app.pages, app.store, lambda: app.taxonomy().to_mapping(), app.rollout.describe_shadow
    )
