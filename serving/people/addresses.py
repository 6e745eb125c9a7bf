"""Addresses within the service, always relative: it may live below a path prefix that it does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from starlette.requests import Request

LANDING = "review/"
"""Where somebody goes who signs in without having been on the way anywhere."""

_SAFE = re.compile(r"(?:[\w.~-][\w.~%-]*/)*(?:[\w.~-][\w.~%-]*)?(?:\?[\w.~%&=+,:;@!$'()*/?-]*)?", re.ASCII)
_NEVER = ("review/login", "review/logout", "review/welcome")


def path_of(request: Request) -> str:
    """The path below the service's root, e.g. ``/review/search``."""
    path, root = str(request.scope["path"]), str(request.scope.get("root_path", ""))
    return path.removeprefix(root) or "/"


def root_of(request: Request) -> str:
    """What leads from here to the service's root: ``""`` from ``/`` and ``/x``, ``"../"`` from ``/x/`` and ``/x/y``.

    Counted on the address as the browser wrote it: a ticket's id may hold slashes, written ``%2F``, which a browser does
    not take for steps.
    """
    written: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    below = written.decode("latin-1").removeprefix(str(request.scope.get("root_path", "")))
    return "../" * (below.count("/") - 1)


def wanted(request: Request) -> str:
    """Where somebody wanted to go, relative to the service's root; empty where :func:`safe_next` would not go."""
    query = str(request.scope.get("query_string", b""), "latin-1")
    path = quote(path_of(request).lstrip("/"), safe="/~")
    return safe_next(f"{path}?{query}" if query else path)


def safe_next(text: str) -> str:
    """``text`` when it is an address within the service, relative to its root and without a way out; else empty.

    What comes out never begins with a slash, names no scheme or host and has no ``..``; put behind ``../`` it cannot
    lead to another site, however a browser reads it.
    """
    path = text.partition("?")[0]
    if len(text) > 2000 or not _SAFE.fullmatch(text) or path in _NEVER:
        return ""
    if any(re.fullmatch(r"(?:\.|%2e){1,2}", part, re.IGNORECASE) for part in path.split("/")):
        return ""
    return text
