"""The endpoints behind the review pages: JSON in, JSON out. Who may call them, the guard says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from features.mask import mask
from serving.people.roles import ADMIN, Role
from serving.review.desk import Desk
from serving.review.guidelines import load_guidelines
from serving.review.pages.review import review_page_routes
from serving.review.search import Wanted, search, ticket
from serving.web.answers import JsonResponse
from serving.web.body import parse_json, read_body
from serving.web.render import Tab
from triage.errors import ForbiddenError, InputError, NotFoundError
from triage.ticket import SHOP_TIME

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.labels.record import LabelRecord
    from serving.people.guard import Guard
    from serving.people.roles import Person
    from serving.review.similar import Similar
    from serving.settings import Settings
    from serving.store import Store
    from serving.web.render import Pages
    from triage.taxonomy import Taxonomy

PAGES = Path(__file__).parent / "pages"
TABS = (
    Tab("home", "review/home"),
    Tab("desk", "review/"),
    Tab("search", "review/search"),
    Tab("conflicts", "review/conflicts", leads_only=True),
)

MAX_BODY = 65_536
"""Bytes of a body; the longest note fits several times."""

_ITEM = re.compile(r"[0-9a-f-]{36}")
_MAX_LIMIT = 100
_FILTERS = ("q", "category", "queue", "channel", "label", "reviewer", "reviewed", "since", "until", "after", "limit")


class ReviewEndpoints:
    """``review/api/…``; each is called as ``(request, person)``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def next(self, request: Request, person: Person) -> JsonResponse:
        """``{"after": item_id | null}`` -> ``{"card": … | null, "counts": …}``."""
        after = (await _body(request, "after")).get("after")
        if after is not None:
            after = _item(after, "after")
        card = await self._desk.next(person.name, role=person.role, after=after)
        return JsonResponse({"card": card, "counts": await self._desk.counts(person.name)})

    async def card(self, request: Request, person: Person) -> JsonResponse:
        """The leased ticket once more."""
        return JsonResponse({"card": await self._desk.card(_path_item(request), person.name)})

    async def submit(self, request: Request, person: Person) -> JsonResponse:
        """``{"labels": {head: label}, "note"?}`` -> ``{"id": correction}``."""
        labels, note = await _answer(request)
        return JsonResponse({"id": await self._desk.submit(_path_item(request), person.name, labels, note)}, 201)

    async def skip(self, request: Request, person: Person) -> JsonResponse:
        """``{}`` -> ``{}``."""
        await _body(request)
        await self._desk.skip(_path_item(request), person.name)
        return JsonResponse({})

    async def release(self, request: Request, person: Person) -> JsonResponse:
        """``{}`` -> ``{}``; without an item in the address, everything is given back."""
        await _body(request)
        item_id = _path_item(request) if "item_id" in request.path_params else None
        await self._desk.release(item_id, person.name)
        return JsonResponse({})

    async def undo(self, request: Request, person: Person) -> JsonResponse:
        """``{}`` -> ``{"card", "labels", "note"}`` of the answer that was taken back; ``{"card": null}`` when there is none."""
        await _body(request)
        undone = await self._desk.take_back(person.name)
        if undone is None:
            return JsonResponse({"card": None})
        card = await self._desk.card(undone.item_id, person.name)
        return JsonResponse({"card": card, "labels": undone.labels, "note": undone.note})

    async def counts(self, _: Request, person: Person) -> JsonResponse:
        """``{"open", "reasons", "conflicts", "mine"}``."""
        return JsonResponse(await self._desk.counts(person.name))

    async def conflicts(self, _: Request, person: Person) -> JsonResponse:
        """``{"conflicts": [card with answers]}``."""
        return JsonResponse({"conflicts": await self._desk.conflicts(names=person.role == ADMIN)})

    async def settle(self, request: Request, person: Person) -> JsonResponse:
        """``{"labels", "note"?}`` -> ``{"id": correction}``."""
        labels, note = await _answer(request)
        return JsonResponse({"id": await self._desk.settle(_path_item(request), person.name, labels, note)}, 201)

    async def unsettle(self, request: Request, person: Person) -> JsonResponse:
        """``{}`` -> ``{}``: takes one's own settlement back."""
        await _body(request)
        await self._desk.unsettle(_path_item(request), person.name)
        return JsonResponse({})

    async def search(self, request: Request, person: Person) -> JsonResponse:
        """Filters in the address -> ``{"rows", "next"}``; ``next`` goes into ``after``."""
        wanted = _wanted(request.query_params)
        if wanted.reviewer and wanted.reviewer != person.name and person.role != ADMIN:
            raise ForbiddenError("只能按自己的名字找；按别人的名字找要管理员", field="reviewer")
        rows, place = await self._desk.store.read(lambda connection: search(connection, wanted))
        after = None if place is None else f"{place[0].isoformat()}|{place[2]}|{place[1]}"
        return JsonResponse({"rows": rows, "next": after})

    async def ticket(self, request: Request, person: Person) -> JsonResponse:
        """All that is known of a ticket."""
        ticket_id, names = request.path_params["ticket_id"], person.role == ADMIN
        if "\0" in ticket_id:
            raise NotFoundError("没有这样的工单；编号里有看不见的字符", field="ticket_id")
        return JsonResponse(
            await self._desk.store.read(lambda connection: ticket(connection, ticket_id, who=person.name, names=names))
        )

    async def guidelines(self, _: Request, __: Person) -> JsonResponse:
        """The short guideline of each label, and what tells pairs apart."""
        return JsonResponse({"heads": self._desk.guidelines.to_json()})


def review_api_routes(endpoints: ReviewEndpoints, guard: Guard) -> list[Route]:
    """``/review/api/…`` behind ``guard``."""
    e = endpoints

    def route(path: str, endpoint: Any, method: str = "POST", *, role: Role = "reviewer") -> Route:
        return Route(f"/review/api/{path}", guard.call(endpoint, role=role), methods=[method])

    return [
        route("next", e.next),
        route("items/{item_id}", e.card, "GET"),
        route("items/{item_id}/submit", e.submit),
        route("items/{item_id}/skip", e.skip),
        route("items/{item_id}/release", e.release),
        route("release", e.release),
        route("undo", e.undo),
        route("counts", e.counts, "GET"),
        route("conflicts", e.conflicts, "GET", role="lead"),
        route("conflicts/{item_id}/settle", e.settle, role="lead"),
        route("conflicts/{item_id}/unsettle", e.unsettle, role="lead"),
        route("search", e.search, "GET"),
        route("guidelines", e.guidelines, "GET"),
        route("tickets/{ticket_id:path}", e.ticket, "GET"),
    ]


class Parts(Protocol):
    """What the slice is made from."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def record(self) -> LabelRecord: ...
    @property
    def similar(self) -> Similar: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def guard(self) -> Guard: ...
    @property
    def pages(self) -> Pages: ...
    def taxonomy(self) -> Taxonomy: ...


def routes(app: Parts) -> list[BaseRoute]:
    """``/review/api/…`` and the pages that call it."""
    own = app.settings.guidelines
    rules = load_guidelines(Path(own) if own else None)
    lease = app.settings.review_lease
    desk = Desk(
        app.store,
        app.taxonomy,
        app.clock,
        lease=timedelta(minutes=lease),
        overlap_share=app.settings.overlap_share,
        random_share=app.settings.random_share,
        record=app.record,
        guidelines=rules,
        similar=app.similar,
    )
    return [
        *review_api_routes(ReviewEndpoints(desk), app.guard),
        *review_page_routes(app.guard, app.pages, lambda: app.taxonomy().to_mapping(), lease=lease, rules=rules),
    ]


async def _body(request: Request, *keys: str) -> Mapping[str, Any]:
    """The body: a JSON object with no other than ``keys``; an empty body is an empty object."""
    raw = await read_body(request, MAX_BODY)
    data = parse_json(raw) if raw.strip() else {}
    if not isinstance(data, Mapping):
        raise InputError("正文应是一个 JSON 对象，如 {}")
    unknown = sorted(str(key) for key in data if key not in keys)
    if unknown:
        allowed = f"可用的字段：{'、'.join(keys)}" if keys else "这里不收字段"
        raise InputError(f"不认识的字段 {'、'.join(unknown):.80}；{allowed}", field=unknown[0][:64])
    return data


async def _answer(request: Request) -> tuple[Any, Any]:
    data = await _body(request, "labels", "note")
    return data.get("labels"), data.get("note") or ""


def _path_item(request: Request) -> str:
    return _item(request.path_params["item_id"], "item_id")


def _item(value: Any, field: str) -> str:
    if not isinstance(value, str) or not _ITEM.fullmatch(value):
        raise InputError(f"{field} 应是审核项的编号（36 个字符）；收到的是 {value!r:.60}", field=field)
    return value


def _wanted(params: Mapping[str, str]) -> Wanted:
    unknown = sorted(key for key in params if key not in _FILTERS)
    if unknown:
        raise InputError(f"不认识的条件 {unknown[0]!r:.60}；可用的：{'、'.join(_FILTERS)}", field=unknown[0][:64])
    given = {key: value.replace("\0", "").strip() for key, value in params.items()}
    for key, value in given.items():
        if len(value) > 300:
            raise InputError(f"{key} 太长：最多 300 个字", field=key)
    reviewed = given.get("reviewed", "")
    if reviewed not in ("", "yes", "no"):
        raise InputError(f"reviewed 应是 yes 或 no；收到的是 {reviewed!r:.60}", field="reviewed")
    until = _day(given, "until")
    names = ("category", "queue", "channel", "label", "reviewer")
    return Wanted(
        q=mask(given.get("q", "")),  # texts are masked in the store, so what is looked for must be, too
        reviewed={"": None, "yes": True, "no": False}[reviewed],
        since=_day(given, "since"),
        until=until + timedelta(days=1) if until else None,
        after=_place(given.get("after", "")),
        limit=_limit(given.get("limit", "")),
        **{name: given.get(name, "") for name in names},
    )


def _day(given: Mapping[str, str], name: str) -> datetime | None:
    """The beginning of a day in the shop's time."""
    if not given.get(name):
        return None
    try:
        day = datetime.strptime(given[name], "%Y-%m-%d").date()
        if not 1970 <= day.year <= 2200:
            raise ValueError(day)
        return datetime.combine(day, time(), SHOP_TIME)
    except ValueError:
        raise InputError(f"{name} 应是日期，如 2026-11-11；收到的是 {given[name]!r:.60}", field=name) from None


def _place(value: str) -> tuple[datetime, str, int] | None:
    if not value:
        return None
    try:
        at, revision, ticket_id = value.split("|", 2)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 1970 <= moment.year <= 2200 or not 0 < int(revision) < 2**31:
            raise ValueError(value)
        return moment, ticket_id, int(revision)
    except (ValueError, OverflowError):
        raise InputError(f"after 应原样用上一页给的 next；收到的是 {value!r:.80}", field="after") from None


def _limit(value: str) -> int:
    if not value:
        return 20
    if not value.isdecimal() or not 1 <= int(value) <= _MAX_LIMIT:
        raise InputError(f"limit 应是 1–{_MAX_LIMIT} 的整数；收到的是 {value!r:.60}", field="limit")
    return int(value)
