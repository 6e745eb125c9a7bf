"""The page for somebody who may not see the one they asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.people.addresses import root_of
from serving.web.render import PERSONAL, Pages

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from serving.people.sessions import Signed

HEADERS = {**PERSONAL, "Referrer-Policy": "same-origin"}
"""As all pages of people; browsers must say where their forms come from, since they have no session's token yet."""


def refused_page(pages: Pages, request: Request, signed: Signed, *, key: str) -> Response:
    """403 for people: what is missing (the message ``key``), who they are signed in as, and the ways on."""
    values = {
        "person": signed.person,
        "csrf": signed.csrf,
        "key": key,
        "root": root_of(request),
    }
    return pages.answer("people/refused.html", values, 403, headers=HEADERS)
