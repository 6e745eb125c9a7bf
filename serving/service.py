"""The BentoML service. The only file that knows BentoML.

BentoML brings process and worker management, ``bentoml build``, containers and the folder in which all workers' metrics
meet. The HTTP contract is our own Starlette application, put in front of BentoML's: native endpoints would make
other error shapes, know no path parameters, and BentoML's layers (tracing, timers) cost more than our whole request.
``docs/architecture.md`` has the figures.
"""

from __future__ import annotations

import os

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")  # before the import: BentoML reads it once

import gc
from pathlib import Path
from typing import Any

import bentoml

from serving.app import assemble
from serving.settings import Settings
from serving.start import log_to_stderr, say_gaps, version
from triage.paths import check_packages

check_packages()

_SETTINGS = Settings.from_env()

_SWAGGER_UI = Path(bentoml.__file__).parent / "_internal" / "server" / "static_content"
"""Swagger UI's files come with BentoML; ``/docs`` is left out should a later release not bring them."""

_BUNDLED: Any = [{"name": "FENDAN_MODEL", "value": "var/bento/model"}]
"""Where a bento carries its model; ``FENDAN_MODEL`` in the environment goes before it."""


class InFront(bentoml.Service):  # type: ignore[misc]
    """A service whose HTTP is answered by the instance's own application; BentoML keeps starting and stopping it."""

    def to_asgi(self, is_main: bool = True) -> Any:
        """The ASGI application that BentoML's worker serves."""
        lifespan = super().to_asgi(is_main)

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            await (self.app() if scope["type"] == "http" else lifespan)(scope, receive, send)

        return serve

    def app(self) -> Any:
        """The running instance's application."""
        return bentoml.get_current_service().app


@bentoml.service(name="fendan", service_class=InFront, workers=_SETTINGS.workers, envs=_BUNDLED)
class Fendan:
    """One worker's application."""

    def __init__(self) -> None:
        log_to_stderr()
        swagger_ui = _SWAGGER_UI if (_SWAGGER_UI / "swagger-ui-bundle.js").exists() else None
        self.made = assemble(_SETTINGS, version=version(), swagger_ui=swagger_ui)
        self.app = self.made.asgi
        self.made.engine.warm_up()
        if bentoml.server_context.worker_index in (None, 1):  # once, however many workers there are
            say_gaps(self.made.engine.gaps)

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def begin(self) -> None:
        """Keeps the garbage collector off what lives for ever (walking it was the p99 of an idle service), then works."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 50)
        await self.made.jobs.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def close(self) -> None:
        """Ends the jobs and writes what still waits."""
        await self.made.jobs.stop()
        self.made.store.close()
