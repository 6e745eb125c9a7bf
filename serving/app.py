"""Puts the service together: :func:`assemble` is the one place where its parts are made and handed to each other.

The service, the tests and the benchmarks use it. A slice says with its ``Parts`` what it is made from; that what is made here
has all of it, mypy checks.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from serving import status
from serving.audit import routes as audit
from serving.clock import Clock, utc_now
from serving.jobs.lease import Leases
from serving.jobs.purge import purge_job
from serving.jobs.runner import Runner
from serving.labels import routes as labels
from serving.labels.record import LabelRecord
from serving.observe.metrics import Happened, Metrics
from serving.people import routes as people
from serving.people.guard import Guard, TokenDoor
from serving.review import routes as review
from serving.review.following import follow
from serving.review.jobs import CONSUMER as REVIEW
from serving.review.jobs import jobs as review_jobs
from serving.review.similar import Similar
from serving.rollout import routes as rollout
from serving.rollout.journal import Journal
from serving.rollout.rollout import Rollout
from serving.rollout.shadow import Pace, Shadow
from serving.rollout.source import VersionSource
from serving.settings import Settings
from serving.start import Loaded, load
from serving.store import Store
from serving.tickets import routes as tickets
from serving.tickets.engine import Engine
from serving.web import docs
from serving.web.edge import Edge, http_error
from serving.web.render import Pages
from triage.policy.profile import load_profile

if TYPE_CHECKING:
    from triage.policy.profile import Profile
    from triage.taxonomy import Taxonomy


CONSUMERS = (REVIEW,)
"""Who must have dealt with an event before it is removed."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the slices are made from; each takes what it needs."""

    settings: Settings
    version: str
    swagger_ui: Path | None
    store: Store
    clock: Clock
    engine: Engine
    record: LabelRecord
    similar: Similar
    guard: Guard
    metrics: Metrics
    pages: Pages
    rollout: Rollout

    def taxonomy(self) -> Taxonomy:
        """The labels that count just now."""
        return self.engine.taxonomy


@dataclass(frozen=True, slots=True)
class App:
    """One process's service: what answers requests, and the jobs that go on beside them."""

    parts: Parts
    jobs: Runner
    asgi: Starlette

    @property
    def engine(self) -> Engine:
        """What decides tickets."""
        return self.parts.engine

    @property
    def store(self) -> Store:
        """What remembers."""
        return self.parts.store


def assemble(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Clock = utc_now,
    loaded: Loaded | None = None,
    profile: Profile | None = None,
    guard: Guard | None = None,
    version: str = "not available",
    swagger_ui: Path | None = None,
) -> App:
    """The service that the settings describe. Its jobs are not begun yet, and it closes no store.

    Args:
        store, loaded, profile: those of the settings unless given.
        guard: who may do what; by default one of the store and the clock.
        version: of Fendan; stands in the OpenAPI document and in the request metrics.
        swagger_ui: folder with Swagger UI's files; None leaves ``/docs`` out.

    Raises:
        FendanError: the profile, the store or (unless ``allow_degraded``) the model cannot be used.
    """
    profile = profile or load_profile(settings.profile, Path(settings.profiles_dir))
    loaded = loaded or load(settings)
    store = store or Store(settings.db, timeout=settings.db_timeout, queue_limit=settings.queue_limit)
    guard = guard or Guard(store, clock, pages(), hours=settings.session_hours, secure=settings.secure_cookies)
    metrics = Metrics(version=version)
    metrics.model(loaded.ref)
    journal = Journal(store, clock)
    source = VersionSource.of(settings)
    shadow = None
    if settings.shadow and source is not None:
        pace = Pace(queue=settings.shadow_queue, calm=settings.shadow_pause, megabytes=settings.shadow_memory)
        shadow = Shadow(
            store,
            clock,
            source.fetch,
            pace=pace,
            report=journal.note,
            count=metrics.live,
        )
    similar = Similar(store, clock)
    engine = Engine(
        store=store,
        profile=profile,
        taxonomy=loaded.taxonomy,
        model=loaded.model,
        ref=loaded.ref,
        problem=loaded.problem,
        clock=clock,
        listeners=[shadow.offer] if shadow else [],
        similar=similar.at_hand,
    )

    def happened(what: Happened, n: int) -> None:
        metrics.live(what, n)
        if what == "swapped":
            metrics.model(engine.ref)

    parts = Parts(
        settings=settings,
        version=version,
        swagger_ui=swagger_ui,
        store=store,
        clock=clock,
        engine=engine,
        record=label_record(),
        similar=similar,
        guard=guard,
        metrics=metrics,
        pages=pages(),
        rollout=Rollout(engine, source, every=settings.poll_seconds, shadow=shadow, count=happened, note=journal.note),
    )
    return App(parts, jobs(parts), _application(parts))


def jobs(app: Parts) -> Runner:
    """All that goes on beside the requests.

    Raises:
        StoreError: the store cannot be written.
    """
    store, clock = app.store, app.clock
    work = [
        *review_jobs(store, clock, app.similar, blind_rate=app.settings.blind_rate),
        *app.rollout.jobs(),
        purge_job(store, clock, CONSUMERS),
    ]
    return Runner(store, work, Leases(store, clock))


@functools.cache
def pages() -> Pages:
    """The pages of all slices."""
    folders = {
        "tickets": tickets.PAGES,
        "people": people.PAGES,
        "review": review.PAGES,
        "audit": audit.PAGES,
        "rollout": rollout.PAGES,
    }
    return Pages(folders, (*review.TABS, *audit.TABS, *rollout.TABS))


def label_record() -> LabelRecord:
    """What takes in all that people say; the review desk follows up."""
    return LabelRecord(follow)


def routes(app: Parts) -> list[BaseRoute]:
    """All addresses of the service."""
    return [
        *tickets.routes(app),
        *labels.routes(app),
        *status.routes(app),
        *docs.routes(app),
        *app.pages.routes(),
        *people.routes(app),
        *review.routes(app),
        *audit.routes(app),
        *rollout.routes(app),
    ]


def _application(app: Parts) -> Starlette:
    store, settings = app.store, app.settings
    made = Starlette(
        routes=routes(app),
        middleware=[
            Middleware(Edge, metrics=app.metrics, depth=lambda: store.depth, access_log=settings.access_log),
            *([Middleware(TokenDoor, guard=app.guard)] if settings.require_token else []),
        ],
        exception_handlers={HTTPException: http_error},
    )
    made.router.redirect_slashes = False  # an address that is almost right is answered with 404, not with a detour
    return made
