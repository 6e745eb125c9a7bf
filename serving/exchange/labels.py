"""Reads corrected tickets from the store, a page at a time, each with all that was said of it.

Of a ticket with several corrected revisions the newest one counts: its text is what the customer meant in the end, and a
data file has one row a ticket. Memory is bounded: a page of tickets, plus the ids of the blind audits not yet reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from serving.exchange.resolve import Said
from serving.store.tables import audit_windows, corrections, review_items, tickets
from triage.taxonomy import HEADS

PAGE = 500
"""Tickets read at a time."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text of a ticket, masked, with what people said of it, oldest first.

    ``at`` is when the customer wrote it, or when it came in where that is not known.
    """

    ticket_id: str
    revision: int
    text: str
    channel: str
    customer_id: str
    at: datetime
    said: tuple[Said, ...]


class Unreported(NamedTuple):
    """Blind audits whose window has not been reported: nothing may be learned from these tickets yet.

    Attributes:
        since: where the newest reported window ends; None before the first.
        ids: their ``ticket_id``; another revision of such a ticket is left out with it.
    """

    since: datetime | None
    ids: frozenset[str]


def unreported(connection: Connection) -> Unreported:
    """The blind audits that still have to tell the truth about the model; void ones too, they were drawn like the others."""
    since = connection.execute(select(func.max(audit_windows.c.until))).scalar_one_or_none()
    t, i = tickets.c, review_items.c
    same = and_(t.ticket_id == i.ticket_id, t.revision == i.revision)
    wanted = select(i.ticket_id).join(tickets, same).where(i.reason == "blind")
    if since is not None:
        wanted = wanted.where(t.received_at >= since)
    return Unreported(since, frozenset(connection.execute(wanted.distinct()).scalars()))


def withdrawn(connection: Connection, until: datetime) -> int:
    """How many corrections before ``until`` were undone."""
    c = corrections.c
    said = select(func.count()).select_from(corrections)
    return int(connection.execute(said.where(c.at < until, c.withdrawn_at.is_not(None))).scalar_one())


def read_labelled(connection: Connection, until: datetime, *, page: int = PAGE) -> Iterator[Labelled]:
    """Tickets with a correction before ``until`` that was not undone, by ``ticket_id`` in the database's own order.

    Every page is a read of its own, so this may run beside a service that writes.
    """
    last: str | None = None
    while ids := _next_ids(connection, until, last, page):
        last = ids[-1]
        newest = _newest_said(connection, until, ids)
        texts = _texts(connection, [(ticket_id, revision) for ticket_id, (revision, _) in newest.items()])
        for ticket_id, (revision, said) in newest.items():
            row = texts[ticket_id]
            at = row.created_at or row.received_at
            yield Labelled(ticket_id, revision, row.text, row.channel, row.customer_id, at, tuple(said))


def _counts(until: datetime) -> ColumnElement[bool]:
    """Which corrections speak."""
    return and_(corrections.c.at < until, corrections.c.withdrawn_at.is_(None))


def _next_ids(connection: Connection, until: datetime, after: str | None, page: int) -> Sequence[str]:
    c = corrections.c
    wanted = select(c.ticket_id).where(_counts(until)).distinct().order_by(c.ticket_id).limit(page)
    if after is not None:
        wanted = wanted.where(c.ticket_id > after)
    return connection.execute(wanted).scalars().all()


def _newest_said(connection: Connection, until: datetime, ids: Sequence[str]) -> dict[str, tuple[int, list[Said]]]:
    """Ticket -> its newest corrected revision and what was said of that; in the order of ``ids``."""
    c = corrections.c
    found = connection.execute(
        select(corrections).where(_counts(until), c.ticket_id.in_(ids)).order_by(c.at, c.id)
    ).all()
    out: dict[str, tuple[int, list[Said]]] = {ticket_id: (0, []) for ticket_id in ids}
    for row in found:
        if row.revision > out[row.ticket_id][0]:
            out[row.ticket_id] = (row.revision, [])
        if row.revision == out[row.ticket_id][0]:
            out[row.ticket_id][1].append(_said(row))
    return {ticket_id: held for ticket_id, held in out.items() if held[1]}  # undone since the ids were read


def _said(row: Row[Any]) -> Said:
    labels = {head: label for head in HEADS if (label := getattr(row, head)) is not None}
    return Said(row.id, row.by, row.source, row.at, labels, row.blind, row.reason, row.note)


def _texts(connection: Connection, keys: Sequence[tuple[str, int]]) -> dict[str, Any]:
    t = tickets.c
    wanted = select(t.ticket_id, t.revision, t.text, t.channel, t.customer_id, t.created_at, t.received_at)
    # By ids, not by pairs: SQLite reads the whole table for a list of pairs.
    found = connection.execute(wanted.where(t.ticket_id.in_({ticket_id for ticket_id, _ in keys}))).all()
    asked = set(keys)
    return {row.ticket_id: row for row in found if (row.ticket_id, row.revision) in asked}
