"""``/insight/truth``: how often automatic answers are wrong, from people who had not seen them. For leads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from serving.audit.pages.suspects import SuspectsView
    from serving.audit.report import AuditReport
    from serving.clock import Clock
    from serving.people.guard import Guard
    from serving.people.roles import Person
    from serving.store import Store
    from serving.web.render import Pages
    from triage.taxonomy import Taxonomy

FRESH = timedelta(seconds=30)
"""A report is shown again for so long before it is made anew; it costs a second with 200,000 tickets."""

FRESH_SUSPECTS = timedelta(minutes=10)


R = TypeVar("R")


class _Kept(Generic[R]):
    """The newest result of some work; of several who ask at once one makes it and the others wait for that."""

    def __init__(self, clock: Clock, fresh: timedelta, work: Callable[[], Awaitable[R]]) -> None:
        self._clock, self._fresh, self._work = clock, fresh, work
        self._made: tuple[datetime, R] | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> R:
        async with self._lock:
            now = self._clock()
            if self._made is None or not timedelta() <= now - self._made[0] < self._fresh:
                self._made = now, await self._work()
            return self._made[1]


def truth_routes(
    store: Store, taxonomy: Callable[[], Taxonomy], clock: Clock, guard: Guard, pages: Pages
) -> list[Route]:
    """``/insight/truth`` (the page) and ``/insight/truth/suspects`` (suspected label errors, JSON); both for leads."""
    from starlette.routing import Route

    made = _Truth(store, taxonomy, clock, pages)
    return [
        Route("/insight/truth", guard.page(made.page, role="lead"), methods=["GET"], name="truth"),
        Route("/insight/truth/suspects", guard.call(made.suspects, role="lead"), methods=["GET"]),
    ]


class _Truth:
    def __init__(self, store: Store, taxonomy: Callable[[], Taxonomy], clock: Clock, pages: Pages) -> None:
        self._store, self._taxonomy, self._clock, self._pages = store, taxonomy, clock, pages
        self._report = _Kept(clock, FRESH, self._build)
        self._suspects = _Kept(clock, FRESH_SUSPECTS, self._rank)

    async def page(self, _: Request, person: Person, csrf: str) -> Response:
        """The page, filled by the server."""
        from serving.audit.pages.view import view

        shown = view(await self._report.get(), self._taxonomy())
        values = {"person": person, "csrf": csrf, "here": "truth", "root": "../", "v": shown}
        return self._pages.answer("audit/truth.html", values)

    async def suspects(self, _: Request, __: Person) -> Response:
        """Asked for by the page once it is there: ranking takes a process of its own and some seconds."""
        from serving.web.answers import JsonResponse

        return JsonResponse(await self._suspects.get(), headers={"Cache-Control": "no-store"})

    async def _build(self) -> AuditReport:
        from serving.audit.report import build

        taxonomy, now = self._taxonomy(), self._clock()
        return await self._store.read(lambda connection: build(connection, taxonomy, now))

    async def _rank(self) -> SuspectsView:
        from serving.audit.label_errors import label_errors, read_labelled
        from serving.audit.pages.suspects import suspects_view
        from serving.audit.rank_labels import rank_apart

        taxonomy = self._taxonomy()
        labelled = await self._store.read(lambda connection: read_labelled(connection, taxonomy))
        found = await asyncio.to_thread(label_errors, labelled, taxonomy, rank_apart)
        return suspects_view(found, taxonomy)
