"""The outermost layer of the HTTP application: request ids, error answers, request metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.observe.metrics import Metrics
from serving.web.answers import error_response, request_id, status_response
from triage.errors import FendanError

log = logging.getLogger("fendan.http")

_UNROUTED = "(none)"
"""Route under which requests for unknown paths are counted: a scanner must not make a series per path."""

_GONE = 499
"""Status under which a caller that went away is counted (nginx's number for it)."""

_SAID = {404: "没有这个地址；接口列表见 /docs", 405: "这个地址不支持 {method}；支持的是 {allow}"}


class Edge:
    """ASGI middleware; plain ASGI, because a layer here costs every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, depth: Callable[[], int], access_log: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._depth = depth
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        status = 0
        own_id = request_id(scope).encode()

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", own_id)]
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except ClientDisconnect:  # in the middle of its body: there is nobody to answer
            status = _GONE
        except Exception as error:
            if status:  # the answer has begun: all that is left is to break it off
                raise
            await self._answer(error, scope)(scope, receive, send_on)
        finally:
            route = getattr(scope.get("route"), "path", _UNROUTED)
            seconds = perf_counter() - start
            self._metrics.request(route, status, seconds, self._depth())
            if self._access_log:
                said = (own_id.decode(), scope["method"], scope["path"], status, seconds * 1000)
                log.info("%s %s %r %d %.1f ms", *said)

    def _answer(self, error: Exception, scope: Scope) -> Response:
        if isinstance(error, FendanError):
            self._metrics.error(error.code)
            if error.http_status >= 500:
                log.error("%s %s: %s", request_id(scope), error.code, error)
            return error_response(error, scope)
        self._metrics.error("internal")
        log.error("%s internal error", request_id(scope), exc_info=error)
        return status_response(500, "服务出了错，已记入日志；请带上 request_id 联系管理员", scope)


async def http_error(request: Request, error: Exception) -> Response:
    """Starlette's own errors (no such route, wrong method) in the one shape."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    said = _SAID.get(error.status_code, str(error.detail))
    message = said.format(method=request.method, allow=headers.get("Allow", headers.get("allow", "")))
    return status_response(error.status_code, message, request.scope, headers)
