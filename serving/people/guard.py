"""What stands before every page and call: who is signed in, may they, and did they mean to.

A page that changes something has a form with a hidden field ``csrf``; a call that does has a header ``X-CSRF-Token``.
Both hold the session's token, which no other site can know; what browsers say of a request's origin is looked at, too.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.clock import Clock
from serving.people.accounts import Accounts
from serving.people.addresses import path_of, root_of, wanted
from serving.people.forms import read_form
from serving.people.origin import is_foreign, is_https
from serving.people.pages.refused import refused_page
from serving.people.passwords import Passwords
from serving.people.roles import ROLE_NAMES, Person, Role, at_least
from serving.people.sessions import COOKIE, Sessions, Signed
from serving.people.tokens import PREFIX, Tokens
from triage.errors import ForbiddenError, UnauthorizedError

if TYPE_CHECKING:
    from serving.store import Store
    from serving.web.render import Pages

PageEndpoint = Callable[[Request, Person, str], Awaitable[Response]]
CallEndpoint = Callable[[Request, Person], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_READING = ("GET", "HEAD", "OPTIONS")


class Guard:
    """The guard of one store's people; one per process.

    Args:
        pages: has the page for those who may not see what they asked for.
        hours: how long a session lasts.
        secure: mark cookies as https-only even where the request does not look like https.
        passwords: how passwords are hashed; tests hand in a cheap one.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        pages: Pages,
        *,
        hours: int = 12,
        secure: bool = False,
        passwords: Passwords | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self._pages = pages
        self.passwords = passwords or Passwords()
        self.accounts = Accounts(store, clock, self.passwords)
        self.sessions = Sessions(store, clock, hours=hours)
        self.tokens = Tokens(store, clock)
        self._hours = hours
        self._secure = secure

    def page(self, endpoint: PageEndpoint, *, role: Role = "reviewer") -> Endpoint:
        """A page for those with ``role`` or a higher one; ``endpoint`` is called as ``(request, person, csrf)``.

        Somebody who is not signed in is sent to sign in and then back here; with too low a role there is a page that
        says so (403). A form that is posted must carry ``csrf``; the endpoint reads it with ``forms.read_form``.
        """
        at_least(role, role)  # a role misspelt is found when the routes are made

        async def guarded(request: Request) -> Response:
            signed = await self.who(request)
            if signed is None:
                return self.to_sign_in(request)
            if not at_least(signed.person.role, role):
                return refused_page(self._pages, request, signed, key=f"people.refused.{role}")
            if request.method not in _READING:
                form = await read_form(request)
                if is_foreign(request) or not _same(form.get("csrf", ""), signed.csrf):
                    return refused_page(self._pages, request, signed, key="people.refused.csrf")
            return await endpoint(request, signed.person, signed.csrf)

        return guarded

    def call(self, endpoint: CallEndpoint, *, role: Role = "reviewer") -> Endpoint:
        """A call from a page's script for those with ``role`` or a higher one; ``endpoint``: ``(request, person)``.

        Raises (at a request; the HTTP edge makes the one JSON error shape of it):
            UnauthorizedError: nobody is signed in.
            ForbiddenError: the role is too low, or the request changes something and its ``X-CSRF-Token`` is not right.
        """
        at_least(role, role)  # a role misspelt is found when the routes are made

        async def guarded(request: Request) -> Response:
            signed = await self.who(request)
            if signed is None:
                raise UnauthorizedError("没有登录，或登录已过期；请打开 review/login 重新登录")
            if not at_least(signed.person.role, role):
                mine = ROLE_NAMES[signed.person.role]
                raise ForbiddenError(f"这一步要{ROLE_NAMES[role]}以上；{signed.person.name} 是{mine}", field="role")
            if request.method not in _READING:
                sent = request.headers.get("x-csrf-token", "")
                if is_foreign(request) or not _same(sent, signed.csrf):
                    raise ForbiddenError(
                        "请求头 X-CSRF-Token 缺少或不对（页面太旧，或请求来自别的网站）；请刷新页面再试",
                        field="X-CSRF-Token",
                    )
            return await endpoint(request, signed.person)

        return guarded

    async def who(self, request: Request) -> Signed | None:
        """Who is signed in in this browser."""
        return await self.sessions.find(request.cookies.get(COOKIE, ""))

    async def check_program(self, request: Request) -> None:
        """Does nothing when a program's token or somebody's session comes with the request.

        Raises:
            UnauthorizedError: neither does.
            ForbiddenError: a session does, but another site made the browser send it.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if await self.tokens.find(token.strip()) is None:
                raise UnauthorizedError(
                    "令牌不对，或已被撤销；请管理员运行 fendan token add 名字 发一个新的", field="Authorization"
                )
            return
        if await self.who(request) is None:
            raise UnauthorizedError(
                f"这里要令牌：加上请求头 Authorization: Bearer {PREFIX}…（管理员运行 fendan token add 名字 得到），"
                "或先在浏览器里登录（review/login）",
                field="Authorization",
            )
        if request.method not in _READING and is_foreign(request, strict=True):
            raise ForbiddenError("这个请求来自别的网站；用会话只能从本服务的页面上发", field="Origin")

    def to_sign_in(self, request: Request) -> Response:
        """To the page to sign in on, and back here afterwards when this only reads."""
        back = quote(wanted(request), safe="") if request.method in _READING else ""
        where = f"{root_of(request)}review/login{f'?next={back}' if back else ''}"
        return RedirectResponse(where, 303, {"Cache-Control": "no-store"})

    async def sign_in(self, request: Request, response: Response, person: Person) -> None:
        """Begins a session and puts its cookie into ``response``; a session there was before in this browser ends."""
        await self._forget(request)
        secure = self._secure or is_https(request)
        value = await self.sessions.start(person.name)
        response.set_cookie(
            COOKIE, value, max_age=self._hours * 3600, path="/", secure=secure, httponly=True, samesite="lax"
        )

    async def sign_out(self, request: Request, response: Response) -> None:
        """Ends the session and takes its cookie away."""
        await self._forget(request)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")

    async def _forget(self, request: Request) -> None:
        if before := request.cookies.get(COOKIE):
            await self.sessions.end(before)


class TokenDoor:
    """ASGI middleware: everything under ``/v1`` is for programs with a token, and for people who are signed in."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            if f"{path_of(request)}/".startswith("/v1/"):
                await self._guard.check_program(request)
        await self._app(scope, receive, send)


def _same(sent: str, held: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), held.encode())
