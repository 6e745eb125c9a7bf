"""Due times: done once, not before their moment, and replaced or taken back with their cause."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from serving.jobs.job import TRIES, Turn
from serving.jobs.queries import DueTime, read_due
from serving.jobs.ticker import Ticker, schedule, unschedule
from serving.store import Store
from serving.store.tables import logbook
from tests.serving.builders import NOW, run
from tests.serving.people.builders import Clock


class Fired:
    """Notes what came due."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.bad = ""

    def __call__(self, connection: Connection, due: Sequence[DueTime], now: datetime) -> None:
        if self.bad in [one.key for one in due]:
            raise ZeroDivisionError
        self.keys += [one.key for one in due]


def put(store: Store, **minutes: float) -> None:
    due = [DueTime(key, NOW + timedelta(minutes=m), {"n": m}) for key, m in minutes.items()]
    store.write_now(lambda connection: schedule(connection, "sla", due))


def test_each_at_its_moment_and_once(any_store: Store) -> None:
    clock, fired = Clock(), Fired()
    clock.now = NOW
    one, other = (Ticker("sla", any_store, clock, fired) for _ in range(2))
    assert run(one.turn()) == Turn(0, None)
    put(any_store, b=2, a=1, c=3)
    assert run(one.turn()) == Turn(0, 60.0)
    clock.now = NOW + timedelta(minutes=2)
    assert run(one.turn()).done == 2
    assert run(other.turn()) == Turn(0, 60.0)
    assert fired.keys == ["a", "b"]


def test_replaced_and_taken_back(any_store: Store) -> None:
    clock, fired = Clock(), Fired()
    clock.now = NOW + timedelta(minutes=5)
    made = Ticker("sla", any_store, clock, fired)
    put(any_store, a=1, b=1, c=1)
    put(any_store, a=9)
    any_store.write_now(lambda connection: unschedule(connection, "sla", ["b", "unknown"]))
    assert run(made.turn()).done == 1
    assert fired.keys == ["c"]
    assert run(made.turn()) == Turn(0, 240.0)


def test_what_another_process_took_is_not_done_again(any_store: Store) -> None:
    from serving.jobs.queries import take_due

    put(any_store, a=1, b=1)
    now = NOW + timedelta(minutes=2)
    both = any_store.read_now(lambda c: read_due(c, "sla", now, 10))
    put(any_store, b=2)  # moved meanwhile
    assert [one.key for one in any_store.write_now(lambda c: take_due(c, "sla", both))] == ["a"]
    assert any_store.write_now(lambda c: take_due(c, "sla", both)) == []


def test_a_bad_one_does_not_stop_the_others(any_store: Store) -> None:
    clock, fired = Clock(), Fired()
    clock.now, fired.bad = NOW + timedelta(minutes=5), "a"
    made = Ticker("sla", any_store, clock, fired)
    put(any_store, a=1, b=2)
    for _ in range(TRIES + 2):
        with contextlib.suppress(ZeroDivisionError):
            run(made.turn())
    assert fired.keys == ["b"]
    assert any_store.read_now(lambda c: c.execute(select(logbook.c.what)).scalars().all()) == ["due_failed"]
