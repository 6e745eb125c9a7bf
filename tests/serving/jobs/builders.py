"""What the tests of background work share: a handler that notes what it did in the store, and a stopwatch that is set."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from serving.store import Store
from triage.events import Event, EventKind


class Stopwatch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Note:
    """Notes each event once in a table of its own: a second time would break that table's key.

    Attributes:
        bad: ids of tickets on which it fails.
    """

    kinds: frozenset[EventKind] = frozenset({"decided", "revised"})

    def __init__(self, store: Store, table: str = "noted") -> None:
        self.table = table
        self.bad: set[str] = set()
        self.batches: list[int] = []
        make = f"CREATE TABLE IF NOT EXISTS {table} (ticket_id VARCHAR(128), revision INTEGER, PRIMARY KEY (ticket_id, revision))"
        store.write_now(lambda connection: connection.execute(text(make)))

    def prepare(self, events: Sequence[Event]) -> list[tuple[str, int]]:
        self.batches.append(len(events))
        return [event.key for event in events]

    def apply(self, connection: Connection, prepared: list[tuple[str, int]]) -> None:
        for ticket_id, revision in prepared:
            connection.execute(
                text(f"INSERT INTO {self.table} VALUES (:ticket_id, :revision)"),
                {"ticket_id": ticket_id, "revision": revision},
            )
            if ticket_id in self.bad:
                raise ZeroDivisionError


def noted(store: Store, table: str = "noted") -> list[tuple[str, int]]:
    """What was noted, in order."""
    query = text(f"SELECT ticket_id, revision FROM {table} ORDER BY ticket_id, revision")
    return [(row[0], row[1]) for row in store.read_now(lambda connection: connection.execute(query).all())]
