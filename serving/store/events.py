"""Events: written in the transaction of their cause, read in the order in which they were committed.

Why reading by id skips nothing: an id is given when a row is written, and whoever writes holds the database's write lock
until the transaction has ended (:mod:`serving.store.database`: SQLite's own, an advisory lock on PostgreSQL). So a
smaller id is never committed after a larger one. The store writes the events of decisions itself, which is why they live
on its floor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from serving.store.tables import events
from triage.events import Event, EventKind

EMITTED = "fendan_emitted"
"""Set in ``connection.info`` by a transaction that wrote events or due times: who waits for them is woken after the commit."""


_INSERT = {
    "sqlite": "INSERT INTO events (kind, ticket_id, revision, at, payload) VALUES (?, ?, ?, ?, ?)",
    "postgresql": "INSERT INTO events (kind, ticket_id, revision, at, payload) VALUES (%s, %s, %s, %s, %s)",
}


class EventPage(NamedTuple):
    """Events of the wanted kinds, and the id up to which all were looked through."""

    events: list[Event]
    position: int


def emit(connection: Connection, new: Sequence[Event]) -> None:
    """Writes events, in order. In the writing transaction of what they tell of."""
    if new:
        connection.execute(insert(events), [_row(one) for one in new])
        connection.info[EMITTED] = True


def emit_decided(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """The events of new rows of ``tickets``: one a ticket, so it goes to the driver directly (half the cost)."""
    dialect = connection.dialect
    bind: Callable[[datetime], Any] = events.c.at.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is
    moments = {at: bind(at) for at in {row["received_at"] for row in rows}}  # few: a batch is of one moment
    connection.exec_driver_sql(
        _INSERT[dialect.name],
        [
            (
                "decided" if row["revision"] == 1 else "revised",
                row["ticket_id"],
                row["revision"],
                moments[row["received_at"]],
                f'{{"action":"{row["action"]}"}}',
            )
            for row in rows
        ],
    )
    connection.info[EMITTED] = True


def newest(connection: Connection) -> int:
    """Id of the newest event; 0 when there is none."""
    return connection.execute(select(func.max(events.c.id))).scalar() or 0


def oldest(connection: Connection) -> int:
    """Id of the oldest event that is kept; 0 when there is none."""
    return connection.execute(select(func.min(events.c.id))).scalar() or 0


def read_after(connection: Connection, position: int, kinds: Collection[EventKind], limit: int) -> EventPage:
    """The next events after ``position`` that are of ``kinds``, at most ``limit``."""
    e = events.c
    end = newest(connection)
    if end <= position:
        return EventPage([], position)
    query = select(e.id, e.kind, e.ticket_id, e.revision, e.at, e.payload)
    query = query.where(e.id > position, e.id <= end, e.kind.in_(sorted(kinds))).order_by(e.id).limit(limit)
    found = [
        Event(cast(EventKind, row.kind), row.at, row.ticket_id, row.revision, orjson.loads(row.payload), row.id)
        for row in connection.execute(query)
    ]
    return EventPage(found, found[-1].id if len(found) == limit else end)


def remove_before(connection: Connection, moment: datetime, position: int, limit: int) -> int:
    """Removes events older than ``moment`` with an id of at most ``position``, ``limit`` at a time; says how many."""
    first = oldest(connection)
    if not first:
        return 0
    some = (events.c.id < first + limit, events.c.id <= position, events.c.at < moment)
    return connection.execute(delete(events).where(*some)).rowcount


def _as_it_is(value: datetime) -> datetime:
    return value


def _row(one: Event) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "ticket_id": one.ticket_id,
        "revision": one.revision,
        "at": one.at,
        "payload": orjson.dumps(dict(one.payload)).decode(),
    }
