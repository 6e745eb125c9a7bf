"""All that is known of one ticket."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from serving.labels.corrections import Correction
from serving.labels.queries import history
from serving.store.tables import tickets


class Revision(NamedTuple):
    """One stored text of a ticket with its decision (JSON)."""

    revision: int
    text: str
    received_at: datetime
    decision: str


class TicketRecord(NamedTuple):
    """All that is known of a ticket; revisions and corrections are each in the order in which they came."""

    ticket_id: str
    revisions: list[Revision]
    corrections: list[Correction]


def read_ticket(connection: Connection, ticket_id: str) -> TicketRecord | None:
    """All that is known of a ticket; None for an unknown one."""
    t = tickets.c
    found = connection.execute(
        select(t.revision, t.text, t.received_at, t.decision).where(t.ticket_id == ticket_id).order_by(t.revision)
    )
    revisions = [Revision(*row) for row in found]
    return TicketRecord(ticket_id, revisions, history(connection, ticket_id)) if revisions else None
