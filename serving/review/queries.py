"""What the desk and the maker of items ask the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from serving.store.tables import review_items, tickets
from triage.labels import FIRST_ROUND

_i = review_items.c


def count_open(connection: Connection) -> dict[str, int]:
    """Open items by their reason."""
    open_items = select(_i.reason, func.count()).where(_i.state == "open").group_by(_i.reason)
    return {row[0]: row[1] for row in connection.execute(open_items)}


def open_conflicts(connection: Connection, most: int) -> Sequence[str]:
    """Items of the oldest open conflicts."""
    found = select(_i.id).where(_i.state == "open", _i.reason == "conflict").order_by(_i.created_at)
    return connection.execute(found.limit(most)).scalars().all()


def received_since(
    read: Callable[[Callable[[Connection], Sequence[Row[Any]]]], Sequence[Row[Any]]], since: datetime, size: int
) -> Iterator[Sequence[Row[Any]]]:
    """Tickets in the order in which they came, page by page.

    Args:
        read: calls what it is given with a reading connection; once a page, so that none is held meanwhile.
        size: rows of a page.

    Yields:
        Rows with ``ticket_id``, ``revision``, ``action``, ``received_at`` and ``id``: the item of its first round, if any.
    """
    t = tickets.c
    same = and_(_i.ticket_id == t.ticket_id, _i.revision == t.revision, _i.copy == FIRST_ROUND)
    query = (
        select(t.ticket_id, t.revision, t.action, t.received_at, _i.id)
        .join(review_items, same, isouter=True)
        .order_by(t.received_at, t.ticket_id, t.revision)
        .limit(size)
    )
    after = t.received_at >= since
    while True:
        page = query.where(after)
        rows = read(lambda connection, page=page: connection.execute(page).all())  # type: ignore[misc]
        yield rows
        if len(rows) < size:
            return
        last = rows[-1]
        later = or_(t.ticket_id > last.ticket_id, and_(t.ticket_id == last.ticket_id, t.revision > last.revision))
        after = and_(t.received_at >= last.received_at, or_(t.received_at > last.received_at, later))
