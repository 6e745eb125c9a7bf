"""Whether a browser was sent here by another site (request forgery), by what browsers say of it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request


def is_foreign(request: Request, *, strict: bool = False) -> bool:
    """Whether the request comes from a page of another site.

    Browsers say so in ``Sec-Fetch-Site`` (over https and on localhost) and in ``Origin``; what says neither is no
    browser. An ``Origin: null`` (a page without a referrer policy of its own, a sandboxed frame) says nothing; with
    ``strict`` it counts as foreign: for requests that have no token to tell them from forged ones.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    if origin == "null":
        return strict
    hosts = (request.headers.get(name, "").partition(",")[0] for name in ("host", "x-forwarded-host"))
    return _authority(origin) not in {host.strip().lower() for host in hosts if host}


def is_https(request: Request) -> bool:
    """Whether the person's browser came by https, perhaps to a proxy in front."""
    said = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return request.url.scheme == "https" or said == "https"


def _authority(origin: str) -> str:
    """Host and port as a ``Host`` header writes them; browsers leave the usual port out of both."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
