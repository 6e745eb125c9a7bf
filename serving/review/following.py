"""What the desk does about what people say: asks about reports, closes what a file answers, opens and closes conflicts.

:func:`follow` is handed to :class:`serving.labels.record.LabelRecord` where the service is assembled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, insert, or_, select, update

from serving.ids import new_id
from serving.labels.corrections import Correction
from serving.labels.queries import said_of
from serving.review.enqueue import ask, read_decided
from serving.review.order import rank
from serving.store.keys import Key, by_keys, chunks
from serving.store.tables import review_items
from triage.contract import predicted
from triage.labels import (
    CONFLICT,
    DONE,
    FIRST_ROUND,
    LEAD,
    OPEN,
    SETTLING_ROUND,
    VOID,
    AskedFor,
    differs,
    is_conflict,
    voices,
)

_BY_FILE: tuple[AskedFor, ...] = ("unsure", "novel", "disagreement", "reported")
"""Reasons for which an import is an answer; a blind audit is not answered from outside, a conflict needs a lead."""

_i = review_items.c


def follow(connection: Connection, said: Sequence[Correction], now: datetime) -> None:
    """Follows up what was said or undone, in the writing transaction that says it."""
    given = [one for one in said if one.withdrawn_at is None]
    _close(connection, {one.key for one in given if one.source == "import"}, now)
    _ask_about(connection, [one for one in given if one.source != "import" and one.item_id is None], now)
    _conflicts(connection, {one.key for one in said}, now)


def answers_apart(said: Sequence[Correction]) -> list[Correction]:
    """One answer a person and source, in order of time; what settles a conflict is not among them."""
    return voices(one for one in said if one.source != LEAD)


def _close(connection: Connection, keys: Collection[Key], now: datetime) -> None:
    """Closes the items that a file answers."""
    waits = select(_i.ticket_id, _i.revision, _i.id).where(
        _i.state == OPEN,
        _i.copy == FIRST_ROUND,
        _i.reason.in_(_BY_FILE),
        or_(_i.lease_until.is_(None), _i.lease_until <= now),  # whoever has it on the screen may finish
    )
    answered = [row.id for row in by_keys(connection, waits, _i.ticket_id, keys)]
    done = {"state": DONE, "done_by": "import", "done_at": now, "lease_by": None, "lease_until": None}
    for some in chunks(answered):
        connection.execute(update(review_items).where(_i.id.in_(some)).values(done))


def _ask_about(connection: Connection, said: Sequence[Correction], now: datetime) -> None:
    """Asks people about tickets of which somebody outside the desk says that they were predicted wrong."""
    decisions = {(one.ticket_id, one.revision): one.decision for one in read_decided(connection, [s.key for s in said])}
    wrong = {one.key for one in said if differs(predicted(orjson.loads(decisions[one.key])), one.labels)}
    if wrong:
        ask(connection, wrong, "reported", now)


def _conflicts(connection: Connection, keys: Collection[Key], now: datetime) -> None:
    """Opens the conflicts that an answer made, or closes those that one was.

    A conflict that a lead has on the screen, or has settled, stays.
    """
    said = said_of(connection, keys)
    apart = {key for key in keys if is_conflict(answers_apart(said.get(key, [])))}
    query = select(_i.ticket_id, _i.revision, _i.id, _i.state).where(_i.copy == SETTLING_ROUND)
    held = {(row.ticket_id, row.revision): row for row in by_keys(connection, query, _i.ticket_id, keys)}
    for key, row in held.items():
        if key in apart and row.state == VOID:
            connection.execute(update(review_items).where(_i.id == row.id).values(state=OPEN, created_at=now))
        elif key not in apart and row.state == OPEN:
            unused = or_(_i.lease_until.is_(None), _i.lease_until <= now)
            connection.execute(update(review_items).where(_i.id == row.id, unused).values(state=VOID))
    _open(connection, apart - held.keys(), now)


def _open(connection: Connection, keys: Collection[Key], now: datetime) -> None:
    """New conflicts of tickets that were asked about before; others are nobody's to settle."""
    query = select(_i.ticket_id, _i.revision, _i.kind, _i.label, _i.uncertainty).order_by(_i.copy.desc())
    first = {(row.ticket_id, row.revision): row for row in by_keys(connection, query, _i.ticket_id, keys)}
    items = [
        {
            **first[key]._mapping,
            "id": new_id(),
            "copy": SETTLING_ROUND,
            "reason": CONFLICT,
            "rate": 1.0,
            "rank": rank("conflict", 1.0),
            "state": OPEN,
            "created_at": now,
        }
        for key in sorted(first)
    ]
    if items:
        connection.execute(insert(review_items), items)
