"""The statements of a writing transaction. All of them run under the write lock, so what is read stays true."""

from __future__ import annotations

import operator
import os
from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, bindparam, insert, select

from serving.ids import new_id
from serving.store.events import emit_decided
from serving.store.keys import chunks
from serving.store.rows import NewTicket, Saved
from serving.store.tables import probe, tickets

_FIELDS = tuple(item.name for item in fields(NewTicket))
_values = operator.attrgetter(*_FIELDS)

_known = select(tickets.c.ticket_id, tickets.c.text_hash, tickets.c.revision, tickets.c.decision).where(
    tickets.c.ticket_id.in_(bindparam("ids", expanding=True))
)
"""All revisions of some tickets. Not by pairs of id and hash: SQLite reads the whole table for a list of pairs."""


def save_tickets(connection: Connection, rows: Sequence[NewTicket]) -> list[Saved]:
    """Writes what is new of ``rows``, in order, and says for each what the store now holds.

    Each new one is told of by an event. A known ticket with a known text gets its stored decision back; with another text it becomes a new revision. That
    holds between the rows of one call as well, so two equal rows make one row in the store.
    """
    known: dict[tuple[str, str], Saved] = {}
    newest: dict[str, int] = {}
    for chunk in chunks(sorted({row.ticket_id for row in rows})):
        for ticket_id, text_hash, revision, decision in connection.execute(_known, {"ids": chunk}):
            known[ticket_id, text_hash] = Saved(decision, revision, False)
            newest[ticket_id] = max(revision, newest.get(ticket_id, 0))
    saved = []
    new = []
    for row in rows:
        key = (row.ticket_id, row.text_hash)
        held = known.get(key)
        if held is None:
            revision = newest[row.ticket_id] = newest.get(row.ticket_id, 0) + 1
            new.append({**dict(zip(_FIELDS, _values(row), strict=True)), "revision": revision})
            held = Saved(row.decision, revision, True)
            known[key] = held._replace(created=False)
        saved.append(held)
    if new:
        connection.execute(insert(tickets), new)
        emit_decided(connection, new)
    return saved


def write_probe(connection: Connection) -> None:
    """Writes 16 KiB and takes them back: touches enough pages for a full disk to show, leaves nothing behind."""
    key = new_id()
    connection.execute(insert(probe), {"id": key, "filler": os.urandom(16_384)})
    connection.execute(probe.delete().where(probe.c.id == key))
