"""The statements of a writing transaction. All of them run under the write lock, so what is read stays true."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import TypeVar

from sqlalchemy import Connection, bindparam, insert, select

from serving.ids import new_id
from serving.store.rows import Correction, NewCorrection, NewTicket, Saved
from serving.store.tables import corrections, probe, tickets
from triage.errors import NotFoundError
from triage.taxonomy import HEADS

T = TypeVar("T")

_CHUNK = 500
_FIELDS = tuple(item.name for item in fields(NewTicket))
_values = operator.attrgetter(*_FIELDS)

_known = select(tickets.c.ticket_id, tickets.c.text_hash, tickets.c.revision, tickets.c.decision).where(
    tickets.c.ticket_id.in_(bindparam("ids", expanding=True))
)
"""All revisions of some tickets. Not by pairs of id and hash: SQLite reads the whole table for a list of pairs."""


def save_tickets(connection: Connection, rows: Sequence[NewTicket]) -> list[Saved]:
    """Writes what is new of ``rows``, in order, and says for each what the store now holds.

    A known ticket with a known text gets its stored decision back; with another text it becomes a new revision. That
    holds between the rows of one call as well, so two equal rows make one row in the store.
    """
    known: dict[tuple[str, str], Saved] = {}
    newest: dict[str, int] = {}
    for chunk in _chunks(sorted({row.ticket_id for row in rows})):
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
    return saved


def save_correction(connection: Connection, new: NewCorrection) -> Correction:
    """Writes one correction.

    Raises:
        NotFoundError: there is no such ticket or revision.
    """
    held = select(tickets.c.revision, tickets.c.model_version).where(tickets.c.ticket_id == new.ticket_id)
    if new.revision is not None:
        held = held.where(tickets.c.revision == new.revision)
    found = connection.execute(held.order_by(tickets.c.revision.desc()).limit(1)).one_or_none()
    if found is None:
        which = f"工单 {new.ticket_id}" + (f" 的第 {new.revision} 版" if new.revision is not None else "")
        raise NotFoundError(f"没有{which}；更正前要先用 POST /v1/triage 分过这张工单", field="ticket_id")
    said = asdict(new) | {"revision": found.revision, "model_version": found.model_version}
    labels = said.pop("labels")
    connection.execute(insert(corrections), {**said, **{head: labels.get(head) for head in HEADS}})
    return Correction(**said, labels=labels)


def write_probe(connection: Connection) -> None:
    """Writes 16 KiB and takes them back: touches enough pages for a full disk to show, leaves nothing behind."""
    key = new_id()
    connection.execute(insert(probe), {"id": key, "filler": os.urandom(16_384)})
    connection.execute(probe.delete().where(probe.c.id == key))


def _chunks(values: list[T]) -> Iterator[list[T]]:
    for i in range(0, len(values), _CHUNK):
        yield values[i : i + _CHUNK]
