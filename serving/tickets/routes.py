"""The endpoints that take and show tickets."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, Protocol, TypedDict

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from serving.labels.corrections import CorrectionJson
from serving.observe.metrics import Metrics
from serving.settings import Settings
from serving.tickets.engine import Engine
from serving.tickets.pages.try_page import try_routes
from serving.tickets.queries import TicketRecord, read_ticket
from serving.web.answers import ErrorBody, JsonResponse, error_body
from serving.web.body import parse_json, read_body
from triage.errors import FendanError, InputError, NotFoundError, TicketError, TooLargeError
from triage.events import EventKind
from triage.labels import Source
from triage.ticket import SHOP_TIME, Ticket

if TYPE_CHECKING:
    from serving.store.rows import Outcome
    from serving.web.render import Pages

PAGES = Path(__file__).parent / "pages"

_IN_THREAD = 131_072
"""A body of more bytes is parsed in a thread, so that others are answered meanwhile."""


class HistoryEntry(TypedDict):
    """Something that happened to a ticket; who said what stands only with a correction."""

    at: datetime
    event: EventKind
    revision: int
    source: NotRequired[Source]
    by: NotRequired[str]
    labels: NotRequired[dict[str, str]]


class RevisionJson(TypedDict):
    """One text of a ticket, with its decision (JSON that is ready to send)."""

    revision: int
    text: str
    received_at: datetime
    decision: orjson.Fragment


class TicketJson(TypedDict):
    """What ``/v1/tickets/{id}`` answers."""

    ticket_id: str
    revision: int
    decision: orjson.Fragment
    revisions: list[RevisionJson]
    corrections: list[CorrectionJson]
    history: list[HistoryEntry]


class BatchResult(TypedDict):
    """What came of one ticket of a batch: a decision (JSON that is ready to send) or an error."""

    index: int
    decision: NotRequired[orjson.Fragment]
    error: NotRequired[ErrorBody]


class TicketEndpoints:
    """``/v1/triage``, ``/v1/triage/batch``, ``/v1/tickets/…``."""

    def __init__(self, engine: Engine, settings: Settings, metrics: Metrics) -> None:
        self._engine = engine
        self._settings = settings
        self._metrics = metrics

    async def triage(self, request: Request) -> JsonResponse:
        """One ticket, one decision. ``?dry_run=true`` decides without keeping anything."""
        keep = not _flag(request, "dry_run")
        ticket = Ticket.parse(parse_json(await read_body(request, self._settings.max_body)))
        outcome = (await self._engine.triage([ticket], store=keep))[0]
        self._count(outcome)
        return JsonResponse(outcome.decision)

    async def batch(self, request: Request) -> JsonResponse:
        """Many tickets, one answer each, in order; a bad one fails alone."""
        body = await read_body(request, self._settings.max_batch_body)
        large = len(body) > _IN_THREAD
        tickets, results = await asyncio.to_thread(self._read, body) if large else self._read(body)
        for outcome, result in zip(
            await self._engine.triage(tickets), (r for r in results if "error" not in r), strict=True
        ):
            self._count(outcome)
            result["decision"] = orjson.Fragment(outcome.decision)
        return JsonResponse({"results": results, "ok": len(tickets), "failed": len(results) - len(tickets)})

    async def ticket(self, request: Request) -> JsonResponse:
        """All that is known of one ticket."""
        ticket_id = request.path_params["ticket_id"]
        record = await self._engine.store.read(lambda connection: read_ticket(connection, ticket_id))
        if record is None:
            raise NotFoundError(f"没有工单 {ticket_id!r:.140}；它没有被分过，或者编号写错了", field="ticket_id")
        return JsonResponse(_ticket_json(record))

    def _count(self, outcome: Outcome) -> None:
        if outcome.created:
            row = outcome.row
            self._metrics.ticket(queue=row.queue, priority=row.priority, action=row.action, degraded=row.degraded)

    def _read(self, body: bytes) -> tuple[list[Ticket], list[BatchResult]]:
        """The good tickets, and one result an element: those of bad tickets are filled in already."""
        data = parse_json(body)
        items = data.get("tickets") if isinstance(data, dict) and set(data) == {"tickets"} else data
        if not isinstance(items, list):
            raise TicketError('一批工单应是 JSON 数组 [{"text": "…"}, …]，或 {"tickets": […]}', field="tickets")
        if len(items) > self._settings.max_batch:
            raise TooLargeError(
                f"这一批有 {len(items):,} 张工单，上限是 {self._settings.max_batch:,}；请拆成几批", field="tickets"
            )
        tickets = []
        results: list[BatchResult] = []
        for index, item in enumerate(items):
            try:
                tickets.append(Ticket.parse(item))
                results.append({"index": index})
            except FendanError as error:
                self._metrics.error(error.code)
                results.append({"index": index, "error": error_body(error)})
        return tickets, results


class Parts(Protocol):
    """What the slice is made from."""

    @property
    def settings(self) -> Settings: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def pages(self) -> Pages: ...


def routes(app: Parts) -> list[BaseRoute]:
    """``/v1/triage``, ``/v1/triage/batch``, ``/v1/tickets/…``, ``/``."""
    tickets = TicketEndpoints(app.engine, app.settings, app.metrics)
    return [
        Route("/v1/triage", tickets.triage, methods=["POST"]),
        Route("/v1/triage/batch", tickets.batch, methods=["POST"]),
        Route("/v1/tickets/{ticket_id:path}", tickets.ticket),
        *try_routes(
            app.pages,
            lambda: app.engine.taxonomy.to_mapping(),
            mlflow_url=app.settings.mlflow_url,
            review_url="review/",
        ),
    ]


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false").lower()
    if value not in ("true", "false", "1", "0"):
        raise InputError(f"查询参数 {name} 应是 true 或 false；收到的是 {value!r:.60}", field=name)
    return value in ("true", "1")


def _ticket_json(record: TicketRecord) -> TicketJson:
    newest = record.revisions[-1]
    history: list[HistoryEntry] = [
        {"at": _shown(r.received_at), "event": "decided" if r.revision == 1 else "revised", "revision": r.revision}
        for r in record.revisions
    ]
    history += [
        {
            "at": _shown(c.at),
            "event": "corrected",
            "revision": c.revision,
            "source": c.source,
            "by": c.by,
            "labels": dict(c.labels),
        }
        for c in record.corrections
    ]
    return {
        "ticket_id": record.ticket_id,
        "revision": newest.revision,
        "decision": orjson.Fragment(newest.decision),
        "revisions": [
            {
                "revision": r.revision,
                "text": r.text,
                "received_at": _shown(r.received_at),
                "decision": orjson.Fragment(r.decision),
            }
            for r in record.revisions
        ],
        "corrections": [item.to_json() for item in record.corrections],
        "history": sorted(history, key=lambda entry: entry["at"]),
    }


def _shown(moment: datetime) -> datetime:
    """Moments are kept in UTC and shown, like ``due_at``, in the shop's time."""
    return moment.astimezone(SHOP_TIME)
