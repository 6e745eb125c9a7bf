"""The pages to sign in, to sign out, and to begin: the first admin's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serving.people.addresses import LANDING, safe_next
from serving.people.first_start import LinkError, check_link, make_first
from serving.people.forms import read_form
from serving.people.lockout import Locked
from serving.people.origin import is_foreign
from serving.people.pages.refused import HEADERS
from serving.people.password_policy import MIN_LENGTH, PasswordError
from serving.people.roles import MAX_NAME
from triage.errors import FendanError, ForbiddenError, InputError, StoreError

if TYPE_CHECKING:
    from serving.people.guard import Guard
    from serving.web.render import Pages


class _NotAlike(InputError):
    """The two passwords differ."""

    code = "not_alike"


def people_routes(guard: Guard, pages: Pages, *, landing: str = LANDING) -> list[BaseRoute]:
    """``/review/login``, ``/review/logout``, ``/review/welcome``.

    Args:
        landing: where somebody goes after signing in who was not on the way anywhere; relative to the service's root.
    """
    made = _Signing(guard, pages, landing)
    return [
        Route("/review/login", made.login, methods=["GET", "POST"]),
        Route("/review/logout", made.logout, methods=["POST"]),
        Route("/review/welcome", made.welcome, methods=["GET", "POST"]),
    ]


class _Signing:
    def __init__(self, guard: Guard, pages: Pages, landing: str) -> None:
        self._guard = guard
        self._pages = pages
        self._landing = landing

    async def login(self, request: Request) -> Response:
        """The form, and what comes of it."""
        if request.method == "POST":
            return await self._sign_in(request)
        where = self._after(request.query_params.get("next", ""))
        if await self._guard.who(request) is not None:
            return _go(where)
        return await self._login_page(where)

    async def _sign_in(self, request: Request) -> Response:
        form = await read_form(request)
        name, where = form.get("name", ""), self._after(form.get("next", ""))
        try:
            _check_origin(request)
            person = await self._guard.accounts.sign_in(name, form.get("password", ""))
        except StoreError:
            raise
        except FendanError as error:
            return await self._login_page(where, name=name[:MAX_NAME], error=error)
        response = _go(where)
        await self._guard.sign_in(request, response, person)
        return response

    async def _login_page(self, where: str, *, name: str = "", error: FendanError | None = None) -> Response:
        anyone = await self._guard.accounts.exist()
        values = {"next": where, "name": name, "anyone": anyone, "fault": _fault(error)}
        return self._page("login", values, error)

    async def logout(self, request: Request) -> Response:
        """Ends the session; somebody whose session is over already is simply sent to sign in."""
        signed = await self._guard.who(request)
        response = _go("review/login")
        if signed is not None:

            async def end(request: Request, *_: Any) -> Response:
                await self._guard.sign_out(request, response)
                return response

            return await self._guard.page(end)(request)
        return response

    async def welcome(self, request: Request) -> Response:
        """The first admin chooses a name and a password; the address has the one-time token."""
        form = await read_form(request) if request.method == "POST" else {}
        token = form.get("token", "") or request.query_params.get("token", "")
        name = form.get("name", "")
        try:
            if request.method == "GET":
                await check_link(self._guard.store, token)
                return self._welcome(token)
            _check_origin(request)
            if form.get("password", "") != form.get("again", ""):
                await check_link(self._guard.store, token)
                raise _NotAlike("两次输入的密码不一样；请再输一遍", field="again")
            guard, password = self._guard, form.get("password", "")
            person = await make_first(
                guard.store, guard.clock, guard.passwords, token=token, name=name, password=password
            )
        except StoreError:
            raise
        except FendanError as error:
            return self._welcome("" if isinstance(error, LinkError) else token, name=name[:MAX_NAME], error=error)
        response = _go(self._landing)
        await self._guard.sign_in(request, response, person)
        return response

    def _welcome(self, token: str, *, name: str = "", error: FendanError | None = None) -> Response:
        values = {"token": token, "name": name, "least": MIN_LENGTH, "fault": _fault(error)}
        return self._page("welcome", values, error)

    def _page(self, name: str, values: dict[str, Any], error: FendanError | None) -> Response:
        status = error.http_status if error else 200
        return self._pages.answer(f"people/{name}.html", {"root": "../", **values}, status, headers=HEADERS)

    def _after(self, wanted: str) -> str:
        return safe_next(wanted) or self._landing


def _go(where: str) -> RedirectResponse:
    """On to ``where``, relative to the service's root; all pages here lie one level below it."""
    return RedirectResponse(f"../{where}", 303, {"Cache-Control": "no-store"})


def _check_origin(request: Request) -> None:
    if is_foreign(request, strict=True):
        raise ForbiddenError("这张表单不是从这个网站打开的；请直接打开登录页再试", field="origin")


class _Fault(TypedDict):
    """What a page says of an error: its message, what the service says where that has no Chinese, the field it is about."""

    key: str
    said: str
    values: dict[str, object]
    field: str


def _fault(error: FendanError | None) -> _Fault | None:
    if error is None:
        return None
    key, values = error.code, dict[str, object]()
    if isinstance(error, PasswordError):
        key = f"password.{error.rule}"
    elif isinstance(error, LinkError):
        key = "link.users" if error.users else "link.none"
    elif isinstance(error, ForbiddenError):
        key = "foreign" if error.field == "origin" else "disabled"
    elif isinstance(error, Locked):
        values = {"failures": error.failures, "until": f"{error.until:%H:%M:%S}"}
    return {"key": f"people.fault.{key}", "said": error.message, "values": values, "field": error.field or ""}
