"""The pages for people: where they live, what they are filled with, and what a browser may do on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

FOLDER = Path(__file__).parent

HEADERS = {
    # Nothing but our own files, no inline script or style, no framing: what a ticket says can never run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_routes(
    labels: Callable[[], dict[str, Any]],
    *,
    mlflow_url: str = "",
    docs_url: str = "docs",
    openapi_url: str = "openapi.json",
) -> list[BaseRoute]:
    """Routes of ``/`` (the page to try a ticket on) and ``/static`` (its files).

    All addresses in the pages are relative, so the service may live below a path prefix.

    Args:
        labels: gives what ``/v1/labels`` answers; asked for each page, since a new model may bring new labels.
        mlflow_url: where the link to MLflow leads; empty shows none. Only http and https addresses are linked.
        docs_url, openapi_url: where the API documentation is; an empty ``docs_url`` shows no link.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from starlette.requests import Request
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["as_data"] = _as_data
    template = environment.get_template("try.html")
    links = {
        "docs": docs_url,
        "openapi": openapi_url,
        "mlflow": mlflow_url if mlflow_url.startswith(("http://", "https://")) else "",
    }

    async def try_page(_: Request) -> HTMLResponse:
        return HTMLResponse(template.render(labels=labels(), links=links, root=""), headers=HEADERS)

    return [
        Route("/", try_page, methods=["GET"], name="try"),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]


def _as_data(value: Any) -> Any:
    """JSON for a data block (``<script type="application/json">``); nothing in it can close the block."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 (escaped just above)
