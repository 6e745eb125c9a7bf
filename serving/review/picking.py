"""Finds the item that a person gets next, and gives it to them: statements only."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)

from serving.review.class_counts import ClassCounts
from serving.review.enqueue import LATELY
from serving.review.order import rank
from serving.store.tables import review_items, skips

ENOUGH = 16
"""Candidates that are looked up, so that others may take some of them meanwhile."""

SKIPPED_BY = 3
"""An item that so many people skipped goes to leads only."""

_RANKED = ("unsure", "novel", "disagreement")
_ANY = (*_RANKED, "reported", "blind")
_CHUNK = 500
_i = review_items.c
_other = review_items.alias("other").c  # made once: making it costs more than most statements here

_COLUMNS = tuple(
    _i[name] for name in ("id", "ticket_id", "revision", "reason", "lot", "uncertainty", "label", "kind", "created_at")
)
Row = Any
"""A row of :data:`_COLUMNS`."""


# By age, too: what has waited long ranks higher by now than the rank it was stored with.
_ORDERS: Mapping[str, ColumnElement[Any]] = {"best": _i.rank.desc(), "oldest": _i.created_at, "lot": _i.lot}


@functools.cache  # making a statement costs more than most of them take
def _open_items(reasons: tuple[str, ...], orders: tuple[str, ...]) -> Select[Any] | CompoundSelect[Any]:
    """Free items of each reason in each order, all in one statement; ``past`` of each are passed over, ``depth`` read."""
    free = or_(_i.lease_until.is_(None), _i.lease_until <= bindparam("now"))
    parts = []
    for reason in reasons:  # one by one, because the indices are by reason
        for order in orders:
            wanted = [_i.state == "open", _i.reason == reason, free]
            if order == "lot":
                wanted.append(_i.lot >= bindparam("lot"))
            found = select(*_COLUMNS).where(*wanted).order_by(_ORDERS[order])
            parts.append(select(found.limit(bindparam("depth")).offset(bindparam("past")).subquery()))
    return union_all(*parts)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody has the item on the screen."""
    return or_(_i.lease_until.is_(None), _i.lease_until <= now)


def held_by(connection: Connection, who: str, now: datetime) -> list[str]:
    """What ``who`` has leased, the newest lease first. Conflicts are settled on a page of their own."""
    found = connection.execute(
        select(_i.id)
        .where(_i.lease_by == who, _i.lease_until > now, _i.state == "open", _i.reason != "conflict")
        .order_by(_i.lease_until.desc(), _i.id)
    )
    return list(found.scalars())


def candidates(
    connection: Connection,
    who: str,
    lanes: Sequence[str],
    *,
    lead: bool,
    lot: float,
    labelled: ClassCounts,
    now: datetime,
) -> list[str]:
    """Ids of items that ``who`` may be given, in the order in which to try them: of the first lane that has any."""

    def allowed(rows: Sequence[Row]) -> list[Row]:
        return _allowed(connection, rows, who, now, lead=lead)

    def look(reasons: tuple[str, ...], *orders: str, lot: float = 0.0) -> list[Row]:
        return _deepen(connection, _open_items(reasons, orders), {"now": now, "lot": lot}, allowed)

    for lane in lanes:
        if lane == "random":
            found = sorted(look(_ANY, "lot", lot=lot) or look(_ANY, "lot"), key=lambda row: (row.lot, row.id))
        elif lane == "ranked":
            found = _ranked(connection, look(_RANKED, "best", "oldest"), labelled, now)
        else:
            found = look((lane,), "lot" if lane == "blind" else "best")
        if found:
            return [row.id for row in found[:ENOUGH]]
    return []


def take(
    connection: Connection, ids: Sequence[str], who: str, *, lead: bool, now: datetime, until: datetime
) -> str | None:
    """Leases the first of ``ids`` that is still to be had. In a writing transaction."""
    allowed = _may_have(who, now, lead=lead)
    for item_id in ids:
        changed = update(review_items).where(_i.id == item_id, *allowed).values(lease_by=who, lease_until=until)
        if connection.execute(changed).rowcount:
            return item_id
    return None


def renew(connection: Connection, item_id: str, who: str, until: datetime) -> bool:
    """Lengthens a lease, also one that has run out as long as nobody else has taken the item."""
    mine = update(review_items).where(_i.id == item_id, _i.lease_by == who, _i.state == "open")
    return bool(connection.execute(mine.values(lease_until=until)).rowcount)


def _deepen(
    connection: Connection,
    statement: Select[Any] | CompoundSelect[Any],
    values: Mapping[str, Any],
    allowed: Callable[[Sequence[Row]], list[Row]],
) -> list[Row]:
    """The first free items of each reason in each order that somebody may have; further on until there are any.

    What somebody may not have is sifted out here and not in the statement: of how many rows that leaves, a planner has no
    idea, and may then sort all open items rather than read the first of an index.
    """
    depth, past = ENOUGH, 0
    while True:
        found = connection.execute(statement, {**values, "depth": depth, "past": past}).all()
        kept = allowed(list({row.id: row for row in found}.values()))
        if kept or not found:
            return kept
        past += depth
        depth *= 2


def _allowed(connection: Connection, rows: Sequence[Row], who: str, now: datetime, *, lead: bool) -> list[Row]:
    """Those of ``rows`` that :func:`_may_have` allows, in their order."""
    skipped: dict[str, set[str]] = {}
    barred: set[tuple[str, int]] = set()
    for start in range(0, len(rows), _CHUNK):
        some = rows[start : start + _CHUNK]
        query = select(skips.c.item_id, skips.c.by).where(skips.c.item_id.in_([row.id for row in some]))
        for item_id, by in connection.execute(query):
            skipped.setdefault(item_id, set()).add(by)
        mine = or_(_i.done_by == who, and_(_i.lease_by == who, _i.lease_until > now))
        copies = select(_i.ticket_id, _i.revision).where(_i.ticket_id.in_([row.ticket_id for row in some]))
        barred |= {(row.ticket_id, row.revision) for row in connection.execute(copies.where(mine))}
    return [
        row
        for row in rows
        if who not in skipped.get(row.id, ())
        and (lead or len(skipped.get(row.id, ())) < SKIPPED_BY)
        and (row.ticket_id, row.revision) not in barred
    ]


def _may_have(who: str, now: datetime, *, lead: bool) -> list[ColumnElement[bool]]:
    """Conditions on an item that ``who`` may be given: open, free, not skipped, and no copy of what they answered."""
    mine = select(skips.c.by).where(skips.c.item_id == _i.id, skips.c.by == who).correlate(review_items)
    copies = (
        select(_other.id)
        .where(_other.ticket_id == _i.ticket_id, _other.revision == _i.revision, _other.copy != _i.copy)
        .where(or_(_other.done_by == who, and_(_other.lease_by == who, _other.lease_until > now)))
        .correlate(review_items)
    )
    conditions: list[ColumnElement[bool]] = [
        _i.state == "open",
        _i.reason != "conflict",
        is_free(now),
        ~exists(mine),
        ~exists(copies),
    ]
    if not lead:
        n = select(func.count()).where(skips.c.item_id == _i.id).correlate(review_items)
        conditions.append(n.scalar_subquery() < SKIPPED_BY)
    return conditions


def _ranked(connection: Connection, rows: Sequence[Row], labelled: ClassCounts, now: datetime) -> list[Row]:
    """``rows`` ordered by what their rank is now."""
    asked = _asked_lately(connection, {row.kind for row in rows}, now)
    ranks = {
        row.id: rank(
            row.reason,
            row.uncertainty,
            copies=asked.get(row.kind, 0),
            labelled=labelled.of(row.label),
            typical=labelled.typical,
            waited=now - row.created_at,
        )
        for row in rows
    }
    return sorted(rows, key=lambda row: (-ranks[row.id], row.id))


def _asked_lately(connection: Connection, kinds: set[str], now: datetime) -> dict[str, int]:
    """Kind -> how many of it were answered lately, or are on a screen now."""
    if not kinds:
        return {}
    found = connection.execute(
        select(_i.kind, func.count())
        .where(_i.kind.in_(kinds), _i.created_at > now - 2 * LATELY)
        .where(or_(and_(_i.state == "done", _i.done_at > now - LATELY), and_(_i.state == "open", _i.lease_until > now)))
        .group_by(_i.kind)
    )
    return {row[0]: row[1] for row in found}
