"""Agreement of champion and challenger: figures that add up, the same from SQLite and PostgreSQL, and a page that says it."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from serving.ids import new_id
from serving.people.guard import Guard
from serving.rollout.agreement import Cell, agreement, report, share
from serving.store import Store
from serving.store.tables import shadow_answers
from tests.serving.builders import NOW, engine, run, taxonomy
from tests.serving.people.builders import PASSWORD, Browser, Clock, make_app, make_guard
from tests.serving.web.browsers import CONTRAST, WatchedPage, running
from triage.ticket import Ticket

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

CHROMIUM = Path("/usr/bin/chromium")
LABELS = st.sampled_from(["a", "b", "c"])
CELLS = st.lists(st.builds(Cell, LABELS, LABELS, st.booleans(), st.booleans(), st.integers(1, 500)), max_size=20)


@given(CELLS)
def test_figures_add_up(cells: list[Cell]) -> None:
    found = agreement(cells)
    n = sum(cell.n for cell in cells)
    assert found["n"] == n == found["agree"]["of"]
    assert sum(one["champion"] for one in found["classes"]) == n
    assert sum(one["challenger"] for one in found["classes"]) == n
    assert sum(one["agree"]["n"] for one in found["classes"]) == found["agree"]["n"]
    apart = sum(one["n"] for one in found["confusions"]) + found["further"]
    assert apart + found["agree"]["n"] == n
    counts = [one["n"] for one in found["confusions"]]
    assert counts == sorted(counts, reverse=True)
    auto = found["auto"]
    assert auto["differ"]["of"] <= min(auto["champion"]["n"], auto["challenger"]["n"])
    for one in (found["agree"], *auto.values(), *(c["agree"] for c in found["classes"])):
        if one["of"]:
            assert 0 <= one["low"] <= one["share"] <= one["high"] <= 1
        else:
            assert one["share"] is None


@given(CELLS, st.randoms())
def test_the_order_and_the_cut_of_the_rows_do_not_matter(cells: list[Cell], chance: random.Random) -> None:
    parts = [cell._replace(n=1) for cell in cells for _ in range(min(cell.n, 20))]
    chance.shuffle(parts)
    assert agreement(parts) == agreement([cell._replace(n=min(cell.n, 20)) for cell in cells])


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_is_wilsons(pair: tuple[int, int]) -> None:
    hits, of = pair
    found, other = share(hits, of), share(of - hits, of)
    assert found["low"] == pytest.approx(1 - other["high"], abs=1e-9)
    for end in (found["low"], found["high"]):  # where the score test is just at its limit (Wilson, 1927)
        if 0 < end < 1:
            assert (hits / of - end) ** 2 == pytest.approx(1.959963984540054**2 * end * (1 - end) / of, rel=1e-6)
    more = share(hits * 10, of * 10)
    assert more["high"] - more["low"] <= found["high"] - found["low"] + 1e-12


def test_an_interval_from_the_literature() -> None:
    """Newcombe (1998), table I: 81 of 263 by the score method."""
    found = share(81, 263)
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.2553, 0.3662)


def fill(store: Store, *, n: int = 60, challenger: str = "8", later: int = 0) -> list[tuple[str, str]]:
    """``n`` tickets that both versions answered; gives their categories."""
    rng = random.Random(11)
    codes = taxonomy().heads["category"].codes
    prefix = new_id()
    ids = [f"{prefix}-{i}" for i in range(n)]
    run(engine(store).triage([Ticket(ticket_id=ticket_id, text="没到") for ticket_id in ids]))
    said = []
    rows = []
    for ticket_id in ids:
        ours = rng.choice(codes[:6])
        theirs = ours if rng.random() < 0.8 else rng.choice(codes[:6])
        said.append((ours, theirs))
        answers = {
            head: {
                "label": theirs if head == "category" else taxonomy().heads[head].codes[0],
                "confidence": 0.9,
                "action": rng.choice(["auto", "suggest"]),
                "champion": ours if head == "category" else taxonomy().heads[head].codes[0],
                "champion_confidence": 0.9,
                "champion_action": rng.choice(["auto", "human"]),
            }
            for head in ("category", "urgency")
        }
        rows.append(
            {
                "ticket_id": ticket_id,
                "revision": 1,
                "model_version": challenger,
                "champion_version": "7",
                "answers": json.dumps(answers),
                "at": NOW + timedelta(minutes=later),
            }
        )
    run(store.write(lambda connection: connection.execute(insert(shadow_answers), rows) and None))
    return said


def test_the_database_counts_what_was_said(url: str) -> None:
    store = Store(url)
    said = fill(store)
    found: dict[str, Any] = run(store.read(report))
    category = found["heads"]["category"]
    assert category["agree"]["n"] == sum(ours == theirs for ours, theirs in said)
    assert {c["label"]: c["champion"] for c in category["classes"] if c["champion"]} == Counter(o for o, _ in said)
    assert {c["label"]: c["challenger"] for c in category["classes"] if c["challenger"]} == Counter(t for _, t in said)
    assert found["heads"]["urgency"]["agree"]["share"] == 1
    assert "sentiment" not in found["heads"]
    assert found["shown"]["first"] == NOW

    fill(store, n=5, challenger="9", later=1)
    newest: dict[str, Any] = run(store.read(report))
    assert [(p["challenger"], p["n"]) for p in newest["pairs"]] == [("9", 5), ("8", 60)]
    assert newest["shown"]["challenger"] == "9"

    def named(connection: Connection) -> dict[str, Any]:
        return report(connection, "8", "7")

    assert run(store.read(named))["heads"] == found["heads"]
    assert run(store.read(lambda connection: report(connection, "none")))["shown"] is None
    store.close()


# The page


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path_factory.mktemp('page')}/fendan.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def guard(store: Store) -> Guard:
    made = make_guard(store, Clock())
    run(made.accounts.add("小王", "reviewer", PASSWORD, by="t"))
    return made


def test_without_answers_and_with_them(store: Store, guard: Guard) -> None:
    browser = Browser(make_app(guard))
    assert browser.get("/insight/shadow").status_code == 303
    assert browser.get("/insight/api/shadow").status_code == 401
    browser.sign_in("小王")
    page = browser.get("/insight/shadow")
    assert page.status_code == 200
    assert "还没有可比的工单" in page.text
    assert browser.get("/insight/api/shadow").json() == {
        "pairs": [],
        "shown": None,
        "heads": {},
        "state": {"state": "off"},
    }
    fill(store)
    fill(store, n=3, challenger="6", later=-1)
    page = browser.get("/insight/shadow")
    assert "冠军 7 与挑战者 8：60 张工单" in page.text
    assert re.findall(r"\son\w+=|\sstyle=|<style", page.text) == []
    assert "3 张工单" in browser.get("/insight/shadow?challenger=6&champion=7").text
    shown = browser.get("/insight/api/shadow").json()
    assert shown["heads"]["category"]["n"] == 60
    assert str(shown["heads"]["category"]["agree"]["n"] * 100 // 60) in page.text


@pytest.fixture(scope="module")
def third(store: Store, guard: Guard) -> None:
    """A third pair; made before Playwright's loop runs in this thread."""
    fill(store, n=40, challenger="10", later=5)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.browser
def test_readable_in_both_themes_and_languages_at_any_width(third: None, chromium: Chromium, guard: Guard) -> None:
    with running(make_app(guard)) as base:
        for theme in ("light", "dark"):
            for width in (390, 1280):
                options: Any = {"color_scheme": theme, "viewport": {"width": width, "height": 900}}
                watched = WatchedPage(chromium, f"{base}review/login", reduced_motion="reduce", **options)
                page = watched.page
                page.fill("input[name=name]", "小王")
                page.fill("input[name=password]", PASSWORD)
                page.click("form button[type=submit]:visible")
                page.goto(f"{base}insight/shadow")
                for _ in range(2):
                    assert page.evaluate(CONTRAST) == []
                    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    assert page.evaluate(wider) <= 0
                    page.click("#language")
                page.click("#language")
                assert page.inner_text("h1") == "Champion and challenger"
                assert "Champion 7 and challenger 10: 40 tickets" in page.inner_text("#who")
                assert "Category" in page.inner_text(".heads")
                assert [fault for fault in watched.faults if not fault.startswith(base)] == []
                watched.context.close()
