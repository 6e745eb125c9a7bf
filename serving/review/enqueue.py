"""Makes review items of decided tickets, of corrections and of disagreements. All in writing transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, insert, or_, select, update

from serving.ids import new_id
from serving.review.blind import Draw, read_draw
from serving.review.class_counts import ClassCounts
from serving.review.kind import kind_of
from serving.review.order import TOP, rank
from serving.review.reasons import doubt_of, reason_of, stronger
from serving.store.keys import Key, by_keys, chunks
from serving.store.tables import review_items, tickets
from triage.contract import predicted
from triage.labels import FIRST_ROUND, OPEN, VOID, AskedFor
from triage.prediction import AUTO, Action

LATELY = timedelta(days=7)
"""Copies of a complaint that were asked about within this time count against asking again."""


class Decided(NamedTuple):
    """A stored ticket, as far as review needs it. ``decision``: the stored JSON."""

    ticket_id: str
    revision: int
    text: str
    action: Action
    received_at: datetime
    decision: str


class PlannedItem(NamedTuple):
    """An item to be."""

    ticket: Decided
    reason: AskedFor
    rate: float
    uncertainty: float
    label: str | None
    kind: str


def plan(ticket: Decided, draw: Draw, reason: AskedFor | None = None) -> PlannedItem | None:
    """The item that a ticket needs; None when nobody is to be asked.

    The blind draw comes before every other reason that an automatic ticket may have: an audit that lost the tickets
    which somebody reported would praise the model.

    Args:
        reason: one that stands outside the decision: ``reported`` or ``disagreement``.
    """
    rate = draw.rate_at(ticket.received_at) if ticket.action == AUTO else 0.0
    blind = ticket.action == AUTO and draw.is_blind(ticket.ticket_id, ticket.revision, rate)
    if ticket.action == AUTO and not blind and reason is None:
        return None
    decision = orjson.loads(ticket.decision)
    own = reason_of(decision)
    why = "blind" if blind else reason if own is None or (reason and stronger(reason, own)) else own
    if why is None:
        return None
    doubt = doubt_of(decision)
    return PlannedItem(
        ticket,
        why,
        rate if blind else 1.0,
        doubt.uncertainty if doubt else 0.0,
        predicted(decision).get("category"),
        kind_of(ticket.text),
    )


def add_items(
    connection: Connection, plans: Sequence[PlannedItem], labelled: ClassCounts, draw: Draw, now: datetime
) -> int:
    """Writes the items of ``plans`` that are not there yet and says how many; open items of older revisions are void.

    A ticket's answer to its new words is wanted, not one to what it said before; the blind draw is of every revision.
    """
    known = _known(connection, [one.ticket for one in plans])
    new = [one for one in plans if (one.ticket.ticket_id, one.ticket.revision) not in known]
    copies = _copies(connection, {one.kind for one in new}, now)
    rows = []
    for one in new:
        n = copies.get(one.kind, 0)
        copies[one.kind] = n + 1
        lot = draw.lot(one.ticket.ticket_id, one.ticket.revision)
        rows.append(
            {
                "id": new_id(),
                "ticket_id": one.ticket.ticket_id,
                "revision": one.ticket.revision,
                "copy": FIRST_ROUND,
                "reason": one.reason,
                "rate": one.rate,
                "rank": TOP * lot
                if one.reason == "blind"
                else rank(
                    one.reason,
                    one.uncertainty,
                    copies=n,
                    labelled=labelled.of(one.label),
                    typical=labelled.typical,
                ),
                "lot": lot,
                "uncertainty": one.uncertainty,
                "label": one.label,
                "kind": one.kind,
                "state": OPEN,
                "created_at": now,
            }
        )
    if rows:
        connection.execute(insert(review_items), rows)
    _supersede(connection, [one.ticket for one in new if one.ticket.revision > 1], now)
    return len(rows)


def disagreement(connection: Connection, keys: Iterable[Key], now: datetime) -> int:
    """Asks about tickets (id, revision) on which champion and challenger disagree; says how many are asked about now.

    For the shadow: call it in the writing transaction that stores the challenger's answers. Blind tickets stay blind.
    """
    return ask(connection, set(keys), "disagreement", now)


def read_decided(connection: Connection, keys: Sequence[Key]) -> list[Decided]:
    """Stored tickets by (id, revision); unknown ones are left out."""
    return [Decided._make(row) for row in by_keys(connection, _decided(), tickets.c.ticket_id, keys)]


def ask(connection: Connection, keys: Set[Key], reason: AskedFor, now: datetime) -> int:
    """New items for ``reason``; open items with a weaker reason take it over."""
    i = review_items.c
    draw = read_draw(connection)
    labelled = ClassCounts({}, now)  # counting corrections takes too long under the write lock; the desk counts anyway
    query = select(i.ticket_id, i.revision, i.id, i.state, i.reason, i.uncertainty, i.label).where(
        i.copy == FIRST_ROUND
    )
    held = {(row.ticket_id, row.revision): row for row in by_keys(connection, query, i.ticket_id, keys)}
    moved = 0
    for row in held.values():
        if row.state == OPEN and stronger(reason, row.reason):
            value = rank(reason, row.uncertainty, labelled=labelled.of(row.label), typical=labelled.typical)
            connection.execute(update(review_items).where(i.id == row.id).values(reason=reason, rank=value))
            moved += 1
    new = sorted(key for key in keys if key not in held)
    plans = [plan(ticket, draw, reason) for ticket in read_decided(connection, new)]
    return moved + add_items(connection, [one for one in plans if one], labelled, draw, now)


def _decided() -> Any:
    t = tickets.c
    return select(t.ticket_id, t.revision, t.text, t.action, t.received_at, t.decision)


def _known(connection: Connection, asked: Sequence[Decided]) -> set[Key]:
    i = review_items.c
    query = select(i.ticket_id, i.revision).where(i.copy == FIRST_ROUND)
    found = by_keys(connection, query, i.ticket_id, [(one.ticket_id, one.revision) for one in asked])
    return {(row.ticket_id, row.revision) for row in found}


def _copies(connection: Connection, kinds: set[str], now: datetime) -> dict[str, int]:
    i = review_items.c
    out: dict[str, int] = {}
    for some in chunks(sorted(kinds)):
        found = connection.execute(
            select(i.kind, func.count()).where(i.kind.in_(some), i.created_at > now - LATELY).group_by(i.kind)
        )
        out.update({row[0]: row[1] for row in found})
    return out


def _supersede(connection: Connection, newer: Sequence[Decided], now: datetime) -> None:
    i = review_items.c
    for one in newer:
        connection.execute(
            update(review_items)
            .where(i.ticket_id == one.ticket_id, i.revision < one.revision, i.state == OPEN, i.copy == FIRST_ROUND)
            .where(i.reason.in_(("unsure", "novel")), or_(i.lease_until.is_(None), i.lease_until <= now))
            .values(state=VOID)
        )
