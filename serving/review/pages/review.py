"""The review pages: what a reviewer, a lead or an admin sees. What is on them comes from ``review/api`` later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serving.people.addresses import root_of
from serving.review.guidelines import Guidelines, load_guidelines

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from serving.people.guard import Guard
    from serving.people.roles import Person, Role
    from serving.web.render import Pages


def review_page_routes(
    guard: Guard,
    pages: Pages,
    labels: Callable[[], dict[str, Any]],
    *,
    lease: int = 10,
    rules: Guidelines | None = None,
) -> list[BaseRoute]:
    """``/review/`` (the desk), ``/review/home``, ``/review/search``, ``/review/tickets/{id}``, ``/review/conflicts``.

    Args:
        labels: gives what ``/v1/labels`` answers; asked for each page, since a new model may bring new labels.
        lease: minutes for which a ticket stays with somebody.
        rules: the guideline of each label; by default those that come with the program.
    """
    from starlette.responses import RedirectResponse
    from starlette.routing import Route

    async def to_desk(_: Request) -> Response:
        return RedirectResponse("review/", 307, {"Cache-Control": "no-store"})

    def page(name: str, *, role: Role = "reviewer") -> Any:
        return guard.page(_page(pages, name, labels, lease, rules or load_guidelines()), role=role)

    return [
        Route("/review", to_desk, methods=["GET"]),
        Route("/review/", page("desk"), methods=["GET"], name="desk"),
        Route("/review/home", page("home"), methods=["GET"], name="home"),
        Route("/review/search", page("search"), methods=["GET"], name="search"),
        Route("/review/tickets/{ticket_id:path}", page("ticket"), methods=["GET"], name="ticket"),
        Route("/review/conflicts", page("conflicts", role="lead"), methods=["GET"], name="conflicts"),
    ]


def _page(
    pages: Pages, name: str, labels: Callable[[], dict[str, Any]], lease: int, rules: Guidelines
) -> Callable[[Request, Person, str], Any]:
    async def show(request: Request, person: Person, csrf: str) -> Response:
        values = {
            "person": person,
            "csrf": csrf,
            "here": name,
            "labels": labels(),
            "rules": rules.to_json,
            "lease": lease,
            "root": root_of(request),
            "ticket_id": request.path_params.get("ticket_id", ""),
        }
        return pages.answer(f"review/{name}.html", values)

    return show
