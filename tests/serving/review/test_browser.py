"""The review pages in a real browser: people at work, by keyboard, on the real application and store."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from serving.jobs.runner import Runner
from serving.labels.tables import corrections
from serving.people.guard import Guard
from serving.people.sessions import COOKIE
from serving.settings import Settings
from serving.store import Store
from serving.store.tables import review_items, skips, tickets
from tests.serving.builders import app_of, corrections_of, taxonomy
from tests.serving.people.builders import PASSWORD, Clock, make_guard
from tests.serving.web.browsers import CONTRAST, WatchedPage, running
from triage.prediction import Evidence, HeadPrediction, Prediction
from triage.taxonomy import HEADS, Taxonomy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SURE, UNSURE = 0.987654, 0.456789
"""Confidences that can be found again wherever they should not be."""

COMPLAINTS = ("杯子碎了要换", "耳机没声音", "发票抬头写错", "券用不了", "退款没到账", "物流停在中转站", "师傅没上门",
    "登录不上", "客服骂人", "还不发货", "付款失败", "表带太短想退", "赠品没给", "锅掉漆", "快递放错门", "会员没续上",
    "价保被拒", "少发一件", "收到假货", "安装费太高", "颜色不对", "手机发烫", "改地址", "退货没人取", "红包没到账",
    "衣服起球", "重复扣款", "缺配件", "想合并订单", "查不到轨迹")  # fmt: skip


class Sees:
    """A model whose answers a test can foresee: sure of what says 谢谢, unsure of all else."""

    def __init__(self) -> None:
        self.heads = {name: head.codes for name, head in taxonomy().heads.items()}
        self.manifest: dict[str, Any] = {}

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        sure = "谢谢" in text
        said = ("promotion", "low", "positive") if sure else ("logistics", "high", "negative")
        labels = [*said, *(codes[0] for name, codes in self.heads.items() if name not in HEADS)]
        p = SURE if sure else UNSURE
        heads = {
            name: HeadPrediction(
                label,
                p,
                "auto" if sure else "suggest",
                codes,
                tuple(p if code == label else (1 - p) / (len(codes) - 1) for code in codes),
            )
            for (name, codes), label in zip(self.heads.items(), labels, strict=True)
        }
        return Prediction(heads, (Evidence("category", 0, 2, text[:2], 1.5), Evidence("urgency", 2, 3, text[2:3], 0.4)))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: Playwright has an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class Shop:
    """A running service with people in it."""

    def __init__(self, base: str, guard: Guard, clock: Clock, jobs: Runner) -> None:
        self.base, self.store, self.guard, self.clock, self.jobs = base, guard.store, guard, clock, jobs

    def send(self, *texts: str) -> None:
        body = {"tickets": [{"ticket_id": f"T-{text[:40]}", "text": text, "channel": "chat"} for text in texts]}
        response = httpx.post(f"{self.base}v1/triage/batch", json=body, timeout=60)
        assert response.json()["failed"] == 0
        assert run(self.jobs.drain())

    def read(self, statement: Any) -> list[Any]:
        return self.store.read_now(lambda connection: list(connection.execute(statement)))

    def answers(self) -> dict[str, tuple[str | None, ...]]:
        """Ticket -> labels of what counts."""
        standing = [one for one in corrections_of(self.store) if one.withdrawn_at is None]
        return {one.ticket_id.removeprefix("T-"): tuple(one.labels.get(head) for head in HEADS) for one in standing}


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """All sure tickets are in the blind audit; a parameter is the share that two people are asked about."""
    clock = Clock()
    store = Store(f"sqlite:///{tmp_path / 'fendan.db'}")
    guard = make_guard(store, clock)
    for name, role in (("小王", "reviewer"), ("小陈", "reviewer"), ("老李", "lead")):
        run(guard.accounts.add(name, role, PASSWORD, by="test"))
    settings = Settings(overlap_share=getattr(request, "param", 0.0), random_share=0.0, blind_rate=1.0)
    app = app_of(store, settings, guard=guard, model=Sees(), clock=clock)
    with running(app.asgi) as base:
        yield Shop(base, guard, clock, app.jobs)
    store.close()


class Reviewer(WatchedPage):
    """Somebody signed in at the desk, who uses keys alone."""

    def __init__(
        self, browser: Browser, shop: Shop, name: str, path: str = "review/", *, reads: bool = False, **options: Any
    ) -> None:
        self.shop = shop
        self.bodies: list[str] = []
        super().__init__(browser, shop.base, **options)
        if reads:
            self.context.on("response", self._read)
        self.page.goto(shop.base + path)
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{shop.base}{path}*")

    def _read(self, response: Any) -> None:
        if "json" in response.headers.get("content-type", ""):
            self.bodies.append(response.text())

    def text(self) -> str:
        """The ticket on the screen."""
        return str(self.page.inner_text("#ticket .words"))

    def ready(self) -> str:
        self.page.wait_for_selector("#ticket .words:visible")
        return self.text()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def chosen(self) -> dict[str, str]:
        return dict(
            self.page.eval_on_selector_all("#heads input:checked", "nodes => nodes.map(n => [n.name, n.value])")
        )

    def step(self, *keys: str) -> str:
        """Presses ``keys`` and waits for another ticket; gives the text of the one that was answered."""
        before = self.text()
        self.press(*keys)
        self.page.wait_for_function(
            "before => { const w = document.querySelector('#ticket .words'); const r = document.querySelector('#review');"
            " return r.hidden || (w && w.innerText !== before) }",
            arg=before,
        )
        return before

    def settled(self) -> None:
        """Waits until everything is stored."""
        self.page.wait_for_function("() => !document.querySelector('.saving')")


Enter = Callable[..., Reviewer]


@pytest.fixture
def enter(browser: Browser, shop: Shop) -> Iterator[Enter]:
    """Lets people in; at the end nothing may have gone wrong in any of their browsers."""
    inside: list[Reviewer] = []

    def come(name: str, path: str = "review/", **options: Any) -> Reviewer:
        inside.append(Reviewer(browser, shop, name, path, **options))
        return inside[-1]

    yield come
    for person in inside:
        assert person.faults == []
        person.context.close()


def test_twenty_by_keyboard_one_taken_back_one_skipped_none_twice(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS)
    wang, chen = enter("小王"), enter("小陈")
    wang.ready()
    chen.ready()
    mine: list[str] = []
    for n in range(20):
        wang.ready()
        chen.ready()
        assert wang.chosen() == {"category": "logistics", "urgency": "high", "sentiment": "negative"}
        assert chen.text() not in (wang.text(), *mine)
        mine.append(wang.step("6", "u", "3", "s", "2", "Enter") if n % 2 else wang.step("Enter"))
        if n % 5 == 0:
            assert chen.step("Enter") not in mine
    wang.settled()
    said = shop.answers()
    assert len(set(mine)) == 20
    for n, text in enumerate(mine):
        assert said[text] == (("quality_issue", "normal", "neutral") if n % 2 else ("logistics", "high", "negative"))
    assert "今天 20 张" in wang.page.inner_text("#progress")

    waiting = wang.ready()
    assert wang.step("z") == waiting
    assert wang.text() == mine[-1]
    assert wang.chosen() == {"category": "quality_issue", "urgency": "normal", "sentiment": "neutral"}
    assert mine[-1] not in shop.answers()
    wang.press("c", "w", "n")
    wang.page.keyboard.type("客户说要曝光 nk")
    wang.press("Control+Enter")
    wang.page.wait_for_function("text => document.querySelector('#ticket .words').innerText === text", arg=waiting)
    wang.settled()
    assert shop.answers()[mine[-1]] == ("complaint", "normal", "neutral")

    with wang.page.expect_response("**/skip"):  # of a skip nothing would be lost, so the page does not say "saving"
        skipped = wang.step("k")
    assert [row.by for row in shop.read(select(skips))] == ["小王"]
    assert skipped not in shop.answers()
    notes = shop.read(select(corrections.c.note).where(corrections.c.note != ""))
    assert [row.note for row in notes] == ["客户说要曝光 nk"]


def test_a_blind_ticket_tells_nothing(enter: Enter, shop: Shop) -> None:
    shop.send("包裹很好谢谢你们", "衣服很合身谢谢")
    wang = enter("小王", reads=True)
    wang.ready()
    assert wang.page.inner_text(".badge") == "盲审"
    assert wang.chosen() == {}
    shown = wang.text()
    wang.press("Enter")
    assert wang.page.locator(".asked:visible").count() == 3
    assert wang.text() == shown
    for path in ("review/search", "review/tickets/T-包裹很好谢谢你们"):
        other = wang.context.new_page()
        other.goto(shop.base + path)
        other.wait_for_selector(".row, .step")
        looked = other.inner_text("#main")
        assert "优惠活动" not in re.sub(r"分类\s*不限.*?其他", "", looked, flags=re.DOTALL)
        assert "98" not in looked
        other.close()
    messages = r'<script type="application/json" id="messages">.*?</script>'  # what a page can say, of no ticket
    dom = re.sub(messages, "", wang.page.content(), flags=re.DOTALL)
    for trace in ("987654", "98.8", "99%", "预测 ", "<mark"):
        assert trace not in dom
    assert wang.page.locator("#heads input:checked, #heads .guess:visible, .guide .chosen").count() == 0
    for body in wang.bodies:
        assert "0.98" not in body
        assert "promotion" not in body
        for card in (json.loads(body).get("card"),):
            if card and card["blind"]:
                assert [card[key] for key in ("decision", "evidence", "doubt")] == [None] * 3
    assert wang.step("5", "2", "1", "Enter") == shown
    wang.settled()
    assert shop.answers()[shown] == ("logistics", "high", "negative")
    assert [row.blind for row in shop.read(select(corrections.c.blind))] == [True]


@pytest.mark.parametrize("shop", [1.0], indirect=True)
def test_two_who_differ_are_settled_by_a_lead(enter: Enter, shop: Shop) -> None:
    shop.send("杯子碎了要换")
    for name, key in (("小王", "6"), ("小陈", "7")):
        person = enter(name)
        assert person.ready() == "杯子碎了要换"
        person.step(key, "Enter")
        person.settled()
    assert [row.reason for row in shop.read(select(review_items.c.reason).where(review_items.c.copy == 2))] == [
        "conflict"
    ]

    lead = enter("老李", "review/conflicts")
    lead.ready()
    assert lead.chosen() == {"urgency": "high", "sentiment": "negative"}
    table = lead.page.inner_text(".versus")
    assert "商品质量" in table
    assert "退货换货" in table
    assert "小王" not in lead.page.inner_text("#main")
    assert "小陈" not in lead.page.inner_text("#main")
    lead.press("7", "n")
    lead.page.keyboard.type("要换货")
    lead.press("Control+Enter")
    lead.page.wait_for_selector("#idle:visible")
    settled = [one for one in corrections_of(shop.store) if one.source == "lead"]
    told = [(one.labels["category"], one.by, one.note) for one in settled]
    assert told == [("return_exchange", "老李", "要换货")]

    lead.page.goto(f"{shop.base}review/tickets/T-杯子碎了要换")
    lead.page.wait_for_selector(".step")
    told = lead.page.inner_text("#history")
    for part in ("收到并分单", "有人给出答案", "看过预测", "老李 给出答案", "组长裁定", "要换货"):
        assert part in told


def test_an_answer_outlives_the_session(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS[:6])
    wang = enter("小王")
    wang.ready()
    wang.page.wait_for_load_state("networkidle")  # the next one is there
    cookie = next(item["value"] for item in wang.context.cookies() if item["name"] == COOKIE)
    run(shop.guard.sessions.end(cookie))
    first = wang.step("6", "Enter")
    wang.page.wait_for_selector("#trouble:visible")
    assert "登录过期了" in wang.page.inner_text("#trouble")
    assert "没存上的：1 张" in wang.page.inner_text("#trouble")
    assert first not in shop.answers()
    with wang.context.expect_page() as opened:
        wang.page.click("#trouble .sign")
    door = opened.value
    door.fill("#name", "小王")
    door.fill("#password", PASSWORD)
    door.keyboard.press("Enter")
    door.wait_for_selector("#signed:visible")
    door.close()
    wang.page.click("#trouble button")
    wang.page.wait_for_selector("#trouble", state="hidden")
    wang.settled()
    assert shop.answers()[first] == ("quality_issue", "high", "negative")
    wang.faults = [fault for fault in wang.faults if "401" not in fault]  # a refused call is in the console, too


def test_an_answer_outlives_the_connection(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS[:4])
    wang = enter("小王")
    wang.ready()
    wang.page.wait_for_load_state("networkidle")
    wang.context.set_offline(True)
    first = wang.step("6", "Enter")
    wang.page.wait_for_selector("#trouble:visible")
    second = wang.text()
    wang.press("z")
    wang.page.wait_for_function("text => document.querySelector('#ticket .words').innerText === text", arg=first)
    assert wang.chosen()["category"] == "quality_issue"
    wang.step("9", "Enter")
    assert wang.text() == second
    wang.context.set_offline(False)  # the browser tells the page, and it goes on by itself
    wang.page.wait_for_selector("#trouble", state="hidden")
    wang.settled()
    assert shop.answers() == {first: ("invoice", "high", "negative")}
    wang.faults = [fault for fault in wang.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_faster_than_the_connection(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS[:6])
    wang = enter("小王")
    first = wang.ready()
    wang.page.wait_for_load_state("networkidle")
    held: list[Any] = []
    wang.page.route("**/submit", lambda route: route.continue_() if held[1:] else held.append(route))
    wang.step("Enter")
    second = wang.step("Enter")  # the third has not come yet: nothing is on the screen
    assert not wang.page.is_visible("#review")
    wang.press("Enter", "k")  # so there is nothing to answer or skip
    held.append("from now on all go through")
    held[0].continue_()
    third = wang.ready()
    wang.settled()
    assert third not in (first, second)
    assert list(shop.answers()) == [first, second]


def test_a_lost_ticket_comes_back_with_its_answer(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS[:3])
    wang = enter("小王")
    lost = wang.ready()
    wang.page.wait_for_load_state("networkidle")
    shop.clock.later(minutes=11)
    chen = enter("小陈")
    while chen.ready() != lost:
        chen.step("k")
    wang.press("6", "n")
    wang.page.keyboard.type("碎片伤手")
    wang.step("Control+Enter")
    wang.page.wait_for_selector(".flash:visible")
    wang.step("k")
    assert wang.text() == lost
    assert "没有存上" in wang.page.inner_text("#again")
    assert wang.chosen()["category"] == "quality_issue"
    assert wang.page.input_value("#note") == "碎片伤手"
    wang.faults = [fault for fault in wang.faults if "409" not in fault]


NAMES = """() => [...document.querySelectorAll("a, button, input, select, textarea, [tabindex='0'], summary")]
  .filter((n) => n.checkVisibility() && n.type !== "hidden")
  .filter((n) => !(n.getAttribute("aria-label") || n.labels?.[0]?.textContent.trim() || n.textContent.trim()))
  .map((n) => n.outerHTML.slice(0, 120))"""
"""Everything that can be reached and has no name."""

RINGS = """() => { const n = document.activeElement, box = n.matches("[type=radio]") ? n.nextElementSibling : n;
  return n === document.body || getComputedStyle(box).outlineStyle !== "none" && parseFloat(getComputedStyle(box).outlineWidth) >= 1 }"""
"""Whether what has the focus shows it."""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_readable_named_and_inside_the_window(enter: Enter, shop: Shop, theme: str, width: int) -> None:
    shop.send(*COMPLAINTS[:3], "快递没到" + "https://example.invalid/" + "x" * 300, "衣服很合身谢谢")
    look: Any = {"width": width, "height": 900}
    lead = enter("老李", color_scheme=theme, viewport=look, reduced_motion="reduce")
    lead.ready()

    def check(where: str) -> None:
        page = lead.page
        assert page.evaluate(CONTRAST) == [], where
        assert page.evaluate(NAMES) == [], where
        for language in range(2):
            page.click("#language")
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) <= 0, (where, language)

    check("desk")
    for _ in range(4):
        lead.press("Tab")
        assert lead.page.evaluate(RINGS)
    lead.press("?")
    lead.page.wait_for_selector("#help[open]")
    assert lead.page.evaluate(CONTRAST) == []
    lead.press("Escape")
    for path, sign in (
        ("home", "#today:not(:empty)"),
        ("search", ".row"),
        ("tickets/T-锅掉漆", "#fault:visible"),
        ("conflicts", "#idle:visible"),
    ):
        lead.page.goto(f"{shop.base}review/{path}")
        lead.page.wait_for_selector(sign)
        check(path)
    lead.faults = [fault for fault in lead.faults if "404" not in fault]


def test_groups_are_real_and_what_comes_is_said(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS[:3])
    wang = enter("小王")
    text = wang.ready()
    page: Page = wang.page
    assert page.locator("fieldset legend").count() == 3
    assert page.get_by_role("radio", name="物流配送").is_checked()
    assert page.get_by_role("group", name="紧急程度").count() == 1
    said = page.inner_text("#said")
    assert text in said
    assert "预测：物流配送，高，负面。" in said
    assert page.evaluate("document.activeElement.value") == "logistics"
    page.keyboard.press("?")
    page.click("#single")
    page.keyboard.press("Escape")
    page.keyboard.press("6")
    assert wang.chosen()["category"] == "logistics"  # single keys are off
    page.reload()
    wang.ready()
    page.keyboard.press("k")
    page.keyboard.press("6")
    assert wang.chosen()["category"] == "logistics"


@pytest.fixture
def own_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop of this test asks one more question."""
    data = taxonomy().to_mapping()
    labels = [{"code": "shoes", "name": "鞋靴"}, {"code": "phones", "name": "手机"}]
    data["heads"]["product_line"] = {"title": "产品线", "labels": labels}
    own = Taxonomy.from_mapping(data)
    for module in (__name__, "tests.serving.builders"):
        monkeypatch.setattr(f"{module}.taxonomy", lambda: own)


def test_a_shops_own_head_is_asked_for_like_the_others(own_head: None, enter: Enter, shop: Shop) -> None:
    shop.send(COMPLAINTS[0])
    wang = enter("小王")
    wang.ready()
    page: Page = wang.page
    assert page.locator("fieldset legend").count() == 4
    assert page.get_by_role("group", name="产品线").count() == 1
    assert wang.chosen()["product_line"] == "shoes"
    assert "预测：物流配送，高，负面，鞋靴。" in page.inner_text("#said")
    page.check("#heads input[value=phones]", force=True)
    wang.press("Enter")
    page.wait_for_selector("#idle:visible")
    wang.settled()
    assert [one.labels["product_line"] for one in corrections_of(shop.store)] == ["phones"]
    page.goto(f"{shop.base}review/tickets/T-{COMPLAINTS[0]}")
    page.wait_for_selector(".step .chip[data-head=product_line]")
    assert page.inner_text(".step[data-kind=corrected] .chip[data-head=product_line]") == "手机"
    page.goto(shop.base)
    page.fill("#text", COMPLAINTS[1])
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".head[data-head=product_line] .bar")


def test_a_rare_word_is_looked_for_to_the_end(enter: Enter, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call goes through a few tickets only; the page goes on from there by itself."""
    monkeypatch.setattr("serving.review.search.WINDOWS", (2, 2))
    shop.send(*COMPLAINTS)
    page = enter("小王", "review/search").page
    page.fill("#q", "杯子碎了")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('q=') && document.querySelector('.row')")
    page.wait_for_function("() => !document.querySelector('#rows[aria-busy]')")
    assert page.locator(".row").count() == 1
    page.fill("#q", "没有人这样说过")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#rows').textContent.startsWith('没有找到')")
    assert page.locator(".row").count() == 0


def test_search_finds_and_pages_on(enter: Enter, shop: Shop) -> None:
    shop.send(*COMPLAINTS)
    wang = enter("小王", "review/search")
    page = wang.page
    page.wait_for_selector(".row")
    shown = page.locator(".row").count()
    if page.is_visible("#more"):
        page.click("#more")
        page.wait_for_function("n => document.querySelectorAll('.row').length > n", arg=shown)
    assert page.locator(".row").count() == len(shop.read(select(tickets.c.ticket_id)))
    page.fill("#q", "耳机")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.row').length === 1")
    assert "q=" in page.url
    page.click(".row")
    page.wait_for_selector(".step")
    assert "耳机没声音" in page.inner_text("#history")
