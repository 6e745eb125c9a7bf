"""What the desk and the maker of items ask the store."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from serving.store.tables import review_items
from triage.labels import CONFLICT, OPEN, AskedFor

_i = review_items.c


def count_open(connection: Connection) -> dict[AskedFor, int]:
    """Open items by their reason."""
    open_items = select(_i.reason, func.count()).where(_i.state == OPEN).group_by(_i.reason)
    return {row[0]: row[1] for row in connection.execute(open_items)}


def open_conflicts(connection: Connection, most: int) -> Sequence[str]:
    """Items of the oldest open conflicts."""
    found = select(_i.id).where(_i.state == OPEN, _i.reason == CONFLICT).order_by(_i.created_at)
    return connection.execute(found.limit(most)).scalars().all()
