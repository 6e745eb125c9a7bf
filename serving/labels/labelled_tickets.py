"""Reads corrected tickets from the store, a page at a time, each with all that was said of it.

Of a ticket with several corrected revisions the newest one counts: its text is what the customer meant in the end, and a
data file has one row a ticket. Memory is bounded by a page of tickets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from serving.labels.corrections import Correction
from serving.labels.queries import labelled_ids, said_before
from serving.store.keys import by_keys
from serving.store.tables import tickets
from triage.labels import Said

PAGE = 500
"""Tickets read at a time."""


@dataclass(frozen=True, slots=True)
class LabelledTicket:
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


def labelled_tickets(connection: Connection, until: datetime, *, page: int = PAGE) -> Iterator[LabelledTicket]:
    """Tickets with a correction before ``until`` that was not undone, by ``ticket_id`` in the database's own order.

    Every page is a read of its own, so this may run beside a service that writes.
    """
    t = tickets.c
    texts = select(t.ticket_id, t.revision, t.text, t.channel, t.customer_id, t.created_at, t.received_at)
    last: str | None = None
    while ids := labelled_ids(connection, until, last, page):
        last = ids[-1]
        newest = _of_newest_revision(said_before(connection, ids, until))
        rows = {
            row.ticket_id: row for row in by_keys(connection, texts, t.ticket_id, {s[0].key for s in newest.values()})
        }
        for ticket_id in ids:
            if ticket_id not in newest:  # undone since the ids were read
                continue
            row = rows[ticket_id]
            at = row.created_at or row.received_at
            said = tuple(newest[ticket_id])
            yield LabelledTicket(ticket_id, row.revision, row.text, row.channel, row.customer_id, at, said)


def _of_newest_revision(said: Sequence[Correction]) -> dict[str, list[Correction]]:
    """Ticket -> what was said of its newest corrected revision."""
    out: dict[str, list[Correction]] = {}
    for one in said:
        held = out.setdefault(one.ticket_id, [])
        if held and one.revision > held[0].revision:
            held.clear()
        if not held or one.revision == held[0].revision:
            held.append(one)
    return out
