"""What the tests of people share: a clock that a test moves, cheap hashes, and a browser that keeps its cookies."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from argon2.profiles import CHEAPEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from serving.app import pages
from serving.clock import Clock as AnyClock
from serving.people import Person
from serving.people.guard import Guard
from serving.people.passwords import Passwords
from serving.settings import Settings
from serving.store import Store
from tests.serving.builders import NOW, Client, app_of

PASSWORD = "正确的马-电池订书钉"
OTHER = "完全不同的一句话呀呀"


class Clock:
    """Shows :data:`NOW` until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make_guard(store: Store, clock: AnyClock, **options: Any) -> Guard:
    return Guard(store, clock, pages(), passwords=Passwords(CHEAPEST), **options)


def make_app(guard: Guard, **settings: Any) -> Starlette:
    """The real application with a page and two calls behind the guard, as the review pages will have them."""

    async def page(request: Request, person: Person, csrf: str) -> Response:
        if request.method == "POST":
            from serving.people.forms import read_form

            return PlainTextResponse(f"{person.name} sent {(await read_form(request))['note']}")
        return PlainTextResponse(f"{person.name} {person.role} csrf={csrf}")

    async def call(request: Request, person: Person) -> Response:
        return JSONResponse({"name": person.name, "role": person.role})

    app = app_of(guard.store, Settings(**settings), guard=guard, clock=guard.clock).asgi
    app.router.routes += [
        Route("/review/test-page", guard.page(page), methods=["GET", "POST"]),
        Route("/insight/deep/lead-page", guard.page(page, role="lead")),
        Route("/review/test-call", guard.call(call), methods=["GET", "POST"]),
        Route("/review/admin-call", guard.call(call, role="admin"), methods=["GET", "POST"]),
    ]
    return app


class Browser:
    """Keeps cookies as a browser does and says where its requests come from."""

    def __init__(self, app: Starlette) -> None:
        self._client = Client(app)
        self.cookies: dict[str, str] = {}
        self.last: httpx.Response

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**options.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.last = response = self._client(method, path, headers=headers, **options)
        for line in response.headers.get_list("set-cookie"):
            name, value = line.partition(";")[0].split("=", 1)
            self.cookies[name] = value.strip('"')
            if not value.strip('"') or "Max-Age=0" in line:
                del self.cookies[name]
        return response

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self("POST", path, **options)

    def sign_in(self, name: str, password: str = PASSWORD, **form: str) -> httpx.Response:
        return self.post("/review/login", data={"name": name, "password": password, **form})

    @property
    def csrf(self) -> str:
        found = re.search(r"csrf=(\S+)", self.get("/review/test-page").text)
        assert found, self.last.text
        return found[1]
