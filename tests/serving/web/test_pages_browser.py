"""The page to try a ticket on: how it behaves in a real browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from serving.clock import utc_now
from serving.store import Store
from tests.serving.builders import app_of
from tests.serving.web.browsers import CONTRAST, WatchedPage, running
from triage.paths import ROOT
from triage.prediction import Evidence, HeadPrediction, Prediction
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TAXONOMY = Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8")))


class KnowsOneWord:
    """A model whose answer a test can foresee: the page is the subject here, not the model."""

    def __init__(self) -> None:
        self.heads = {name: head.codes for name, head in TAXONOMY.heads.items()}
        self.manifest: dict[str, Any] = {}

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        at = text.find("没收到")
        labels = ("logistics", "high", "negative") if at >= 0 else ("other", "low", "neutral")
        heads = {
            name: HeadPrediction(
                label, 0.9, "auto", codes, tuple(0.9 if c == label else 0.1 / (len(codes) - 1) for c in codes)
            )
            for (name, codes), label in zip(self.heads.items(), labels, strict=True)
        }
        found = (Evidence("category", at, at + 3, "没收到", 1.5), Evidence("urgency", at, at + 1, "没", 0.2))
        return Prediction(heads, found if at >= 0 else ())


class Watched(WatchedPage):
    """The page to try a ticket on."""

    def triage(self, text: str) -> Page:
        self.page.fill("#text", text)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_selector("#result[aria-busy=false] #queue")
        return self.page


def serve(folder: Path, model: KnowsOneWord | None) -> Iterator[str]:
    """The real application on a port of its own."""
    store = Store(f"sqlite:///{folder / 'fendan.db'}")
    with running(app_of(store, model=model, clock=utc_now).asgi) as base:
        yield base
    store.close()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("served"), KnowsOneWord())


@pytest.fixture(scope="module")
def modelless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("modelless"), None)


@pytest.mark.browser
def test_type_submit_switch_language_click_an_example(browser: Browser, base: str) -> None:
    watched = Watched(browser, base)
    shown = watched.triage("快递显示签收了可我没收到")
    assert shown.inner_text("#queue") == "物流配送"
    assert shown.inner_text("#priority") == "P2"
    assert "紧急程度：高" in shown.inner_text(".chips")
    assert shown.inner_text("#said") == "物流配送，P2，自动分派。"

    shown.click("#language")
    assert shown.inner_text("#queue") == "Delivery"
    assert shown.inner_text("h1") == "Try a ticket"
    assert "Urgency: High" in shown.inner_text(".chips")
    assert shown.get_attribute("html", "lang") == "en"

    examples = shown.locator("#examples button")
    assert examples.count() == 8
    examples.nth(1).click()
    from playwright.sync_api import expect

    expect(shown.locator("#queue")).to_have_text("Other")
    assert shown.input_value("#customer_tier") == "vip"
    assert "Customer: VIP" in shown.inner_text(".chips")
    assert watched.faults == []


@pytest.mark.browser
def test_choices_are_remembered(browser: Browser, base: str) -> None:
    watched = Watched(browser, base)
    watched.page.click("#language")
    watched.page.click("#theme")
    watched.page.click("#theme")
    watched.page.reload()
    assert watched.page.inner_text("h1") == "Try a ticket"
    assert watched.page.inner_text("#theme-name") == "Dark"
    assert watched.page.get_attribute("html", "data-theme") == "dark"
    assert watched.faults == []


@pytest.mark.browser
def test_words_are_marked_after_emoji_and_for_the_chosen_head(browser: Browser, base: str) -> None:
    watched = Watched(browser, base)
    shown = watched.triage("😡👨‍👩‍👧🇨🇳 <b>快递</b>没收到")
    assert shown.locator(".words mark").all_inner_texts() == ["没收到"]
    assert shown.inner_text(".words") == "😡👨‍👩‍👧🇨🇳 <b>快递</b>没收到"
    shown.get_by_role("radio", name="紧急程度：高").check(force=True)
    assert shown.locator(".words mark").all_inner_texts() == ["没"]
    shown.get_by_role("radio", name="情绪：负面").check(force=True)
    assert shown.locator(".words mark").count() == 0
    assert shown.inner_text(".words-note") == "这一项没有突出的词。"
    assert watched.faults == []


@pytest.mark.browser
def test_the_call_shown_is_the_call_made(browser: Browser, base: str) -> None:
    watched = Watched(browser, base)
    watched.page.fill("#order_amount", "88.5")
    watched.page.select_option("#channel", "chat")
    shown = watched.triage("it's 没收到")
    shown.click("details[data-name=curl] summary")
    curl = shown.inner_text("details[data-name=curl] pre")
    assert f"curl -sS '{base}v1/triage?dry_run=true'" in curl
    assert curl.endswith("""-d '{"text":"it'\\''s 没收到","channel":"chat","order_amount":88.5}'""")
    shown.click("details[data-name=json] summary")
    assert '"queue": "logistics"' in shown.inner_text("details[data-name=json] pre")


@pytest.mark.browser
def test_an_error_is_shown_where_it_belongs_in_the_readers_language(browser: Browser, base: str) -> None:
    watched = Watched(browser, base)
    watched.page.fill("#order_amount", "一千")
    watched.page.fill("#text", "x")
    watched.page.click("#send")
    watched.page.wait_for_selector("#fault:visible")
    fault = watched.page.inner_text("#fault")
    assert fault.startswith("order_amount 应是不小于 0 的数（元）")
    assert "收到的是 '一千'" in fault
    assert watched.page.get_attribute("#order_amount", "aria-invalid") == "true"
    assert watched.page.evaluate("document.activeElement.id") == "order_amount"
    watched.page.click("#language")
    assert watched.page.inner_text("#fault").startswith("The field “order_amount” is not valid.")
    watched.page.fill("#order_amount", "1000")
    watched.triage("没收到")
    assert not watched.page.is_visible("#fault")
    watched.context.set_offline(True)
    watched.page.click("#send")
    watched.page.wait_for_selector("#fault:visible")
    assert watched.page.inner_text("#fault").startswith("Cannot reach the service.")


@pytest.mark.browser
def test_without_a_model_it_says_so(browser: Browser, modelless: str) -> None:
    watched = Watched(browser, modelless)
    shown = watched.triage("快递没收到")
    assert shown.inner_text("#queue") == "人工分派"
    assert shown.inner_text(".banner strong") == "没有可用的模型"
    assert shown.locator(".heads, .words").count() == 0
    assert "%" not in shown.inner_text("#decision")
    assert watched.faults == []


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_readable_and_inside_the_window(browser: Browser, base: str, theme: Any, width: int) -> None:
    viewport: Any = {"width": width, "height": 900}
    watched = Watched(browser, base, color_scheme=theme, viewport=viewport, reduced_motion="reduce")
    assert watched.page.evaluate(CONTRAST) == []
    shown = watched.triage("快递没收到" + "https://example.invalid/" + "x" * 300)
    assert shown.evaluate(CONTRAST) == []
    for language in range(2):
        shown.click("#language")
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert shown.evaluate(wider) <= 0, language


@pytest.mark.browser
def test_everything_has_a_name_and_can_be_reached_by_keyboard(browser: Browser, base: str) -> None:
    watched = Watched(browser, base)
    shown = watched.triage("快递没收到")
    reached = []
    for _ in range(60):  # enough to come round once, wherever the focus began
        shown.keyboard.press("Tab")
        name = shown.evaluate(
            "(() => { const n = document.activeElement; return n === document.body ? '' :"
            " n.getAttribute('aria-label') || n.labels?.[0]?.textContent || n.textContent })()"
        )
        reached.append(name.strip())
    for wanted in (
        "跳到正文",
        "客户的话",
        "客户等级",
        "订单金额（元）",
        "分单",
        "VIP 老会员要讨说法",
        "分类：物流配送",
        "完整的 JSON",
    ):
        assert any(wanted in name for name in reached), (wanted, reached)
