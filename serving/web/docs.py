"""``/docs``: Swagger UI from files on this machine; nothing is fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>分单 · 接口文档</title>
<link rel="icon" href="static/icon.svg">
<link rel="stylesheet" href="docs/files/swagger-ui.css">
</head>
<body>
<main id="doc"></main>
<noscript>这一页要用 JavaScript；不用的话请看 <a href="openapi.json">openapi.json</a>。</noscript>
<script src="docs/files/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""

_START = """window.ui = SwaggerUIBundle({
  url: "openapi.json", dom_id: "#doc", deepLinking: true, validatorUrl: null, defaultModelsExpandDepth: 0,
  displayRequestDuration: true
});
"""


def docs_routes(swagger_ui: Path) -> list[BaseRoute]:
    """Routes of the page; ``swagger_ui`` is a folder with ``swagger-ui-bundle.js`` and ``swagger-ui.css``."""

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(_PAGE, headers=_HEADERS)

    async def start(_: Request) -> Response:
        return Response(_START, media_type="text/javascript", headers=_HEADERS)

    return [
        Route("/docs", page),
        Route("/docs/start.js", start),
        Mount("/docs/files", StaticFiles(directory=swagger_ui), name="swagger"),
    ]
