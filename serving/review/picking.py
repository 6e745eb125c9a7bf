"""Finds the item that a person gets next, and gives it to them: statements only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update

from serving.review.enqueue import LATELY
from serving.review.labelled import Labelled
from serving.review.order import rank
from serving.store.tables import review_items, skips

ENOUGH = 16
"""Candidates that are looked up, so that others may take some of them meanwhile."""

SKIPPED_BY = 3
"""An item that so many people skipped goes to leads only."""

_RANKED = ("unsure", "novel", "disagreement")
_ANY = (*_RANKED, "reported", "blind")
_i = review_items.c
_other = review_items.alias("other").c  # made once: making it costs more than most statements here


def is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody has the item on the screen."""
    return or_(_i.lease_until.is_(None), _i.lease_until <= now)


def may_have(who: str, now: datetime, *, lead: bool) -> list[ColumnElement[bool]]:
    """Conditions on an item that ``who`` may be given: open, free, not skipped, and no copy of what they answered."""
    other, skipped = _other, skips.c
    conditions: list[ColumnElement[bool]] = [
        _i.state == "open",
        _i.reason != "conflict",
        is_free(now),
        ~exists(select(skipped.by).where(skipped.item_id == _i.id, skipped.by == who).correlate(review_items)),
        ~exists(
            select(other.id)
            .where(other.ticket_id == _i.ticket_id, other.revision == _i.revision, other.copy != _i.copy)
            .where(or_(other.done_by == who, and_(other.lease_by == who, other.lease_until > now)))
            .correlate(review_items)
        ),
    ]
    if not lead:
        n = select(func.count()).select_from(skips).where(skipped.item_id == _i.id).correlate(review_items)
        conditions.append(n.scalar_subquery() < SKIPPED_BY)
    return conditions


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
    labelled: Labelled,
    now: datetime,
) -> list[str]:
    """Ids of items that ``who`` may be given, in the order in which to try them: of the first lane that has any."""
    allowed = may_have(who, now, lead=lead)
    for lane in lanes:
        if lane == "random":
            found = _random(connection, allowed, lot) or _random(connection, allowed, 0.0)
        elif lane == "ranked":
            found = _ranked(connection, allowed, labelled, now)
        else:
            by = _i.lot if lane == "blind" else _i.rank.desc()
            query = select(_i.id).where(_i.reason == lane, *allowed).order_by(by).limit(ENOUGH)
            found = list(connection.execute(query).scalars())
        if found:
            return found
    return []


def take(
    connection: Connection, ids: Sequence[str], who: str, *, lead: bool, now: datetime, until: datetime
) -> str | None:
    """Leases the first of ``ids`` that is still to be had. In a writing transaction."""
    allowed = may_have(who, now, lead=lead)
    for item_id in ids:
        changed = update(review_items).where(_i.id == item_id, *allowed).values(lease_by=who, lease_until=until)
        if connection.execute(changed).rowcount:
            return item_id
    return None


def renew(connection: Connection, item_id: str, who: str, until: datetime) -> bool:
    """Lengthens a lease, also one that has run out as long as nobody else has taken the item."""
    mine = update(review_items).where(_i.id == item_id, _i.lease_by == who, _i.state == "open")
    return bool(connection.execute(mine.values(lease_until=until)).rowcount)


def _random(connection: Connection, allowed: Sequence[ColumnElement[bool]], lot: float) -> list[str]:
    """Open items in the order of their lots, from ``lot`` on: what they are about plays no part."""
    found: list[tuple[float, str]] = []
    for reason in _ANY:  # one by one, because the index is by reason
        query = select(_i.lot, _i.id).where(_i.reason == reason, _i.lot >= lot, *allowed)
        found += [(row.lot, row.id) for row in connection.execute(query.order_by(_i.lot).limit(ENOUGH))]
    return [item_id for _, item_id in sorted(found)[:ENOUGH]]


def _ranked(
    connection: Connection, allowed: Sequence[ColumnElement[bool]], labelled: Labelled, now: datetime
) -> list[str]:
    """The best by the stored rank and those that waited longest, ordered by what their rank is now."""
    wanted = (_i.id, _i.reason, _i.uncertainty, _i.label, _i.kind, _i.created_at)
    rows: dict[str, Any] = {}
    for reason in _RANKED:
        query = select(*wanted).where(_i.reason == reason, *allowed).order_by(_i.rank.desc()).limit(ENOUGH)
        rows.update({row.id: row for row in connection.execute(query)})
    oldest = select(*wanted).where(_i.reason.in_(_RANKED), *allowed).order_by(_i.created_at).limit(ENOUGH)
    rows.update({row.id: row for row in connection.execute(oldest)})
    asked = _asked_lately(connection, {row.kind for row in rows.values()}, now)
    ranks = {
        row.id: rank(
            row.reason,
            row.uncertainty,
            copies=asked.get(row.kind, 0),
            labelled=labelled.of(row.label),
            typical=labelled.typical,
            waited=now - row.created_at,
        )
        for row in rows.values()
    }
    return sorted(ranks, key=lambda item_id: (-ranks[item_id], item_id))[:ENOUGH]


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
