"""How answers look: JSON in UTF-8, and one shape for every error."""

from __future__ import annotations

import re
from typing import Any, NotRequired, TypedDict
from uuid import uuid4

import orjson
from starlette.responses import Response
from starlette.types import Scope

from triage.errors import FendanError

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}")
_BY_STATUS = {404: "not_found", 405: "method_not_allowed"}


class JsonResponse(Response):
    """A JSON answer; bytes are taken as JSON that is ready to send."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else orjson.dumps(content)


def request_id(scope: Scope) -> str:
    """The caller's ``X-Request-ID`` when it is sane, else a new one; the same for the whole request."""
    known = scope.get("fendan.request_id")
    if known is None:
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
        known = scope["fendan.request_id"] = sent if _SANE_ID.fullmatch(sent) else uuid4().hex
    return str(known)


class ErrorBody(TypedDict):
    """What stands under ``error``: ``code`` for programs, ``message`` for people, ``field`` where one is to blame."""

    code: str
    message: str
    field: NotRequired[str]
    request_id: NotRequired[str]


def error_body(error: FendanError, scope: Scope | None = None) -> ErrorBody:
    """The error as callers get it; with the request's id where there is one of its own."""
    body: ErrorBody = {"code": error.code, "message": storable(error.message)}
    if error.field is not None:
        body["field"] = storable(error.field)
    if scope is not None:
        body["request_id"] = request_id(scope)
    return body


def error_response(error: FendanError, scope: Scope) -> JsonResponse:
    """The answer for an error raised on purpose."""
    headers = {"Retry-After": "1"} if error.http_status == 503 else {}
    if error.http_status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="fendan"'
    if error.http_status == 413:
        headers["Connection"] = "close"  # the rest of the body is not read
    return JsonResponse({"error": error_body(error, scope)}, error.http_status, headers)


def status_response(status: int, message: str, scope: Scope, headers: dict[str, str] | None = None) -> JsonResponse:
    """The answer for an error that has a status only (no such route, wrong method, a defect of ours)."""
    code = _BY_STATUS.get(status, "internal" if status >= 500 else "bad_request")
    body: ErrorBody = {"code": code, "message": message, "request_id": request_id(scope)}
    return JsonResponse({"error": body}, status, headers)


def storable(text: str) -> str:
    """``text`` without lone surrogates, which no UTF-8 can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
