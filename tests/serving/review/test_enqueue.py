"""Items: which tickets get one, from decisions, corrections and disagreements; none is lost and none is made twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from serving.app import label_record
from serving.ids import new_id
from serving.labels.corrections import Correction, NewCorrection
from serving.review.enqueue import disagreement
from serving.review.enqueuer import Enqueuer
from serving.rollout.answers import Disagreement
from serving.store import Store
from tests.serving.builders import NOW, correct, engine, run
from tests.serving.review.builders import Clock, auto, desk, items, outcomes, put, row
from triage.errors import NotFoundError, StoreError
from triage.ticket import Ticket


@pytest.fixture
def enqueuer(store: Store, clock: Clock) -> Iterator[Enqueuer]:
    made = begun(store, clock, blind_rate=0.0)
    yield made
    made.close()


def begun(store: Store, clock: Clock, *, blind_rate: float) -> Enqueuer:
    made = Enqueuer(store, clock, blind_rate=blind_rate)
    made.begin()
    return made


def tell(store: Store, ticket_id: str, label: str) -> Correction:
    """The helpdesk says what a ticket is about."""
    new = NewCorrection(new_id(), ticket_id, None, {"category": label}, "helpdesk", "客服系统", "", NOW)
    return correct(store, new, label_record())


def reasons(store: Store) -> dict[str, str]:
    return {item.ticket_id: item.reason for item in items(store)}


def test_who_gets_an_item(any_store: Store) -> None:
    put(
        any_store,
        row("suggest"),
        row("human", action="human", confidence=0.2),
        row("new", action="human", rule="scope"),
        row("blank", " ", action="human", rule="blank"),
        auto("auto"),
    )
    assert reasons(any_store) == {"suggest": "unsure", "human": "unsure", "new": "novel"}
    item = items(any_store, ticket_id="suggest")[0]
    assert (item.copy, item.rate, item.state, item.label) == (0, 1.0, "open", "logistics")
    assert item.uncertainty == pytest.approx(0.8)
    assert 0 < item.rank < 1000


def test_blind_items_know_their_rate_and_nothing_of_the_model(any_store: Store) -> None:
    put(any_store, *(auto(f"T-{i}", f"退款第 {i} 天") for i in range(400)), row("T-x"), blind_rate=0.1)
    blind = items(any_store, reason="blind")
    assert 15 < len(blind) < 70
    assert {item.rate for item in blind} == {0.1}
    assert all(item.rank == pytest.approx(999 * item.lot) for item in blind)


def test_ten_copies_do_not_stand_in_front(store: Store) -> None:
    put(store, *(row(f"T-{i}", f"优惠券用不了 {i}") for i in range(10)), row("other", "快递丢了", confidence=0.6))
    ranks = {item.ticket_id: item.rank for item in items(store)}
    assert len({item.kind for item in items(store)}) == 2
    assert sorted(ranks, key=ranks.__getitem__, reverse=True)[:2] == ["T-0", "other"]


def test_a_new_text_makes_the_old_question_void_unless_somebody_has_it(store: Store, clock: Clock) -> None:
    put(store, row("T-1", "一"), row("T-2", "一"))
    card = run(desk(store, clock).next("小王"))
    assert card is not None
    put(store, row("T-1", "二"), row("T-2", "二"))
    states = {(item.ticket_id, item.revision): item.state for item in items(store)}
    other = "T-2" if card["ticket_id"] == "T-1" else "T-1"
    assert states == {(card["ticket_id"], 1): "open", (other, 1): "void", ("T-1", 2): "open", ("T-2", 2): "open"}


def test_a_correction_that_differs_is_looked_at(any_store: Store) -> None:
    put(any_store, auto("same"), auto("differs"), row("unsure"))
    for ticket_id, label in (("same", "logistics"), ("differs", "refund"), ("unsure", "refund")):
        assert tell(any_store, ticket_id, label).labels == {"category": label}
    assert reasons(any_store) == {"differs": "reported", "unsure": "reported"}
    with pytest.raises(NotFoundError):
        tell(any_store, "nobody", "refund")


def test_what_is_drawn_blind_stays_blind_however_it_is_noticed(store: Store) -> None:
    put(store, auto("before"), blind_rate=1.0)
    run(store.save([auto("after"), auto("shadow")]))  # stored, and reported before its item is made
    for ticket_id in ("before", "after"):
        tell(store, ticket_id, "refund")
    run(store.write(lambda c: disagreement(c, [("before", 1), ("shadow", 1)], NOW)))
    assert reasons(store) == {"before": "blind", "after": "blind", "shadow": "blind"}


def test_a_disagreement_is_asked_about_once(any_store: Store) -> None:
    put(any_store, auto("a"), row("b"))
    for expected in (2, 0):
        n = run(any_store.write(lambda c: disagreement(c, [("a", 1), ("b", 1), ("unknown", 1)], NOW)))
        assert n == expected
    assert reasons(any_store) == {"a": "disagreement", "b": "disagreement"}


def test_what_the_shadow_tells_is_asked_about(store: Store, clock: Clock, enqueuer: Enqueuer) -> None:
    outcomes(store, [auto("a"), auto("b")])
    run(enqueuer.disagreed([Disagreement("a", 1, "refund", "logistics", 0.9, 0.8, "7", "8")]))
    assert reasons(store) == {"a": "disagreement"}


def test_the_engine_tells_and_the_answer_does_not_wait(store: Store, clock: Clock, enqueuer: Enqueuer) -> None:
    made = engine(store, listeners=[enqueuer.on_stored])
    told = run(made.triage([Ticket(text="哈哈哈嘻嘻嘻嘿嘿嘿", ticket_id="T-1"), Ticket(text="", ticket_id="T-2")]))
    assert [outcome.created for outcome in told] == [True, True]
    assert enqueuer.flush()
    assert set(reasons(store)) == {"T-1"}
    run(made.triage([Ticket(text="哈哈哈嘻嘻嘻嘿嘿嘿", ticket_id="T-1")]))
    assert enqueuer.flush()
    assert len(items(store)) == 1


def test_what_a_crash_took_is_found_at_the_next_start(any_store: Store, clock: Clock) -> None:
    first = begun(any_store, clock, blind_rate=0.2)
    tickets = [auto(f"A-{i}", f"第 {i} 件") for i in range(200)] + [row(f"B-{i}", f"第 {i} 件") for i in range(20)]
    first.on_stored(outcomes(any_store, tickets[:110]))
    assert first.flush()
    first.close()
    run(any_store.save(tickets[110:]))  # the process is killed before it made their items
    run(any_store.save([row("old", received_at=NOW - timedelta(days=8))]))
    for _ in range(2):
        again = begun(any_store, clock, blind_rate=0.2)
        assert again.flush()
        again.close()
        made = items(any_store)
        assert len(made) == len({item.ticket_id for item in made})
        assert {item.ticket_id for item in made if item.reason == "unsure"} == {f"B-{i}" for i in range(20)}
    other = [t.ticket_id for t in tickets if t.action == "auto"]
    draw = again._draw
    assert {item.ticket_id for item in made if item.reason == "blind"} == {
        ticket_id for ticket_id in other if draw.is_blind(ticket_id, 1, 0.2)
    }


def test_another_rate_is_for_tickets_that_come_later(store: Store, clock: Clock) -> None:
    first = begun(store, clock, blind_rate=0.0)
    first.on_stored(outcomes(store, [auto(f"A-{i}") for i in range(50)]))
    assert first.flush()
    clock.later(hours=1)
    second = begun(store, clock, blind_rate=1.0)  # a worker with new settings; the first still runs
    assert second.flush()
    assert items(store) == []
    first.on_stored(outcomes(store, [auto("late", received_at=clock())]))
    assert first.flush()
    assert [(item.ticket_id, item.rate) for item in items(store)] == [("late", 1.0)]
    first.close()
    second.close()


def test_a_store_that_cannot_be_written_costs_no_item(store: Store, clock: Clock, monkeypatch: Any) -> None:
    enqueuer = begun(store, clock, blind_rate=0.0)
    assert enqueuer.flush()
    monkeypatch.setattr("serving.review.enqueuer._REST", 0.01)
    with store._read.connect() as connection:
        connection.execute(text("ALTER TABLE review_items RENAME TO gone"))
    enqueuer.on_stored(outcomes(store, [row("T-1")]))
    assert not enqueuer.flush(0.5)
    with store._read.connect() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO review_items"))
    assert enqueuer.flush()
    assert set(reasons(store)) == {"T-1"}
    enqueuer.close()


def test_more_than_may_wait_is_found_by_looking_back(store: Store, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr("serving.review.enqueuer._WAITING", 5)
    enqueuer = begun(store, clock, blind_rate=0.0)
    assert enqueuer.flush()
    enqueuer.on_stored(outcomes(store, [row(f"T-{i}") for i in range(8)]))
    assert enqueuer.flush()
    assert len(items(store)) == 8
    enqueuer.close()


def test_a_closed_store_ends_in_no_exception(store: Store, clock: Clock) -> None:
    enqueuer = begun(store, clock, blind_rate=0.0)
    assert enqueuer.flush()
    store.close()
    with pytest.raises(StoreError):
        run(store.save([row("T-1")]))
    enqueuer.on_stored([])
    enqueuer.close()
