"""The review pages: what they are made of and who may see which. How they behave is in test_serving_review_browser.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.store import Store
from tests.serving.builders import app_of, run
from tests.serving.people.builders import PASSWORD, Browser, Clock, make_guard
from tests.serving.web.builders import files

ADDRESSES = {
    "/review/": "../",
    "/review/home": "../",
    "/review/search": "../",
    "/review/conflicts": "../",
    "/review/tickets/T-1": "../../",
    "/review/tickets/a%2Fb%20%3Cc%3E": "../../",
    "/review/tickets/a/b": "../../../",
}


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    store = Store(f"sqlite:///{tmp_path / 'fendan.db'}")
    guard = make_guard(store, Clock())
    for name, role in (("小王", "reviewer"), ("老李", "lead")):
        run(guard.accounts.add(name, role, PASSWORD, by="test"))
    yield Browser(app_of(store, guard=guard).asgi)
    store.close()


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_page_is_for_those_who_are_signed_in(browser: Browser, address: str) -> None:
    response = browser.get(address)
    assert response.status_code == 303
    assert "review/login" in response.headers["location"]


@pytest.mark.parametrize(("address", "root"), ADDRESSES.items())
def test_headers_and_files(browser: Browser, address: str, root: str) -> None:
    browser.sign_in("老李")
    response = browser.get(address)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    html = response.text
    assert re.findall(r"\son\w+=|\sstyle=|<style", html) == []
    assert f'data-root="{root}"' in html
    for name in re.findall(rf'(?:src|href)="{re.escape(root)}static/([^"]+)"', html):
        assert name in files()
    for link in re.findall(r'(?:src|href|action)="([^"]*)"', html):
        assert link.startswith((root, "#")), link
    for tag in re.findall(r"<script[^>]*>", html):
        assert "src=" in tag or 'type="application/json"' in tag


def test_the_address_without_its_slash_leads_to_the_desk(browser: Browser) -> None:
    response = browser.get("/review")
    assert (response.status_code, response.headers["location"]) == (307, "review/")


def test_a_tickets_id_is_text(browser: Browser) -> None:
    browser.sign_in("小王")
    assert "a/b &lt;c&gt;" in browser.get("/review/tickets/a%2Fb%20%3Cc%3E").text


def test_roles(browser: Browser) -> None:
    browser.sign_in("小王")
    assert browser.get("/review/conflicts").status_code == 403
    page = browser.get("/review/home").text
    assert "review/conflicts" not in page
    assert "insight/truth" not in page
    assert "insight/shadow" in page
    browser.sign_in("老李")
    assert browser.get("/review/conflicts").status_code == 200
    page = browser.get("/review/home").text
    assert "review/conflicts" in page
    assert "insight/truth" in page


def test_where_one_is_and_the_way_out(browser: Browser) -> None:
    browser.sign_in("小王")
    page = browser.get("/review/search").text
    assert re.findall(r'href="\.\./([\w/]+)" aria-current="page"', page) == ["review/search"]
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)
    assert browser.post("/review/logout", data={"csrf": csrf[0]}).status_code == 303
    assert browser.get("/review/").status_code == 303
