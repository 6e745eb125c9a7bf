"""What people said about one ticket, and the conflict that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, or_, select, update

from serving.ids import new_id
from serving.review.order import rank
from serving.review.reasons import differs
from serving.store.tables import corrections, review_items
from triage.taxonomy import HEADS

CONFLICT_COPY = 2
"""Number of the copy of a ticket that only leads are asked about."""


class Answer(NamedTuple):
    """What one person (or the helpdesk) says of a ticket, by the newest of their corrections."""

    by: str
    source: str
    labels: dict[str, str]
    note: str
    at: datetime


def read_answers(connection: Connection, ticket_id: str, revision: int) -> list[Answer]:
    """One answer a person and source, in order of time. What was withdrawn, or settles a conflict, is not among them."""
    c = corrections.c
    rows = connection.execute(
        select(c.by, c.source, c.note, c.at, *(c[head] for head in HEADS))
        .where(c.ticket_id == ticket_id, c.revision == revision, c.withdrawn_at.is_(None), c.source != "lead")
        .order_by(c.at, c.id)
    ).mappings()
    newest = {(row["source"], row["by"]): row for row in rows}
    return [Answer(row["by"], row["source"], labels_of(row), row["note"], row["at"]) for row in newest.values()]


def labels_of(row: Mapping[Any, Any]) -> dict[str, str]:
    """Head -> label of a row of ``corrections``; heads of which nothing was said are left out."""
    return {head: row[head] for head in HEADS if row[head] is not None}


def follow(connection: Connection, ticket_id: str, revision: int, now: datetime) -> None:
    """After an answer was given or taken back: opens the conflict that it made, or closes the one that it was.

    A conflict that a lead has on the screen, or has settled, stays. In a writing transaction.
    """
    answers = read_answers(connection, ticket_id, revision)
    apart = any(differs(one.labels, other.labels) for one, other in combinations(answers, 2))
    i = review_items.c
    mine = (i.ticket_id == ticket_id, i.revision == revision)
    held = connection.execute(select(i.id, i.state).where(*mine, i.copy == CONFLICT_COPY)).one_or_none()
    if held is not None:
        if apart and held.state == "void":
            connection.execute(update(review_items).where(i.id == held.id).values(state="open", created_at=now))
        elif not apart and held.state == "open":
            unused = or_(i.lease_until.is_(None), i.lease_until <= now)
            connection.execute(update(review_items).where(i.id == held.id, unused).values(state="void"))
        return
    first = connection.execute(select(i.kind, i.label, i.uncertainty).where(*mine).order_by(i.copy)).first()
    if not apart or first is None:
        return
    item = {
        **first._mapping,
        "id": new_id(),
        "ticket_id": ticket_id,
        "revision": revision,
        "copy": CONFLICT_COPY,
        "reason": "conflict",
        "rate": 1.0,
        "rank": rank("conflict", 1.0),
        "state": "open",
        "created_at": now,
    }
    connection.execute(insert(review_items), item)
