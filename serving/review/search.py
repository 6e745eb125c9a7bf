"""Search over stored tickets, newest first, page by page; and all that is known of one ticket.

Text is looked for in windows of the newest tickets (an index leads through them), not in a full-text index: SQLite's
trigram index finds no words of two characters, which most Chinese words are, and every index makes storing slower for
everybody. A search that has gone through as many tickets as it may says where to go on.

What somebody is still to judge blind is not told here: no prediction, no answer of anybody, and no filter finds the
ticket by either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypedDict

import orjson
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from serving.labels.queries import effective_of, history, is_labelled
from serving.labels.sight import hidden, visible_to, waits_blind
from serving.review.cards import shown
from serving.review.ticket_history import TicketHistory, answer_history
from serving.store.keys import by_keys
from serving.store.tables import shadow_answers, tickets
from triage.contract import predicted
from triage.errors import NotFoundError
from triage.labels import codes
from triage.prediction import Action

WINDOWS = (300, 500)
"""So many of the newest tickets are gone through for one page, and so many more where those do not fill it."""

Place = tuple[datetime, str, int]
"""When a ticket was received, its id and revision: rows are in the falling order of it."""

_START: Place = (datetime(2200, 1, 1, tzinfo=UTC), "", 1)
"""Before everything."""

_t = tickets.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; empty values mean anything. Moments are aware; ``until`` is exclusive.

    Attributes:
        q: text that stands in the ticket, or its whole id.
        category, queue: predicted.
        label: any head's label that people gave. reviewer: who gave an answer.
        after: where the page before ended.
    """

    q: str = ""
    category: str = ""
    queue: str = ""
    channel: str = ""
    label: str = ""
    reviewer: str = ""
    reviewed: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: Place | None = None
    limit: int = 20


class FoundTicket(TypedDict):
    """A row of the results; what the model or people said is None while the ticket is in the blind audit."""

    ticket_id: str
    revision: int
    received_at: str
    channel: str
    text: str
    labels: dict[str, str] | None
    predicted: dict[str, str] | None
    action: Action | None
    queue: str | None
    priority: str | None
    hidden: bool


class Key(NamedTuple):
    """A ticket that was found."""

    ticket_id: str
    revision: int
    received_at: datetime

    @property
    def place(self) -> Place:
        """Where it stands in the order of the results."""
        return self.received_at, self.ticket_id, self.revision


def search(connection: Connection, wanted: Wanted) -> tuple[list[FoundTicket], Place | None]:
    """One page of rows as JSON, and where the next page begins; None at the end.

    A page may be short, even empty, and there is more: then :data:`WINDOWS` had been gone through. Where ``q`` is a
    ticket's id, the first page is that ticket, and those that have it in their text come next.
    """
    first = _by_id(connection, wanted) if wanted.q and wanted.after is None else []
    if first:
        return _rows(connection, first), _START
    found: list[Key] = []
    place = wanted.after
    for size in WINDOWS:
        rows, place = _window(connection, wanted, place, size, wanted.limit - len(found))
        found += rows
        if place is None or len(found) == wanted.limit:
            break
    return _rows(connection, found), place


def ticket(connection: Connection, ticket_id: str, *, who: str, names: bool) -> TicketHistory:
    """All that is known of a ticket, as JSON.

    Args:
        names: whether it says who gave an answer; one's own answers always do.

    Raises:
        NotFoundError: there is no such ticket.
    """
    revisions = connection.execute(
        select(_t.revision, _t.text, _t.received_at, _t.channel, _t.decision)
        .where(_t.ticket_id == ticket_id)
        .order_by(_t.revision)
    ).all()
    if not revisions:
        raise NotFoundError(f"没有工单 {ticket_id!r:.140}；它没有被分过，或者编号写错了", field="ticket_id")
    unseen = hidden(connection, [ticket_id])
    said = visible_to(who, history(connection, ticket_id), unseen)
    s = shadow_answers.c
    shadow = connection.execute(select(shadow_answers).where(s.ticket_id == ticket_id).order_by(s.at)).all()
    return {
        "ticket_id": ticket_id,
        "revisions": [
            {
                "revision": row.revision,
                "text": row.text,
                "channel": row.channel,
                "received_at": shown(row.received_at),
                "decision": None if (ticket_id, row.revision) in unseen else orjson.loads(row.decision),
            }
            for row in revisions
        ],
        "corrections": [answer_history(one, by=one.by if names or one.by == who else "") for one in said],
        "shadow": [
            {
                "model_version": row.model_version,
                "champion_version": row.champion_version,
                "answers": orjson.loads(row.answers),
                "at": shown(row.at),
            }
            for row in shadow
            if (ticket_id, row.revision) not in unseen
        ],
        "hidden": bool(unseen),
    }


def _by_id(connection: Connection, wanted: Wanted) -> list[Key]:
    """The ticket that ``q`` names, when it meets the other conditions."""
    columns = (_t.ticket_id, _t.revision, _t.received_at)
    named = replace(wanted, q="")
    found = select(*columns).where(_t.ticket_id == wanted.q, *_indexed(named), *_sifted(named, _t))
    return [Key(*row) for row in connection.execute(found.order_by(_t.revision.desc()))]


def _window(
    connection: Connection, wanted: Wanted, after: Place | None, size: int, limit: int
) -> tuple[list[Key], Place | None]:
    """Up to ``limit`` keys among the next ``size`` tickets, and where to go on; None when there is nothing older."""
    indexed = _indexed(wanted)
    if after is not None:
        at, ticket_id, revision = after
        earlier = or_(_t.ticket_id < ticket_id, and_(_t.ticket_id == ticket_id, _t.revision < revision))
        indexed += [_t.received_at <= at, or_(_t.received_at < at, earlier)]
    newest = select(_t.ticket_id, _t.revision, _t.received_at).where(*indexed)
    newest = newest.order_by(_t.received_at.desc(), _t.ticket_id.desc(), _t.revision.desc())
    w = newest.add_columns(_t.text, _t.channel).limit(size).subquery("w").c
    sifted = _sifted(wanted, w)
    query = select(w.ticket_id, w.revision, w.received_at).where(*sifted)
    query = query.order_by(w.received_at.desc(), w.ticket_id.desc(), w.revision.desc())
    found = [Key(*row) for row in connection.execute((query if sifted else newest).limit(limit))]
    if len(found) == limit:
        return found, found[-1].place
    end = connection.execute(newest.offset(size - 1).limit(1)).one_or_none() if sifted else None
    return found, None if end is None else Key(*end).place


def _indexed(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions that an index leads through; a search by person goes through what people said."""
    out: list[ColumnElement[bool]] = []
    if wanted.category:
        out.append(_t.category == wanted.category)
    if wanted.queue:
        out.append(_t.queue == wanted.queue)
    if wanted.since:
        out.append(_t.received_at >= wanted.since)
    if wanted.until:
        out.append(_t.received_at < wanted.until)
    return out


def _sifted(wanted: Wanted, t: Any) -> list[ColumnElement[bool]]:
    """Conditions that each ticket of a window is looked at for. ``t``: columns of the tickets looked at."""
    out: list[ColumnElement[bool]] = []
    if wanted.q:
        out.append(t.text.ilike(f"%{escaped(wanted.q)}%", escape="\\"))
    if wanted.channel:
        out.append(t.channel == wanted.channel)
    if wanted.reviewed is not None:
        out.append(is_labelled(t) if wanted.reviewed else ~is_labelled(t))
    if wanted.reviewer or wanted.label:
        out.append(is_labelled(t, by=wanted.reviewer, label=wanted.label))
    if wanted.category or wanted.queue or wanted.label or wanted.reviewed is not None:
        out.append(~waits_blind(t))
    return out


def escaped(text: str) -> str:
    """``text`` as a LIKE pattern that means itself; the escape character is the backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rows(connection: Connection, keys: Sequence[Key]) -> list[FoundTicket]:
    wanted = [key[:2] for key in keys]
    unseen = hidden(connection, [key.ticket_id for key in keys])
    columns = (_t.text, _t.channel, _t.priority, _t.queue, _t.action, _t.decision)
    query = select(_t.ticket_id, _t.revision, _t.received_at, *columns)
    found = {(row.ticket_id, row.revision): row for row in by_keys(connection, query, _t.ticket_id, wanted)}
    said = {key: codes(labels) for key, labels in effective_of(connection, wanted).items()}
    return [_row(found[key], key in unseen, said) for key in wanted]


def _row(row: Any, hidden: bool, said: dict[tuple[str, int], dict[str, str]]) -> FoundTicket:
    return {
        "ticket_id": row.ticket_id,
        "revision": row.revision,
        "received_at": shown(row.received_at),
        "channel": row.channel,
        "text": row.text[:300],
        "labels": None if hidden else said.get((row.ticket_id, row.revision)),
        "predicted": None if hidden else predicted(orjson.loads(row.decision)),
        "action": None if hidden else row.action,
        "queue": None if hidden else row.queue,
        "priority": None if hidden else row.priority,
        "hidden": hidden,
    }
