"""What the slice answers: the pages to sign in, to sign out, and to begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from serving.people.pages.signing import people_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from serving.people.guard import Guard
    from serving.web.render import Pages

PAGES = Path(__file__).parent / "pages"


class Parts(Protocol):
    """What the slice is made from."""

    @property
    def guard(self) -> Guard: ...
    @property
    def pages(self) -> Pages: ...


def routes(app: Parts) -> list[BaseRoute]:
    """``/review/login``, ``/review/logout``, ``/review/welcome``."""
    return people_routes(app.guard, app.pages)
