"""The truth out of a store (SQLite and PostgreSQL): what counts, what does not, and that closing a window is a decision."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from serving.audit.audits import Window
from serving.audit.report import build, estimates
from serving.audit.windows import close
from serving.labels.tables import corrections
from serving.store import Store
from serving.store.tables import audit_windows, blind_rates, logbook, review_items
from tests.serving.audit.builders import NOW, audited, item, put, said, ticket
from tests.serving.builders import run, taxonomy
from tests.serving.store import databases as database_fixtures
from triage.errors import ConflictError, InputError

OPEN = Window(None, NOW)


store, house = database_fixtures.any_store, database_fixtures.sqlite_store


def figures(store: Store, window: Window = OPEN) -> dict[str, Any]:
    return run(store.read(lambda c: estimates(c, taxonomy(), window, NOW)))


def hundred(store: Store) -> None:
    """100 automatic tickets, 20 drawn at 0.2: 15 answered (3 wrong), 3 open, 1 late, 1 void."""
    rows = [ticket(f"T-{i}", channel="app" if i % 2 else "chat") for i in range(100)]
    items, answers = [], []
    for i in range(15):
        asked, answer = audited(f"T-{i}", "refund" if i < 3 else "logistics", rate=0.2)
        items.append(asked)
        answers.append(answer)
    items += [item(f"T-{i}", rate=0.2) for i in (15, 16, 17)]
    items += [item("T-18", rate=0.2, created_at=NOW - timedelta(days=8)), item("T-19", rate=0.2, state="void")]
    put(store, rows, items, answers)


def test_the_figure_and_how_complete_it_is(store: Store) -> None:
    hundred(store)
    found = figures(store)
    audits = found["audits"]
    assert {k: audits[k] for k in ("drawn", "answered", "open", "late", "void", "missing")} == {
        "drawn": 20, "answered": 15, "open": 3, "late": 1, "void": 1, "missing": 5,
    }  # fmt: skip
    assert audits["consistent"]
    assert audits["rates"] == [{"rate": 0.2, "drawn": 20, "answered": 15}]
    category = found["heads"]["category"]
    assert (category["all"]["n"], category["all"]["wrong"], category["all"]["error"]) == (15, 3, 0.2)
    assert (category["all"]["method"], category["all"]["population"]) == ("hypergeometric", 100)
    assert category["worst"] == {"low": 0.15, "high": 0.4}
    assert set(category["by"]["channel"]) == {"app", "chat"}
    assert category["by"]["channel"]["chat"]["population"] == 50
    assert category["by"]["class"]["logistics"]["n"] == 15
    assert category["by"]["version"]["7"]["wrong"] == 3
    assert found["heads"]["sentiment"]["all"]["method"] == "clopper_pearson"
    assert found["heads"]["urgency"]["all"]["n"] == 0, "urgency was only suggested: no automatic answer"


def test_only_standing_blind_answers_about_automatic_tickets_of_the_window_count(store: Store) -> None:
    rows = [ticket(f"T-{i}") for i in range(5)]
    rows += [
        ticket("S", action="suggest"),
        ticket("old", received_at=NOW - timedelta(days=40)),
        ticket("new", received_at=NOW),
    ]
    pairs = [audited(row["ticket_id"], "refund", rate=1.0) for row in rows]
    items, answers = [p[0] for p in pairs], [p[1] for p in pairs]
    answers[0]["withdrawn_at"] = NOW  # undone
    items[0]["state"] = "open"
    answers[1]["blind"] = False  # had seen the prediction
    answers[2]["source"], answers[2]["blind"] = "helpdesk", None
    put(store, rows, items, answers)
    found = figures(store, Window(NOW - timedelta(days=7), NOW))
    assert found["automatic"] == 5
    assert found["audits"]["drawn"] == 5
    assert found["audits"]["answered"] == 2
    assert found["heads"]["category"]["all"]["wrong"] == 2
    assert (found["naive"]["n"], found["naive"]["wrong"]) == (5, 2)


def test_of_two_blind_answers_the_first_counts_unless_a_lead_settled_it_blind(store: Store) -> None:
    put(store, [ticket("T-1"), ticket("T-2"), ticket("T-3")])
    items, answers = [], []
    for name, settled in (("T-1", None), ("T-2", True), ("T-3", False)):
        first, right = audited(name, "logistics", rate=1.0)
        other, wrong = audited(name, "refund", rate=1.0, by="小李", copy=1)
        wrong["at"] = right["at"] - timedelta(minutes=5)  # the second reviewer was quicker
        items += [first, other]
        answers += [wrong, right]
        if settled is not None:
            items.append(item(name, reason="conflict", copy=2, state="done", rate=1.0))
            answers.append(
                said(
                    name,
                    "组长",
                    category="refund",
                    source="lead",
                    blind=settled,
                    reason="conflict",
                    item_id=items[-1]["id"],
                )
            )
    put(store, [], items, answers)
    found = figures(store)
    assert found["audits"]["drawn"] == 3
    assert (found["heads"]["category"]["all"]["n"], found["heads"]["category"]["all"]["wrong"]) == (3, 1)
    whole = run(store.read(lambda c: build(c, taxonomy(), NOW)))
    assert whole["agreement"]["category"]["all"]["tickets"] == 3
    assert whole["agreement"]["category"]["blind"]["observed"] == 0.0
    assert whole["confusion"]["category"]["pairs"] == [{"a": "logistics", "b": "refund", "tickets": 3.0, "share": 1.0}]
    assert (whole["conflicts"]["open"], whole["conflicts"]["settled"]) == (1, 2)
    assert whole["conflicts"]["tickets"][0]["ticket_id"] == "T-1"
    assert whole["conflicts"]["queue"]["done"] == 2
    for name in ("小王", "小李", "组长"):
        assert name not in json.dumps(whole, ensure_ascii=False), "no figure per person"


def test_tickets_that_came_while_the_audit_was_off_are_not_estimated(store: Store) -> None:
    def switch(c: Any) -> None:
        for days, rate in ((6, 0.5), (4, 0.0), (2, 1.0)):
            c.execute(insert(blind_rates), {"since": NOW - timedelta(days=days), "rate": rate})

    run(store.write(lambda c: c.execute(delete(blind_rates))))
    run(store.write(switch))
    rows = [ticket(f"T-{i}", received_at=NOW - timedelta(days=i % 8, hours=1)) for i in range(80)]
    drawn = [r["ticket_id"] for r in rows if r["received_at"] >= NOW - timedelta(days=2)]
    pairs = [audited(name, "refund", rate=1.0) for name in drawn]
    pairs += [audited(r["ticket_id"], "refund", rate=0.5) for r in rows[4::8]]
    put(store, rows, [p[0] for p in pairs], [p[1] for p in pairs])
    found = figures(store)
    assert (found["automatic"], found["covered"]) == (80, 40)
    assert found["heads"]["category"]["all"]["population"] == 40
    assert found["heads"]["category"]["by"]["channel"]["chat"]["population"] == 40


def test_an_audit_that_was_off_for_a_while_claims_no_population(house: Store) -> None:
    put(house, [ticket(f"T-{i}") for i in range(4000)])
    pairs = [audited(f"T-{i}", "logistics", rate=0.05) for i in range(20)]
    put(house, [], [p[0] for p in pairs], [p[1] for p in pairs])
    found = figures(house)
    assert not found["audits"]["consistent"]
    assert found["heads"]["category"]["all"]["population"] is None
    assert found["heads"]["category"]["all"]["method"] == "clopper_pearson"


def test_an_empty_store_has_nothing_to_say(store: Store) -> None:
    found = run(store.read(lambda c: build(c, taxonomy(), NOW)))
    assert found["heads"]["category"]["all"]["error"] is None
    assert found["audits"]["missing_share"] is None
    assert found["windows"] == []


def test_closing_writes_the_estimates_and_the_next_window_starts_there(store: Store) -> None:
    hundred(store)
    cut = NOW - timedelta(hours=6)

    def shut(until: Any, force: bool = False) -> Any:
        return run(store.write(lambda c: close(c, taxonomy(), until=until, by="组长", now=NOW, force=force)))

    with pytest.raises(ConflictError, match=r"抽了 20 张盲审，还有 5 张（25%）没人答"):
        shut(cut)
    with pytest.raises(InputError, match="还没有到"):
        shut(NOW + timedelta(minutes=1))
    assert run(store.read(lambda c: c.execute(select(audit_windows)).all())) == []
    run(
        store.write(
            lambda c: c.execute(update(review_items).where(review_items.c.ticket_id == "T-19").values(state="done"))
        )
    )
    report = shut(cut, force=True)
    assert report["forced"]
    row = run(store.read(lambda c: c.execute(select(audit_windows)).one()))
    assert (row.until, row.by) == (cut, "组长")
    assert json.loads(row.report)["heads"]["category"]["all"]["error"] == 0.2
    happened = run(store.read(lambda c: c.execute(select(logbook)).one()))
    assert happened.what == "audit_closed"
    assert json.loads(happened.detail)["forced"]
    with pytest.raises(InputError, match="已经报告过了"):
        shut(cut)
    after = run(store.read(lambda c: build(c, taxonomy(), NOW)))
    assert after["automatic"] == 0
    assert after["windows"][0]["heads"]["category"]["error"] == 0.2
    with pytest.raises(ConflictError, match="没有抽到盲审工单"):
        shut(NOW)


def test_a_blind_answer_is_found_by_its_ticket(store: Store) -> None:
    """Whoever answers blind answers for the ticket, whichever copy they had on the screen."""
    asked, _ = audited("T-1", "refund", rate=1.0)
    other, answer = audited("T-1", "refund", rate=1.0, copy=1)
    asked["state"] = "open"
    put(store, [ticket("T-1")], [asked, other], [answer])
    assert figures(store)["audits"]["answered"] == 1
    assert run(store.read(lambda c: c.execute(select(corrections)).all()))
