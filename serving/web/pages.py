"""The page to try a ticket on, and the static files of all pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serving.web.render import FOLDER, HEADERS, environment

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

__all__ = ["FOLDER", "HEADERS", "page_routes"]


def page_routes(
    labels: Callable[[], dict[str, Any]],
    *,
    mlflow_url: str = "",
    docs_url: str = "docs",
    openapi_url: str = "openapi.json",
    review_url: str = "",
) -> list[BaseRoute]:
    """Routes of ``/`` (the page to try a ticket on) and ``/static`` (its files).

    All addresses in the pages are relative, so the service may live below a path prefix.

    Args:
        labels: gives what ``/v1/labels`` answers; asked for each page, since a new model may bring new labels.
        mlflow_url: where the link to MLflow leads; empty shows none. Only http and https addresses are linked.
        docs_url, openapi_url: where the API documentation is; an empty ``docs_url`` shows no link.
        review_url: where people review tickets; empty shows no link.
    """
    from starlette.requests import Request
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    template = environment().get_template("try.html")
    links = {
        "docs": docs_url,
        "openapi": openapi_url,
        "mlflow": mlflow_url if mlflow_url.startswith(("http://", "https://")) else "",
        "review": review_url,
    }

    async def try_page(_: Request) -> HTMLResponse:
        return HTMLResponse(template.render(labels=labels(), links=links, root=""), headers=HEADERS)

    return [
        Route("/", try_page, methods=["GET"], name="try"),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]
