"""The only writer of what people say: checks, stores, lets others follow up, notes the event. In writing transactions.

Who has to act on a word (the review desk: it asks people about what the helpdesk reports, closes what a file answers and
opens conflicts) is handed in where the service is assembled, and is called inside the same transaction: a word is never
there without its consequences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from serving.labels.corrections import Correction, NewCorrection
from serving.labels.queries import read_by_ids
from serving.labels.tables import correction_labels, corrections
from serving.store.events import emit
from serving.store.keys import chunks
from serving.store.logbook import record
from serving.store.tables import tickets
from triage.errors import NotFoundError
from triage.events import Event, EventKind

Follower = Callable[[Connection, Sequence[Correction], datetime], None]
"""Is told what has just been said, or (``withdrawn_at``) undone, and when; it reads and writes in the same transaction."""


class LabelRecord:
    """What people say of tickets. Every word comes in here.

    Args:
        followers: called in order, after the words are stored.
    """

    def __init__(self, *followers: Follower) -> None:
        self._followers = followers

    def add(
        self, connection: Connection, new: Sequence[NewCorrection], now: datetime, **event: Any
    ) -> list[Correction]:
        """Stores what was said and lets others follow up.

        Args:
            event: ``what``, ``by`` and details of the event that is noted; by default a correction's own.

        Raises:
            NotFoundError: there is no such ticket or revision; nothing was written.
        """
        said = _checked(connection, new)
        if said:
            connection.execute(insert(corrections), [_row(one) for one in said])
            rows = [
                {"correction_id": one.id, "head": head, "label": label}
                for one in said
                for head, label in one.labels.items()
            ]
            if rows:
                connection.execute(insert(correction_labels), rows)
            self._follow(connection, said, now)
            _tell(connection, "corrected", said, now)
        for one in said if not event else ():
            event_of = {"ticket_id": one.ticket_id, "revision": one.revision, "source": one.source}
            record(connection, at=now, by=one.by or one.source, what="corrected", id=one.id, **event_of)
        if event:
            record(connection, at=now, **event)
        return said

    def withdraw(self, connection: Connection, ids: Sequence[str], now: datetime, *, by: str) -> list[Correction]:
        """Undoes words by their ids; they then count nowhere."""
        c = corrections.c
        said = [replace(one, withdrawn_at=now) for one in read_by_ids(connection, ids)]
        for some in chunks(ids):
            connection.execute(update(corrections).where(c.id.in_(some)).values(withdrawn_at=now))
        self._follow(connection, said, now)
        _tell(connection, "withdrawn", said, now)
        for one in said:
            record(
                connection, at=now, by=by, what="withdrawn", id=one.id, ticket_id=one.ticket_id, revision=one.revision
            )
        return said

    def _follow(self, connection: Connection, said: Sequence[Correction], now: datetime) -> None:
        for follower in self._followers:
            follower(connection, said, now)


def _tell(connection: Connection, kind: EventKind, said: Sequence[Correction], now: datetime) -> None:
    emit(connection, [Event(kind, now, one.ticket_id, one.revision, {"id": one.id}) for one in said])


def _checked(connection: Connection, new: Sequence[NewCorrection]) -> list[Correction]:
    """The words with the revision and the model that they speak of."""
    t = tickets.c
    versions: dict[str, dict[int, str]] = {}
    for some in chunks(sorted({one.ticket_id for one in new})):
        held = select(t.ticket_id, t.revision, t.model_version).where(t.ticket_id.in_(some))
        for ticket_id, revision, version in connection.execute(held):
            versions.setdefault(ticket_id, {})[revision] = version
    out = []
    for one in new:
        known = versions.get(one.ticket_id, {})
        revision = max(known, default=0) if one.revision is None else one.revision
        if revision not in known:
            which = f"工单 {one.ticket_id}" + (f" 的第 {one.revision} 版" if one.revision is not None else "")
            raise NotFoundError(f"没有{which}；更正前要先用 POST /v1/triage 分过这张工单", field="ticket_id")
        out.append(
            Correction(
                id=one.id,
                ticket_id=one.ticket_id,
                revision=revision,
                labels=one.labels,
                source=one.source,
                by=one.by,
                note=one.note,
                at=one.at,
                item_id=one.item_id,
                blind=one.blind,
                reason=one.reason,
                round=one.round,
                model_version=known[revision],
            )
        )
    return out


def _row(one: Correction) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in corrections.columns}
