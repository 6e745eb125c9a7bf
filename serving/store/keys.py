"""Reading and writing what belongs to many tickets: some hundred at a time, and by their ids alone.

By ids and not by pairs of id and revision, because SQLite reads the whole table for a list of pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select

T = TypeVar("T")

Key = tuple[str, int]
"""(ticket_id, revision)."""

CHUNK = 500
"""Values in one statement; SQLite allows 32,766 of them, and a plan for thousands takes longer than two for hundreds."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """``values`` in parts of :data:`CHUNK`."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def by_keys(connection: Connection, query: Select[Any], ticket_id: Any, keys: Collection[Key]) -> Iterator[Row[Any]]:
    """Rows of ``query`` that are about ``keys``, part by part; within a part in the query's own order.

    Args:
        query: selects ``ticket_id`` and ``revision`` under these names; ``ticket_id``: the column to find them by.
    """
    wanted = set(keys)
    for some in chunks(sorted({key[0] for key in wanted})):
        for row in connection.execute(query.where(ticket_id.in_(some))):
            if (row.ticket_id, row.revision) in wanted:
                yield row
