"""Every page in both languages, in a real browser: what the server wrote, what scripts add, and back again."""

from __future__ import annotations

import re
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from serving.app import pages
from serving.clock import utc_now
from serving.people.first_start import new_link
from serving.store import Store
from tests.serving.builders import app_of, run
from tests.serving.people.builders import OTHER, PASSWORD, make_guard
from tests.serving.web.browsers import WatchedPage, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ADDRESSES = {
    "": "#examples button",
    "review/": "#idle",
    "review/home": "#today",
    "review/search": "#rows li",
    "review/tickets/T-1": "#fault p",
    "review/conflicts": "#idle",
    "insight/truth": "#suspects[aria-busy=false]",
    "insight/shadow": "#who",
}
"""Address -> what there is when its scripts are done; of a store in which nothing happened yet."""

WRITTEN = """() => [...document.querySelectorAll("[data-t], [data-t-label]:not(#language), [data-t-placeholder]")].map((node) =>
  [node.dataset.t, node.textContent, node.getAttribute("aria-label"), node.getAttribute("placeholder")])"""

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run, work).result()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('served') / 'fendan.db'}")
    guard = make_guard(store, utc_now)
    for name, role in (("老李", "lead"), ("小王", "reviewer")):
        apart(guard.accounts.add(name, role, PASSWORD, by="test"))
    with running(app_of(store, guard=guard, clock=utc_now).asgi) as address:
        yield address
    store.close()


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A service without any user, and the token of its first link."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('new') / 'fendan.db'}")
    token = apart(new_link(store, utc_now))
    with running(app_of(store, guard=make_guard(store, utc_now), clock=utc_now).asgi) as address:
        yield address, token
    store.close()


def sign_in(page: Page, base: str, name: str = "老李", password: str = PASSWORD) -> None:
    page.goto(f"{base}review/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url or password != PASSWORD)


def both_ways(page: Page) -> tuple[str, str]:
    """What ``main`` says in Chinese and in English, after a look that all that was translated comes back."""
    before, chinese = page.evaluate(WRITTEN), page.inner_text("main")
    title = page.title()
    page.click("#language")
    english = page.inner_text("main")
    assert page.get_attribute("html", "lang") == "en"
    assert CHINESE.search(page.title().replace("分单", "")) is None
    for key, *texts in page.evaluate(WRITTEN):
        assert not any(CHINESE.search(text) for text in texts if text and "e.g." not in text), (key, texts)
    page.click("#language")
    assert page.evaluate(WRITTEN) == before
    assert (page.inner_text("main"), page.title()) == (chinese, title)
    return chinese, english


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_speaks_both_languages(browser: Browser, base: str, address: str) -> None:
    watched = WatchedPage(browser, base)
    sign_in(watched.page, base)
    watched.page.goto(base + address)
    watched.page.wait_for_selector(ADDRESSES[address])
    both_ways(watched.page)
    assert not [fault for fault in watched.faults if "404" not in fault], "nothing but the ticket that is not there"
    watched.context.close()


def test_a_page_comes_in_the_language_that_was_chosen(browser: Browser, base: str) -> None:
    watched = WatchedPage(browser, base)
    watched.page.click("#language")
    sign_in(watched.page, base)
    for address in ADDRESSES:
        watched.page.goto(base + address)
        watched.page.wait_for_selector(ADDRESSES[address])
        assert watched.page.get_attribute("html", "data-waiting") is None
        assert not CHINESE.search(watched.page.inner_text("nav")), address
    watched.context.close()


def test_what_the_service_says_itself_comes_back_as_it_was(browser: Browser, base: str) -> None:
    watched = WatchedPage(browser, base)
    sign_in(watched.page, base, password=OTHER)
    watched.page.wait_for_selector("#fault")
    _, english = both_ways(watched.page)
    assert CHINESE.search(watched.page.inner_text("#fault"))
    assert "Name or password is wrong." in english
    watched.context.close()


def test_the_page_that_says_no_does_so_in_both(browser: Browser, base: str) -> None:
    watched = WatchedPage(browser, base)
    sign_in(watched.page, base, "小王")
    watched.page.goto(f"{base}insight/truth")
    chinese, english = both_ways(watched.page)
    assert "组长以上才能看这一页" in chinese
    assert "审核员" in chinese
    assert "This page is for leads and admins." in english
    watched.context.close()


def test_the_first_admins_page_does_so_in_both(browser: Browser, nobody: tuple[str, str]) -> None:
    base, token = nobody
    watched = WatchedPage(browser, base)
    for address, words in (
        (f"review/welcome?token={token}", "the first admin"),
        ("review/welcome?token=other", "no longer works"),
        ("review/login", "There is no user yet"),
    ):
        watched.page.goto(base + address)
        assert words in both_ways(watched.page)[1]
    watched.context.close()


def test_a_key_without_a_message_is_told_in_the_console(browser: Browser, base: str) -> None:
    watched = WatchedPage(browser, base)
    said: Any = watched.page.evaluate("import('./static/i18n.js').then(({ t }) => t('no.such.key'))")
    assert said == "no.such.key"
    assert watched.faults == ["no message no.such.key"]
    watched.context.close()


def test_no_page_asks_for_its_messages(browser: Browser, base: str) -> None:
    """They come with the page: one round trip fewer, and never those of another version."""
    watched = WatchedPage(browser, base)
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url.removeprefix(base)))
    sign_in(watched.page, base)
    watched.page.goto(f"{base}review/")
    watched.page.wait_for_selector("#idle")
    assert "static/i18n.js" in asked
    assert not [url for url in asked if url.endswith(".json")]
    assert len(pages().catalogue.for_scripts("review")) < 300
    watched.context.close()
