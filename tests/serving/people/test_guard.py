"""The guard through the real application: who gets which page, and that nobody is made to do what they did not mean."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from serving.people.guard import Guard
from serving.people.sessions import COOKIE
from serving.store import Store
from serving.store.tables import sessions
from tests.serving.builders import run
from tests.serving.people.builders import OTHER, PASSWORD, Browser, Clock, make_app, make_guard
from tests.serving.web.builders import error


@pytest.fixture
def guard(store: Store, clock: Clock) -> Guard:
    made = make_guard(store, clock)
    for name, role in (("小王", "reviewer"), ("老李", "lead"), ("老板", "admin")):
        run(made.accounts.add(name, role, PASSWORD, by="t"))
    return made


@pytest.fixture
def browser(guard: Guard) -> Browser:
    return Browser(make_app(guard))


def test_a_page_sends_to_sign_in_and_back(browser: Browser) -> None:
    response = browser.get("/review/test-page?a=1&b=%E5%8D%95")
    assert response.status_code == 303
    assert response.headers["location"] == "../review/login?next=review%2Ftest-page%3Fa%3D1%26b%3D%25E5%258D%2595"
    assert response.headers["cache-control"] == "no-store"
    deep = browser.get("/insight/deep/lead-page")
    assert deep.headers["location"] == "../../review/login?next=insight%2Fdeep%2Flead-page"
    slashed = browser.get("/insight/deep%2Flead-page")  # one step for the browser, whatever the id holds
    assert slashed.headers["location"] == "../review/login?next=insight%2Fdeep%2Flead-page"
    posted = browser.post("/review/test-page", data={"note": "x"})
    assert (posted.status_code, posted.headers["location"]) == (303, "../review/login")


def test_a_page_knows_who_is_there(browser: Browser) -> None:
    browser.sign_in("小王")
    assert browser.get("/review/test-page").text.startswith("小王 reviewer csrf=")


def test_a_role_too_low_is_told(browser: Browser) -> None:
    browser.sign_in("小王")
    page = browser.get("/insight/deep/lead-page")
    assert page.status_code == 403
    assert "组长以上才能看这一页" in page.text
    assert 'href="../../static/people.css"' in page.text
    assert 'action="../../review/logout"' in page.text
    said = error(browser.get("/review/admin-call"), 403, "forbidden")
    assert "管理员" in said["message"]
    assert "审核员" in said["message"]
    for name, status in (("老李", 200), ("老板", 200)):
        browser.sign_in(name)
        assert browser.get("/insight/deep/lead-page").status_code == status
    assert browser.get("/review/admin-call").json() == {"name": "老板", "role": "admin"}


def test_a_call_without_a_session_is_an_error_of_the_one_shape(browser: Browser) -> None:
    assert "review/login" in error(browser.get("/review/test-call"), 401, "unauthorized")["message"]
    browser.cookies[COOKIE] = "made-up"
    error(browser.post("/review/test-call"), 401, "unauthorized")
    assert browser.last.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Origin": "http://fendan.test"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "https://tickets.shop.cn", "X-Forwarded-Host": "tickets.shop.cn"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "http://fendan.test.evil.test"}, False),
        ({"Origin": "http://fendan.test:8080"}, False),
        ({"Origin": "http://[evil"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://fendan.test"}, False),
    ],
)
def test_what_changes_something_must_come_from_here(browser: Browser, headers: dict[str, str], passes: bool) -> None:
    browser.sign_in("小王")
    token = browser.csrf
    call = browser.post("/review/test-call", headers={"X-CSRF-Token": token, **headers})
    page = browser.post("/review/test-page", data={"csrf": token, "note": "好"}, headers=headers)
    if passes:
        assert call.json()["name"] == "小王"
        assert page.text == "小王 sent 好"
    else:
        error(call, 403, "forbidden")
        assert page.status_code == 403
        assert "这张表单过期了" in page.text


def test_what_changes_something_must_carry_the_sessions_own_token(guard: Guard, browser: Browser) -> None:
    other = Browser(make_app(guard))
    other.sign_in("老李")
    browser.sign_in("小王")
    for token in ("", "x", browser.csrf[:-1], browser.csrf + "x", other.csrf, "\u00e9"):
        sent: Any = {"X-CSRF-Token": token.encode("latin-1")}
        said = error(browser.post("/review/test-call", headers=sent), 403, "forbidden")
        assert said["field"] == "X-CSRF-Token"
        assert browser.post("/review/test-page", data={"csrf": token, "note": "x"}).status_code == 403
    error(browser.post("/review/test-call"), 403, "forbidden")
    assert browser.post("/review/test-page", data={"note": "x"}).status_code == 403
    # the header is for calls, the field for forms: neither opens the other
    assert browser.post("/review/test-call", data={"csrf": browser.csrf}).status_code == 403
    assert (
        browser.post("/review/test-page", data={"note": "x"}, headers={"X-CSRF-Token": browser.csrf}).status_code == 403
    )


def test_a_form_has_a_limit_and_a_kind(browser: Browser) -> None:
    browser.sign_in("小王")
    token = browser.csrf
    error(browser.post("/review/test-page", data={"csrf": token, "note": "x" * 70_000}), 413, "too_large")
    error(browser.post("/review/test-page", json={"csrf": token, "note": "x"}), 400, "invalid_input")
    many = {"csrf": token, **{f"f{i}": "1" for i in range(200)}}
    error(browser.post("/review/test-page", data=many), 400, "invalid_input")


def test_a_session_ends_after_its_hours(store: Store, clock: Clock, guard: Guard) -> None:
    browser = Browser(make_app(make_guard(store, clock, hours=2)))
    signed = browser.sign_in("小王")
    assert "Max-Age=7200" in signed.headers["set-cookie"]
    clock.later(hours=2, seconds=-1)
    assert browser.get("/review/test-page").status_code == 200
    clock.later(seconds=1)  # known a second ago, and still refused
    assert browser.get("/review/test-page").status_code == 303
    browser.sign_in("小王")
    left = run(store.read(lambda c: c.execute(select(sessions.c.key)).all()))
    assert len(left) == 1  # the old one is cleared away


@pytest.mark.parametrize("change", ["disable", "password"])
def test_disabling_and_a_new_password_end_the_sessions(
    browser: Browser, guard: Guard, clock: Clock, change: str
) -> None:
    browser.sign_in("小王")
    other = Browser(make_app(guard))
    other.sign_in("老李")
    assert browser.get("/review/test-page").status_code == 200
    if change == "disable":
        run(guard.accounts.disable("小王", by="t"))
    else:
        run(guard.accounts.set_password("小王", OTHER, by="t"))
    clock.later(seconds=3)
    assert browser.get("/review/test-page").status_code == 303
    assert other.get("/review/test-page").status_code == 200
    assert browser.sign_in("小王").status_code == (403 if change == "disable" else 401)


def test_a_new_role_holds_at_once(browser: Browser, guard: Guard, clock: Clock) -> None:
    browser.sign_in("小王")
    run(guard.accounts.set_role("小王", "lead", by="t"))
    clock.later(seconds=3)
    assert browser.get("/insight/deep/lead-page").status_code == 200


def test_signing_out_ends_it_at_once(browser: Browser) -> None:
    browser.sign_in("小王")
    kept = dict(browser.cookies)
    assert (
        browser.post("/review/logout", data={"csrf": ""}).status_code == 403
    )  # another site must not sign anybody out
    response = browser.post("/review/logout", data={"csrf": browser.csrf})
    assert (response.status_code, response.headers["location"]) == (303, "../review/login")
    assert browser.cookies == {}
    browser.cookies = kept
    assert browser.get("/review/test-page").status_code == 303
    assert browser.post("/review/logout").status_code == 303  # over already
    assert browser.get("/review/logout").status_code == 405


def test_a_step_on_a_page_costs_no_query(browser: Browser, store: Store, clock: Clock) -> None:
    browser.sign_in("小王")
    browser.get("/review/test-page")
    asked: list[str] = []
    event.listen(store._read, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for _ in range(5):
        assert browser.get("/review/test-call").status_code == 200
    assert asked == []
    clock.later(seconds=3)
    browser.get("/review/test-call")
    assert len(asked) == 1


def test_the_store_holds_no_secret(browser: Browser, store: Store, guard: Guard, tmp_path: Path, caplog: Any) -> None:
    browser.sign_in("小王")
    for _ in range(6):
        browser.sign_in("老李", OTHER)
    helpdesk = run(guard.tokens.add("客服", by="t"))
    cookie = browser.cookies[COOKIE]
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (cookie, helpdesk, PASSWORD, OTHER):
        assert secret.encode() not in kept
        assert secret not in caplog.text
    assert hashlib.sha256(cookie.encode()).hexdigest().encode() in kept
