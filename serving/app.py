"""Puts the HTTP application together."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from serving.assembly import label_record
from serving.audit.pages import truth_routes
from serving.labels.routes import CorrectionEndpoint, correction_routes
from serving.observe.metrics import Metrics
from serving.people.guard import Guard, TokenDoor
from serving.people.pages import people_routes
from serving.review.desk import Desk
from serving.review.pages import review_page_routes
from serving.review.routes import ReviewEndpoints, review_api_routes
from serving.rollout.pages import shadow_routes
from serving.rollout.rollout import Live
from serving.settings import Settings
from serving.status import StatusEndpoints
from serving.tickets.engine import Engine
from serving.tickets.routes import TicketEndpoints
from serving.web.answers import JsonResponse
from serving.web.docs import docs_routes
from serving.web.edge import Edge, http_error
from serving.web.openapi import document
from serving.web.pages import page_routes


def create_app(
    engine: Engine,
    settings: Settings,
    *,
    version: str = "not available",
    swagger_ui: Path | None = None,
    guard: Guard | None = None,
    live: Live | None = None,
) -> Starlette:
    """The application: API, status, documentation and pages.

    Args:
        version: of Fendan; stands in the OpenAPI document and in the request metrics.
        swagger_ui: folder with Swagger UI's files; None leaves ``/docs`` out.
        guard: who may do what; by default one of the engine's store and clock.
        live: changes the model while the service runs; None: nothing does.
    """
    guard = guard or Guard(engine.store, engine.clock, hours=settings.session_hours, secure=settings.secure_cookies)
    metrics = Metrics(version=version)
    metrics.model(engine.ref)
    tickets = TicketEndpoints(engine, settings, metrics)
    status = StatusEndpoints(engine, metrics, live)
    record = label_record()
    corrections = CorrectionEndpoint(
        engine.store, record, lambda: engine.taxonomy, engine.clock, max_body=settings.max_body
    )
    desk = Desk(
        engine.store,
        lambda: engine.taxonomy,
        engine.clock,
        lease=timedelta(minutes=settings.review_lease),
        overlap_share=settings.overlap_share,
        random_share=settings.random_share,
        record=record,
    )
    described = JsonResponse(document(version, token=settings.require_token)).body

    def happened(what: str, n: int) -> None:
        metrics.live(what, n)
        if what == "swapped":
            metrics.model(engine.ref)

    if live:
        live.count = happened

    async def openapi(_: Request) -> JsonResponse:
        return JsonResponse(described)

    routes: list[BaseRoute] = [
        Route("/v1/triage", tickets.triage, methods=["POST"]),
        Route("/v1/triage/batch", tickets.batch, methods=["POST"]),
        Route("/v1/tickets/{ticket_id:path}", tickets.ticket),
        *correction_routes(corrections),
        Route("/v1/model", status.model),
        Route("/v1/labels", status.labels),
        Route("/healthz", status.alive),
        Route("/readyz", status.ready),
        Route("/metrics", status.metrics),
        Route("/openapi.json", openapi),
        *(docs_routes(swagger_ui) if swagger_ui else []),
        *page_routes(lambda: engine.taxonomy.to_mapping(), mlflow_url=settings.mlflow_url, review_url="review/"),
        *people_routes(guard),
        *review_api_routes(ReviewEndpoints(desk), guard),
        *review_page_routes(guard, lambda: engine.taxonomy.to_mapping(), lease=settings.review_lease),
        *truth_routes(engine.store, lambda: engine.taxonomy, engine.clock, guard),
        *shadow_routes(guard, engine.store, lambda: engine.taxonomy.to_mapping(), status.shadow),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Edge, metrics=metrics, depth=lambda: engine.store.depth, access_log=settings.access_log),
            *([Middleware(TokenDoor, guard=guard)] if settings.require_token else []),
        ],
        exception_handlers={HTTPException: http_error},
    )
    app.router.redirect_slashes = False  # an address that is almost right is answered with 404, not with a detour
    return app
