"""``/``: the page to try a ticket on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serving.web.render import HEADERS, Pages

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute


def try_routes(
    pages: Pages,
    labels: Callable[[], dict[str, Any]],
    *,
    mlflow_url: str = "",
    docs_url: str = "docs",
    openapi_url: str = "openapi.json",
    review_url: str = "",
) -> list[BaseRoute]:
    """The route of ``/``. All addresses in the page are relative, so the service may live below a path prefix.

    Args:
        labels: gives what ``/v1/labels`` answers; asked for each page, since a new model may bring new labels.
        mlflow_url: where the link to MLflow leads; empty shows none. Only http and https addresses are linked.
        docs_url, openapi_url: where the API documentation is; an empty ``docs_url`` shows no link.
        review_url: where people review tickets; empty shows no link.
    """
    from starlette.routing import Route

    links = {
        "docs": docs_url,
        "openapi": openapi_url,
        "mlflow": mlflow_url if mlflow_url.startswith(("http://", "https://")) else "",
        "review": review_url,
    }

    async def try_page(_: Request) -> Response:
        return pages.answer("tickets/try.html", {"labels": labels(), "links": links, "root": ""}, headers=HEADERS)

    return [Route("/", try_page, methods=["GET"], name="try")]
