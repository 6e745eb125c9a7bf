"""The endpoints that say how the service is and what it knows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serving.observe.metrics import CONTENT_TYPE, Metrics
from serving.tickets.engine import Engine
from serving.web.answers import JsonResponse, error_body
from triage.errors import StoreError
from triage.ticket import SHOP_TIME

if TYPE_CHECKING:
    from serving.rollout.rollout import Rollout


class StatusEndpoints:
    """``/healthz``, ``/readyz``, ``/metrics``, ``/v1/model``, ``/v1/labels``."""

    def __init__(self, engine: Engine, metrics: Metrics, rollout: Rollout) -> None:
        self._engine = engine
        self._metrics = metrics
        self._rollout = rollout

    async def alive(self, _: Request) -> JsonResponse:
        """The process runs; nothing else is asked."""
        return JsonResponse({"status": "ok"})

    async def ready(self, request: Request) -> JsonResponse:
        """200 when decisions can be made durable just now; ``degraded`` when no model answers, which is still 200.

        ``warnings``: where the profile and the model do not fit; they make nobody wait.
        """
        body: dict[str, Any] = {"status": "degraded" if self._engine.problem else "ready", "store": "ok"}
        status = 200
        try:
            await self._engine.store.check()
        except StoreError as error:
            status = 503
            body = {"status": "unavailable", "store": "failed", "error": error_body(error, request.scope)}
        body["model"] = self._engine.ref._asdict()
        if self._engine.problem:
            body["problem"] = self._engine.problem
        if self._engine.gaps:
            body["warnings"] = [gap.to_json() for gap in self._engine.gaps]
        return JsonResponse(body, status)

    async def metrics(self, _: Request) -> Response:
        """Prometheus exposition."""
        return Response(self._metrics.render(), media_type=CONTENT_TYPE)

    async def model(self, _: Request) -> JsonResponse:
        """Which model answers in this worker, by which profile, what is known of both, and what may come next."""
        engine = self._engine
        return JsonResponse(
            {
                **engine.ref._asdict(),
                "since": engine.active.since.astimezone(SHOP_TIME),
                "worker": os.getpid(),
                "degraded": bool(engine.problem),
                "problem": engine.problem or None,
                **self._rollout.describe(),
                "heads": {head: list(codes) for head, codes in engine.model.heads.items()} if engine.model else {},
                "profile": {"name": engine.profile.name, "version": engine.profile.version},
                "manifest": engine.model.manifest if engine.model else {},
            }
        )

    async def labels(self, _: Request) -> JsonResponse:
        """All labels with their names and definitions."""
        return JsonResponse(self._engine.taxonomy.to_mapping())


class Parts(Protocol):
    """What these addresses are made from."""

    @property
    def engine(self) -> Engine: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def rollout(self) -> Rollout: ...


def routes(app: Parts) -> list[BaseRoute]:
    """All of them."""
    status = StatusEndpoints(app.engine, app.metrics, app.rollout)
    return [
        Route("/v1/model", status.model),
        Route("/v1/labels", status.labels),
        Route("/healthz", status.alive),
        Route("/readyz", status.ready),
        Route("/metrics", status.metrics),
    ]
