"""Search and the history of a ticket: what is found, page by page, and what a blind ticket keeps to itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.ids import new_id
from serving.labels.corrections import NewCorrection
from serving.review.search import Wanted, escaped, search, ticket
from serving.store import Store
from tests.serving.builders import NOW, correct, run
from tests.serving.review.builders import Clock, auto, desk, put, row
from triage.errors import NotFoundError


def ids(store: Store, **wanted: Any) -> list[str]:
    """What is found, all pages together."""
    out: list[str] = []
    after = None
    while True:
        asked = Wanted(**{"after": after, **wanted})
        rows, after = run(store.read(lambda connection, asked=asked: search(connection, asked)))
        out += [found["ticket_id"] for found in rows]
        if after is None:
            return out


def said(store: Store, ticket_id: str, by: str = "小王", **labels: str) -> None:
    correct(store, NewCorrection(new_id(), ticket_id, None, labels, "reviewer", by, "", NOW))


@pytest.fixture
def filled(any_store: Store) -> Store:
    words = ["快递没到", "退款没到", "100%正品_吗", "Hello快递\\", "快递丢了"]
    put(
        any_store,
        *(row(f"T-{i}", text, received_at=NOW + timedelta(hours=i), channel="app") for i, text in enumerate(words)),
        row("R-1", "钱没退", label="refund", queue="refund", received_at=NOW - timedelta(days=3)),
    )
    return any_store


def test_newest_first_and_filters(filled: Store) -> None:
    assert ids(filled) == ["T-4", "T-3", "T-2", "T-1", "T-0", "R-1"]
    assert ids(filled, q="快递") == ["T-4", "T-3", "T-0"]
    assert ids(filled, q="hello") == ["T-3"]
    assert ids(filled, q="R-1") == ["R-1"]
    assert ids(filled, q="R-1", category="logistics") == []
    assert ids(filled, category="refund") == ["R-1"]
    assert ids(filled, queue="refund", channel="chat") == ["R-1"]
    assert ids(filled, channel="app", since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3)) == ["T-2", "T-1"]
    assert ids(filled, q="没有这个词") == []


def test_what_a_pattern_would_mean_is_taken_as_it_is(filled: Store) -> None:
    assert ids(filled, q="%") == ["T-2"]
    assert ids(filled, q="_") == ["T-2"]
    assert ids(filled, q="\\") == ["T-3"]
    assert ids(filled, q="100%正品_") == ["T-2"]


@given(st.text())
def test_every_text_can_be_escaped(words: str) -> None:
    assert escaped(words).replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\").count("\\") <= words.count("\\")


def test_by_what_people_said(filled: Store) -> None:
    said(filled, "T-1", category="complaint", urgency="high")
    said(filled, "T-3", by="小李", category="refund")
    assert ids(filled, reviewed=True) == ["T-3", "T-1"]
    assert ids(filled, reviewed=False) == ["T-4", "T-2", "T-0", "R-1"]
    assert ids(filled, reviewer="小李") == ["T-3"]
    assert ids(filled, label="high") == ["T-1"]
    rows, _ = run(filled.read(lambda c: search(c, Wanted(label="high"))))
    assert rows[0]["labels"] == {"category": "complaint", "urgency": "high"}
    assert rows[0]["predicted"]["category"] == "logistics"


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_neither_lose_nor_repeat(store: Store, limit: int) -> None:
    moments = [NOW + timedelta(seconds=i // 4) for i in range(30)]  # many at one moment
    rows = [row(f"T-{i:02}", f"快递{i}", received_at=at) for i, at in enumerate(moments)]
    run(store.save(rows))
    everything = [f"T-{i:02}" for i in reversed(range(30))]
    assert ids(store, limit=limit) == everything
    assert ids(store, limit=limit, q="快递") == everything


def test_a_search_goes_on_where_its_windows_ended(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.review.search.WINDOWS", (3, 5))
    words = ["退款" if i % 10 == 0 else "快递" for i in range(40)]
    run(store.save([row(f"T-{i:02}", w, received_at=NOW + timedelta(minutes=i)) for i, w in enumerate(words)]))
    rows, after = run(store.read(lambda c: search(c, Wanted(q="退款"))))
    assert (rows, after is not None) == ([], True)
    assert ids(store, q="退款") == ["T-30", "T-20", "T-10", "T-00"]
    assert ids(store, q="T-00") == ["T-00"]


def test_a_blind_ticket_keeps_its_prediction_until_all_have_answered(any_store: Store, clock: Clock) -> None:
    put(any_store, auto("T-1", "退款没到", label="refund", queue="refund"), blind_rate=1.0)
    made = desk(any_store, clock, overlap_share=1.0)

    def seen(who: str) -> tuple[bool, Any, Any, int]:
        rows, _ = run(any_store.read(lambda c: search(c, Wanted())))
        told = run(any_store.read(lambda c: ticket(c, "T-1", who=who, names=False)))
        return rows[0]["hidden"], rows[0]["predicted"], told["revisions"][0]["decision"], len(told["corrections"])

    for who, own in (("小王", 0), ("小李", 0)):
        assert seen(who) == (True, None, None, own)
        assert ids(any_store, category="refund") == []
        assert ids(any_store, queue="refund") == []
        assert ids(any_store, label="complaint") == []
        card = run(made.next(who))
        assert card is not None
        run(made.submit(card["item_id"], who, {"category": "complaint"}))
        if who == "小王":
            assert seen("小王")[3] == 1
    hidden, predicted, decision, corrections = seen("小张")
    assert (hidden, predicted["category"], decision["queue"], corrections) == (False, "refund", "refund", 2)
    assert ids(any_store, label="complaint") == ["T-1"]


def test_a_history_names_only_oneself_but_to_admins(any_store: Store) -> None:
    put(any_store, row("T-1", "一"))
    said(any_store, "T-1", "小王", category="refund")
    said(any_store, "T-1", "小李", category="logistics")
    for names, who, expected in ((False, "小王", ["小王", ""]), (True, "老李", ["小王", "小李"])):
        told = run(any_store.read(lambda c, n=names, w=who: ticket(c, "T-1", who=w, names=n)))
        assert [entry["by"] for entry in told["corrections"]] == expected
    assert told["revisions"][0]["text"] == "一"
    assert told["corrections"][0]["labels"] == {"category": "refund"}
    with pytest.raises(NotFoundError):
        run(any_store.read(lambda c: ticket(c, "T-9", who="小王", names=False)))
