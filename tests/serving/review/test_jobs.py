"""Questions follow from events: none is lost, none is asked twice, whoever makes them and whenever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from serving.jobs.lease import Leases
from serving.jobs.purge import purge_job
from serving.jobs.runner import Runner
from serving.review.blind import read_draw
from serving.review.jobs import CONSUMER, jobs
from serving.review.similar import Similar
from serving.store import Store
from serving.store.events import emit
from tests.serving.builders import NOW, engine, run
from tests.serving.review.builders import Clock, auto, items, row
from triage.errors import StoreError
from triage.events import Event
from triage.ticket import Ticket


def made(store: Store, clock: Clock, blind_rate: float = 0.0) -> Runner:
    work = [*jobs(store, clock, Similar(store, clock), blind_rate=blind_rate), purge_job(store, clock, [CONSUMER])]
    return Runner(store, work, Leases(store, clock))


def reasons(store: Store) -> dict[str, str]:
    return {item.ticket_id: item.reason for item in items(store)}


def test_what_the_engine_decides_is_asked_about_once(store: Store, clock: Clock) -> None:
    runner, decides = made(store, clock), engine(store)
    told = run(decides.triage([Ticket(text="哈哈哈嘻嘻嘻嘿嘿嘿", ticket_id="T-1"), Ticket(text="", ticket_id="T-2")]))
    assert [outcome.created for outcome in told] == [True, True]
    assert run(runner.drain())
    assert set(reasons(store)) == {"T-1"}
    run(decides.triage([Ticket(text="哈哈哈嘻嘻嘻嘿嘿嘿", ticket_id="T-1")]))
    assert run(runner.drain())
    assert len(items(store)) == 1


def test_where_two_models_disagree(any_store: Store, clock: Clock) -> None:
    runner = made(any_store, clock)
    run(any_store.save([auto("a"), auto("b"), row("c")]))
    apart = [Event("disagreed", NOW, key, 1, {"version": "8"}) for key in ("a", "c", "unknown")]
    any_store.write_now(lambda connection: emit(connection, apart))
    assert run(runner.drain())
    assert reasons(any_store) == {"a": "disagreement", "c": "disagreement"}


def test_what_a_crash_left_is_made_after_the_next_start(any_store: Store, clock: Clock) -> None:
    first = made(any_store, clock, 0.2)
    tickets = [auto(f"A-{i}", f"第 {i} 件") for i in range(200)] + [row(f"B-{i}", f"第 {i} 件") for i in range(20)]
    run(any_store.save(tickets[:110]))
    assert run(first.drain())
    run(first.stop())
    run(any_store.save(tickets[110:]))  # the process is killed before it made their items
    for _ in range(2):
        again = made(any_store, clock, 0.2)
        assert run(again.drain())
        run(again.stop())
        found = items(any_store)
        assert len(found) == len({item.ticket_id for item in found})
        assert {item.ticket_id for item in found if item.reason == "unsure"} == {f"B-{i}" for i in range(20)}
    draw = any_store.read_now(read_draw)
    drawn = {t.ticket_id for t in tickets if t.action == "auto" and draw.is_blind(t.ticket_id, 1, 0.2)}
    assert {item.ticket_id for item in found if item.reason == "blind"} == drawn


def test_another_rate_is_for_tickets_that_come_later(store: Store, clock: Clock) -> None:
    first = made(store, clock, 0.0)
    run(store.save([auto(f"A-{i}") for i in range(50)]))
    clock.later(hours=1)
    made(store, clock, 1.0)  # a worker with new settings; the first has not made the items of older tickets yet
    run(store.save([auto("late", received_at=clock())]))
    assert run(first.drain())
    assert [(item.ticket_id, item.rate) for item in items(store)] == [("late", 1.0)]


def test_a_store_that_cannot_be_written_costs_no_item(store: Store, clock: Clock) -> None:
    runner = made(store, clock)
    run(store.save([row("T-1")]))
    with store._read.connect() as connection:
        connection.execute(text("ALTER TABLE review_items RENAME TO gone"))
    with pytest.raises(StoreError):
        run(runner.drain())
    with store._read.connect() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO review_items"))
    assert run(runner.drain())
    assert set(reasons(store)) == {"T-1"}


def test_old_events_go_once_everybody_has_dealt_with_them(store: Store, clock: Clock) -> None:
    runner = made(store, clock)

    def left() -> int:
        return int(store.read_now(lambda c: c.execute(text("SELECT count(*) FROM events")).scalar_one()))

    run(store.save([row("old", received_at=clock() - timedelta(days=31)), row("new")]))
    clock.later(hours=2)
    assert run(runner.drain())  # the item is made, and what is old goes with the same call or the next one
    clock.later(hours=2)
    assert run(runner.drain())
    assert left() == 1
    assert set(reasons(store)) == {"old", "new"}
