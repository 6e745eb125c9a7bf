"""``/openapi.json``, and ``/docs``: Swagger UI from files on this machine; nothing is fetched from elsewhere."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from serving.settings import Settings
from serving.web.answers import JsonResponse
from serving.web.openapi import document
from serving.web.render import FOLDER, Pages
from triage.taxonomy import Taxonomy

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


class Parts(Protocol):
    """What the documentation is made from."""

    @property
    def settings(self) -> Settings: ...
    @property
    def version(self) -> str: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def swagger_ui(self) -> Path | None: ...
    def taxonomy(self) -> Taxonomy: ...


def routes(app: Parts) -> list[BaseRoute]:
    """The document, and the page that shows it where Swagger UI's files are there."""

    @functools.lru_cache(maxsize=2)  # a new model may bring other heads
    def described(heads: tuple[str, ...]) -> bytes:
        return bytes(JsonResponse(document(app.version, token=app.settings.require_token, heads=heads)).body)

    async def openapi(_: Request) -> JsonResponse:
        return JsonResponse(described(tuple(app.taxonomy().heads)))

    shown = docs_routes(app.pages, app.swagger_ui) if app.swagger_ui else []
    return [Route("/openapi.json", openapi), *shown]


def docs_routes(pages: Pages, swagger_ui: Path) -> list[BaseRoute]:
    """Routes of the page; ``swagger_ui`` is a folder with ``swagger-ui-bundle.js`` and ``swagger-ui.css``."""

    async def page(_: Request) -> Response:
        return pages.answer("docs.html", {}, headers=_HEADERS)

    async def start(_: Request) -> Response:
        return FileResponse(FOLDER / "static" / "docs.js", media_type="text/javascript", headers=_HEADERS)

    return [
        Route("/docs", page),
        Route("/docs/start.js", start),
        Mount("/docs/files", StaticFiles(directory=swagger_ui), name="swagger"),
    ]
