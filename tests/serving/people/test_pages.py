"""The pages to sign in and to begin, through the real application."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.people.addresses import safe_next
from serving.people.first_start import new_link
from serving.people.guard import Guard
from serving.people.sessions import COOKIE
from serving.store import Store
from tests.serving.builders import run
from tests.serving.people.builders import OTHER, PASSWORD, Browser, Clock, make_app, make_guard
from tests.serving.web.builders import files


@pytest.fixture
def empty(store: Store, clock: Clock) -> Guard:
    return make_guard(store, clock)


@pytest.fixture
def guard(empty: Guard) -> Guard:
    run(empty.accounts.add("小王", "reviewer", PASSWORD, by="t"))
    return empty


@pytest.fixture
def browser(guard: Guard) -> Browser:
    return Browser(make_app(guard))


# Sign in


def test_the_page_needs_no_script_and_allows_none_but_ours(browser: Browser) -> None:
    page = browser.get("/review/login")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert '<form method="post" action="login"' in page.text
    assert re.findall(r"\son\w+=|\sstyle=|<style", page.text) == []
    for name in re.findall(r'(?:src|href)="\.\./static/([^"]+)"', page.text):
        assert name in files()


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(browser: Browser) -> None:
    response = browser.sign_in("小王", next="review/test-page")
    assert (response.status_code, response.headers["location"]) == (303, "../review/test-page")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for flag in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert flag in cookie
    assert "Secure" not in cookie
    assert len(browser.cookies[COOKIE]) == 43
    assert browser.get("/review/test-page").status_code == 200
    again = browser.get("/review/login?next=review/test-page")
    assert (again.status_code, again.headers["location"]) == (303, "../review/test-page")
    assert browser.sign_in("小王").headers["location"] == "../review/"


def test_the_cookie_is_for_https_only_where_it_can_be(store: Store, clock: Clock, browser: Browser) -> None:
    form = {"name": "小王", "password": PASSWORD}
    proxied = browser.post("/review/login", data=form, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in proxied.headers["set-cookie"]
    told = Browser(make_app(make_guard(store, clock, secure=True)))
    assert "Secure" in told.sign_in("小王").headers["set-cookie"]


def test_a_new_session_replaces_the_old_one(browser: Browser) -> None:
    browser.sign_in("小王")
    old = browser.cookies[COOKIE]
    browser.sign_in("小王")
    assert browser.cookies[COOKIE] != old
    browser.cookies[COOKIE] = old
    assert browser.get("/review/test-page").status_code == 303


def test_a_wrong_password_keeps_the_name_and_the_way(browser: Browser) -> None:
    page = browser.sign_in("小王", OTHER, next="review/search?q=1")
    assert page.status_code == 401
    assert "名字或密码不对" in page.text
    assert 'role="alert"' in page.text
    assert 'value="小王"' in page.text
    assert 'name="next" value="review/search?q=1"' in page.text
    assert OTHER not in page.text
    assert browser.cookies == {}
    unknown = browser.sign_in("小李", OTHER, next="review/search?q=1")
    assert unknown.text.replace("小李", "小王") == page.text


def test_a_lock_says_until_when_and_ends(browser: Browser, clock: Clock) -> None:
    for _ in range(4):
        assert browser.sign_in("小王", OTHER).status_code == 401
    for password in (OTHER, PASSWORD):
        page = browser.sign_in("小王", password)
        assert page.status_code == 429
        assert "12:01:00" in page.text
        assert browser.cookies == {}
    clock.later(minutes=1)
    assert browser.sign_in("小王").status_code == 303


def test_markup_in_a_name_stays_text(browser: Browser) -> None:
    page = browser.sign_in('"><script>alert(1)</script>', OTHER, next='"><b>')
    assert "<script>alert" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Origin": "http://fendan.test"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.test"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_another_site_cannot_sign_anybody_in(browser: Browser, headers: dict[str, str], passes: bool) -> None:
    form = {"name": "小王", "password": PASSWORD}
    response = browser.post("/review/login", data=form, headers=headers)
    assert response.status_code == (303 if passes else 403)
    assert (COOKIE in browser.cookies) == passes


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test/",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "review/../../evil",
        "review/%2e%2E/x",
        "..",
        ".",
        "review/x\r\nSet-Cookie: a=b",
        "review/单",
        "review/login",
        "review/login?next=review/login",
        "review/logout",
        "review//evil",
        "x" * 3000,
    ],
)
def test_the_way_on_never_leads_elsewhere(browser: Browser, wanted: str) -> None:
    assert browser.sign_in("小王", next=wanted).headers["location"] == "../review/"
    assert browser.get(f"/review/login?next={quote(wanted)}").headers["location"] == "../review/"


@pytest.mark.parametrize(
    "wanted", ["review/", "review/search?q=%E5%8D%95&p=2", "insight/truth", "review/ticket/T-1~2", "?a=//b"]
)
def test_the_way_on_leads_on(wanted: str) -> None:
    assert safe_next(wanted) == wanted


PIECES = [*"ab/.\\:%2eE@?#&=;\t\n ~", "evil.test", "//", "http:", "..", "review/"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_whatever_is_wanted_stays_below_the_service(wanted: str) -> None:
    went = safe_next(wanted)
    there = urlsplit(urljoin("https://shop.test/fendan/review/login", f"../{went}"))
    assert (there.scheme, there.netloc) == ("https", "shop.test")
    assert there.path.startswith("/fendan/")
    assert not set(went) & set("\\\r\n\t#")


# The first admin


def test_the_first_admin_comes_by_the_link(empty: Guard, store: Store, clock: Clock) -> None:
    browser = Browser(make_app(empty))
    assert "fendan user link" in browser.get("/review/login").text
    token = run(new_link(store, clock))
    page = browser.get(f"/review/welcome?token={token}")
    assert page.status_code == 200
    assert f'name="token" value="{token}"' in page.text
    form = {"token": token, "name": "老板", "password": PASSWORD, "again": PASSWORD}
    response = browser.post("/review/welcome", data=form)
    assert (response.status_code, response.headers["location"]) == (303, "../review/")
    assert browser.get("/review/test-page").text.startswith("老板 admin ")
    # used: neither to look at nor to send again, and there is no other one
    assert run(new_link(store, clock)) is None
    for again in (browser.get(f"/review/welcome?token={token}"), browser.post("/review/welcome", data=form)):
        assert again.status_code == 401
        assert "请直接登录" in again.text
        assert "fendan user link" not in again.text
        assert "<form" not in again.text.partition("<main")[2]
    assert [one.name for one in run(empty.accounts.all())] == ["老板"]


@pytest.mark.parametrize("token", ["", "x", "old"])
def test_a_link_that_is_not_valid_says_how_to_get_one(empty: Guard, store: Store, clock: Clock, token: str) -> None:
    browser = Browser(make_app(empty))
    old = run(new_link(store, clock))
    run(new_link(store, clock))
    sent = old if token == "old" else token
    for page in (
        browser.get(f"/review/welcome?token={sent}"),
        browser.post("/review/welcome", data={"token": sent, "name": "我", "password": PASSWORD, "again": PASSWORD}),
    ):
        assert page.status_code == 401
        assert "fendan user link" in page.text
    assert run(empty.accounts.all()) == []


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"again": OTHER}, 400, "两次输入的密码不一样"),
        ({"password": "1234567890", "again": "1234567890"}, 400, "人人都会先猜"),
        ({"password": "短", "again": "短"}, 400, "太短"),
        ({"name": " "}, 400, "看得见的字符"),
    ],
)
def test_what_will_not_do_leaves_the_link_valid(
    empty: Guard, store: Store, clock: Clock, change: dict[str, str], status: int, says: str
) -> None:
    browser = Browser(make_app(empty))
    token = run(new_link(store, clock)) or ""
    form = {"token": token, "name": "老板", "password": PASSWORD, "again": PASSWORD}
    page = browser.post("/review/welcome", data={**form, **change})
    assert page.status_code == status
    assert says in page.text
    assert PASSWORD not in page.text
    assert run(empty.accounts.all()) == []
    assert browser.post("/review/welcome", data=form).status_code == 303


def test_another_site_cannot_begin(empty: Guard, store: Store, clock: Clock) -> None:
    browser = Browser(make_app(empty))
    form = {"token": run(new_link(store, clock)), "name": "老板", "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/review/welcome", data=form, headers={"Origin": "https://evil.test"}).status_code == 403
    assert run(empty.accounts.all()) == []
