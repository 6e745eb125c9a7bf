"""The truth page: who may see it, what it says, and how it looks in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from serving.audit.pages.view import percent
from serving.store import Store
from tests.serving.audit.page_texts import add_people, lived_in, make_app
from tests.serving.builders import run
from tests.serving.people.builders import PASSWORD, Browser
from tests.serving.web.browsers import CONTRAST, WatchedPage, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('shop')}/fendan.db")
    run(store.write(lambda c: lived_in(c, 3000)))
    app, guard = make_app(store)
    add_people(guard, PASSWORD)
    yield app
    store.close()


def test_only_leads_see_it(shop: Any) -> None:
    nobody, reviewer = Browser(shop), Browser(shop)
    assert nobody.get("/insight/truth").status_code == 303
    assert nobody.get("/insight/truth/suspects").status_code == 401
    reviewer.sign_in("小王")
    assert reviewer.get("/insight/truth").status_code == 403
    assert reviewer.get("/insight/truth/suspects").status_code == 403


def test_the_headline_is_a_sentence_and_names_nobody(shop: Any) -> None:
    lead = Browser(shop)
    lead.sign_in("老李")
    response = lead.get("/insight/truth")
    assert response.status_code == 200
    html = response.text
    assert re.search(r"自动分派的 [\d,]+ 张里，估计 [\d.]+ %（[\d.<]+–[\d.]+ %）分错", html)
    assert "锚定，不可信" in html
    assert "小王" not in html
    assert "小李" not in html
    assert "unsafe" not in response.headers["content-security-policy"]
    assert re.findall(r"\son\w+=|\sstyle=|<style", html) == []
    assert response.headers["cache-control"] == "no-store"


def test_an_empty_store_says_that_nothing_is_known(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/fendan.db")
    app, guard = make_app(store)
    add_people(guard, PASSWORD)
    lead = Browser(app)
    lead.sign_in("老李")
    html = lead.get("/insight/truth").text
    assert "还没有盲审的答案，说不出有多准" in html
    assert "这个窗口还没有抽到盲审工单" in html
    store.close()


def test_suspected_labels_come_with_names_and_a_source(shop: Any) -> None:
    lead = Browser(shop)
    lead.sign_in("老李")
    found = lead.get("/insight/truth/suspects").json()
    assert (found["source"], found["method"]) == ("decisions", "cleanlab")
    category = found["heads"]["category"]
    assert category["suspected"] >= len(category["tickets"]) > 0
    assert all(one["names"]["given"] != one["names"]["suggested"] for one in category["tickets"])


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.0002, "<0.1 %"), (0.021, "2.1 %"), (0.0999, "10 %"), (0.5, "50 %"), (1, "100 %")]
)
def test_percentages(share: float, text: str) -> None:
    assert percent(share) == text


def sign_in(page: Page, address: str) -> None:
    page.set_default_timeout(120_000)
    page.goto(f"{address}review/login?next=insight/truth")
    page.fill("input[name=name]", "老李")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#suspects[aria-busy=false]")


@pytest.mark.browser
def test_readable_inside_the_window_and_in_two_languages(browser: Chromium, shop: Any) -> None:
    with running(shop) as address:
        for theme, width in (("light", 1280), ("dark", 390)):
            viewport = {"width": width, "height": 900}
            watched = WatchedPage(browser, address, color_scheme=theme, viewport=viewport, reduced_motion="reduce")
            page = watched.page
            sign_in(page, address)
            chinese = page.inner_text("main")
            for _ in range(2):
                assert page.evaluate(CONTRAST) == []
                wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert page.evaluate(wider) <= 0
                page.click("#language")
                assert ("went wrong" in page.inner_text("#headline")) == (page.get_attribute("html", "lang") == "en")
            assert page.inner_text("main") == chinese, "what the server wrote and what the browser says are the same"
            assert (page.locator("#suspects a").first.get_attribute("href") or "").startswith("../review/tickets/T-")
            assert watched.faults == []
            watched.context.close()
