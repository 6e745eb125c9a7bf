"""``POST /v1/corrections``: the helpdesk, or another program, says what was right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from serving.labels.correcting import parse_correction
from serving.labels.record import LabelRecord
from serving.web.answers import JsonResponse
from serving.web.body import parse_json, read_body

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.settings import Settings
    from serving.store import Store
    from triage.taxonomy import Taxonomy


class CorrectionEndpoint:
    """Keeps what a person says was right.

    Args:
        taxonomy: gives the labels that count just now.
        max_body: bytes.
    """

    def __init__(
        self, store: Store, record: LabelRecord, taxonomy: Callable[[], Taxonomy], clock: Clock, *, max_body: int
    ) -> None:
        self._store = store
        self._record = record
        self._taxonomy = taxonomy
        self._clock = clock
        self._max_body = max_body

    async def correct(self, request: Request) -> JsonResponse:
        """One correction -> the stored one."""
        data = parse_json(await read_body(request, self._max_body))
        now = self._clock()
        new = parse_correction(data, taxonomy=self._taxonomy(), now=now)
        (kept,) = await self._store.write(lambda connection: self._record.add(connection, [new], now))
        return JsonResponse(kept.to_json(), 201)


class Parts(Protocol):
    """What the slice is made from."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def record(self) -> LabelRecord: ...
    @property
    def clock(self) -> Clock: ...
    def taxonomy(self) -> Taxonomy: ...


def routes(app: Parts) -> list[BaseRoute]:
    """``/v1/corrections``."""
    endpoint = CorrectionEndpoint(app.store, app.record, app.taxonomy, app.clock, max_body=app.settings.max_body)
    return [Route("/v1/corrections", endpoint.correct, methods=["POST"])]
