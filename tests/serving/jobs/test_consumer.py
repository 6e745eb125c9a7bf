"""Consumers: every event once, in order, whoever else tries, whatever breaks."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from serving.jobs.consumer import Consumer
from serving.jobs.job import TRIES
from serving.jobs.queries import read_cursor, read_least_cursor
from serving.store import Store
from serving.store.events import newest
from serving.store.tables import logbook
from tests.serving.builders import NOW, run
from tests.serving.jobs.builders import Note, noted
from tests.serving.review.builders import row


def consumer(store: Store, handler: Any, **changes: Any) -> Consumer[Any]:
    return Consumer("note", store, lambda: NOW, handler, **changes)


def save(store: Store, *ids: str) -> None:
    run(store.save([row(one, f"工单 {one}") for one in ids]))


def exhaust(made: Consumer[Any]) -> None:
    while run(made.turn()).done:
        pass


def test_every_event_once(any_store: Store) -> None:
    note = Note(any_store)
    made = consumer(any_store, note, batch=2)
    save(any_store, "A", "B", "C")
    exhaust(made)
    save(any_store, "D")
    exhaust(made)
    exhaust(consumer(any_store, note))  # after a restart
    assert [one for one, _ in noted(any_store)] == ["A", "B", "C", "D"]
    assert note.batches == [2, 1, 1]


def test_where_a_new_one_begins(any_store: Store) -> None:
    save(any_store, "A")
    oldest, newest_only = Note(any_store, "oldest"), Note(any_store, "latest")
    first = Consumer("oldest", any_store, lambda: NOW, oldest)
    second = Consumer("latest", any_store, lambda: NOW, newest_only, start="now")
    exhaust(first)
    exhaust(second)
    save(any_store, "B")
    exhaust(first)
    exhaust(second)
    assert noted(any_store, "oldest") == [("A", 1), ("B", 1)]
    assert noted(any_store, "latest") == [("B", 1)]
    assert any_store.read_now(lambda c: read_least_cursor(c, ["oldest", "latest"])) == 2
    assert any_store.read_now(lambda c: read_least_cursor(c, ["oldest", "never"])) is None


def test_of_two_who_prepared_the_same_one_does_it(any_store: Store) -> None:
    note = Note(any_store)
    one, other = consumer(any_store, note), consumer(any_store, note)
    exhaust(one)
    exhaust(other)
    save(any_store, "A", "B")
    assert run(one.turn()).done == 2
    run(other.turn())  # its cursor is where it was; noting twice would break the key
    assert run(other.turn()).done == 0
    assert noted(any_store) == [("A", 1), ("B", 1)]


def test_a_bad_event_is_passed_over_and_its_neighbours_are_not(any_store: Store) -> None:
    note = Note(any_store)
    note.bad = {"B"}
    made = consumer(any_store, note)
    save(any_store, "A", "B", "C")
    for _ in range(TRIES + 4):
        with contextlib.suppress(ZeroDivisionError):
            run(made.turn())
    assert noted(any_store) == [("A", 1), ("C", 1)]
    kept = any_store.read_now(lambda c: c.execute(select(logbook)).one())
    assert (kept.what, kept.by) == ("event_failed", "note")
    assert orjson.loads(kept.detail) == {"event": 2, "kind": "decided", "error": "ZeroDivisionError"}


def test_a_bad_handler_harms_no_ticket(any_store: Store) -> None:
    note = Note(any_store)
    note.bad = {"A"}
    made = consumer(any_store, note)
    save(any_store, "A")

    async def both() -> list[Any]:
        import asyncio

        return await asyncio.gather(made.turn(), any_store.save([row("B")]), return_exceptions=True)

    failed, saved = run(both())
    assert isinstance(failed, ZeroDivisionError)
    assert saved[0].created


def test_events_of_other_kinds_do_not_move_the_cursor_each_time(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Note(any_store)
    note.kinds = frozenset({"corrected"})
    made = consumer(any_store, note)
    save(any_store, "A", "B")
    exhaust(made)
    assert any_store.read_now(lambda c: read_cursor(c, "note")) == 0
    monkeypatch.setattr("serving.jobs.consumer._STRIDE", 2)
    save(any_store, "C")
    exhaust(made)
    assert any_store.read_now(lambda c: read_cursor(c, "note")) == any_store.read_now(newest) == 3
