"""Items: which tickets get one, from decisions, corrections and disagreements; none is lost and none is made twice."""

from __future__ import annotations

import pytest

from serving.app import label_record
from serving.ids import new_id
from serving.labels.corrections import Correction, NewCorrection
from serving.review.enqueue import disagreement
from serving.store import Store
from tests.serving.builders import NOW, correct, run
from tests.serving.review.builders import Clock, auto, desk, items, put, row
from triage.errors import NotFoundError


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
