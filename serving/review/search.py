"""Search over stored tickets, newest first, page by page; and all that is known of one ticket.

Text is looked for in windows of the newest tickets (an index leads through them), not in a full-text index: SQLite's
trigram index finds no words of two characters, which most Chinese words are, and every index makes storing slower for
everybody. A search that has gone through as many tickets as it may says where to go on.

What somebody is still to judge blind is not told here: no prediction, no answer of anybody, and no filter finds the
ticket by either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, tuple_

from serving.review.answers import labels_of
from serving.review.cards import shown
from serving.review.reasons import predicted
from serving.store.tables import corrections, review_items, shadow_answers, tickets
from triage.errors import NotFoundError
from triage.taxonomy import HEADS

WINDOW = 4000
"""So many tickets are gone through at once when a text is looked for …"""

WINDOWS = 5
"""… and so many times at most for one page."""

_t = tickets.c
_c = corrections.c
_i = review_items.c


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
    after: tuple[datetime, str, int] | None = None
    limit: int = 20


def search(connection: Connection, wanted: Wanted) -> tuple[list[dict[str, Any]], tuple[datetime, str, int] | None]:
    """One page of rows as JSON, and where the next page begins; None at the end."""
    found: list[Row[Any]] = []
    if wanted.q and wanted.after is None:
        found += _by_id(connection, wanted)
    place = wanted.after
    known = {(row.ticket_id, row.revision) for row in found}
    for _ in range(WINDOWS):
        rows, place = _window(connection, wanted, place, wanted.limit - len(found))
        found += [row for row in rows if (row.ticket_id, row.revision) not in known]
        if place is None or len(found) >= wanted.limit:
            break
    return _rows(connection, found), place


def ticket(connection: Connection, ticket_id: str, *, who: str, names: bool) -> dict[str, Any]:
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
    hidden = _hidden(connection, [(ticket_id, row.revision) for row in revisions])
    hidden_revisions = {revision for _, revision in hidden}
    said = connection.execute(select(corrections).where(_c.ticket_id == ticket_id).order_by(_c.at, _c.id)).mappings()
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
                "decision": None if row.revision in hidden_revisions else orjson.loads(row.decision),
            }
            for row in revisions
        ],
        "corrections": [
            {
                "id": row["id"],
                "revision": row["revision"],
                "labels": labels_of(row),
                "source": row["source"],
                "by": row["by"] if names or row["by"] == who else "",
                "note": row["note"],
                "at": shown(row["at"]),
                "blind": row["blind"],
                "reason": row["reason"],
                "model_version": row["model_version"],
                "withdrawn_at": shown(row["withdrawn_at"]),
            }
            for row in said
            if row["revision"] not in hidden_revisions or row["by"] == who
        ],
        "shadow": [
            {
                "model_version": row.model_version,
                "champion_version": row.champion_version,
                "answers": orjson.loads(row.answers),
                "at": shown(row.at),
            }
            for row in shadow
            if row.revision not in hidden_revisions
        ],
        "hidden": bool(hidden),
    }


def _by_id(connection: Connection, wanted: Wanted) -> list[Row[Any]]:
    """The ticket that ``q`` names, when it meets the other conditions."""
    return list(connection.execute(_select().where(_t.ticket_id == wanted.q, *_conditions(wanted))).all())


def _window(
    connection: Connection, wanted: Wanted, place: tuple[datetime, str, int] | None, limit: int
) -> tuple[list[Row[Any]], tuple[datetime, str, int] | None]:
    """Up to ``limit`` rows of the next window, and where to go on; None when there is nothing older."""
    indexed = _indexed(wanted)
    if place is not None:
        at, ticket_id, revision = place
        earlier = or_(_t.ticket_id < ticket_id, and_(_t.ticket_id == ticket_id, _t.revision < revision))
        indexed += [_t.received_at <= at, or_(_t.received_at < at, earlier)]
    order = (_t.received_at.desc(), _t.ticket_id.desc(), _t.revision.desc())
    inner = select(_t.ticket_id, _t.revision, _t.received_at).where(*indexed).order_by(*order).limit(WINDOW)
    keys = inner.subquery()
    same = and_(keys.c.ticket_id == _t.ticket_id, keys.c.revision == _t.revision)
    query = _select().join(keys, same).where(*_sifted(wanted)).order_by(*order).limit(limit)
    rows = list(connection.execute(query).all())
    if len(rows) == limit:
        return rows, (rows[-1].received_at, rows[-1].ticket_id, rows[-1].revision)
    last = connection.execute(inner.offset(WINDOW - 1).limit(1)).one_or_none()
    return rows, None if last is None else (last.received_at, last.ticket_id, last.revision)


def _select() -> Any:
    return select(
        _t.ticket_id, _t.revision, _t.text, _t.channel, _t.received_at, _t.priority, _t.queue, _t.action, _t.decision
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    rest = _sifted(wanted)
    return [*_indexed(wanted), *(rest[1:] if wanted.q else rest)]


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
    if wanted.reviewer or wanted.label:
        said: list[ColumnElement[bool]] = [_c.withdrawn_at.is_(None)]
        if wanted.reviewer:
            said.append(_c.by == wanted.reviewer)
        if wanted.label:
            said.append(or_(*(_c[head] == wanted.label for head in HEADS)))
        out.append(tuple_(_t.ticket_id, _t.revision).in_(select(_c.ticket_id, _c.revision).where(*said)))
    return out


def _sifted(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions that each ticket of a window is looked at for; the text, where one is wanted, comes first."""
    out: list[ColumnElement[bool]] = []
    if wanted.q:
        out.append(_t.text.ilike(f"%{escaped(wanted.q)}%", escape="\\"))
    if wanted.channel:
        out.append(_t.channel == wanted.channel)
    if wanted.reviewed is not None:
        by_people = exists(
            select(_c.id)
            .where(_c.ticket_id == _t.ticket_id, _c.revision == _t.revision, _c.withdrawn_at.is_(None))
            .correlate(tickets)
        )
        out.append(by_people if wanted.reviewed else ~by_people)
    if wanted.category or wanted.queue or wanted.label or wanted.reviewed is not None:
        waits = exists(select(_i.id).where(_i.ticket_id == _t.ticket_id, _waits_blind()).correlate(tickets))
        out.append(~waits)
    return out


def escaped(text: str) -> str:
    """``text`` as a LIKE pattern that means itself; the escape character is the backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _waits_blind() -> ColumnElement[bool]:
    return and_(_i.reason == "blind", _i.state == "open")


def _hidden(connection: Connection, keys: list[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of ``keys`` that somebody is still to judge blind."""
    query = select(_i.ticket_id, _i.revision).where(tuple_(_i.ticket_id, _i.revision).in_(keys), _waits_blind())
    return {(row.ticket_id, row.revision) for row in connection.execute(query)} if keys else set()


def _rows(connection: Connection, found: list[Row[Any]]) -> list[dict[str, Any]]:
    keys = [(row.ticket_id, row.revision) for row in found]
    hidden = _hidden(connection, keys)
    said: dict[tuple[str, int], dict[str, str]] = {}
    if keys:
        answers = connection.execute(
            select(corrections)
            .where(tuple_(_c.ticket_id, _c.revision).in_(keys), _c.withdrawn_at.is_(None))
            .order_by(_c.at, _c.id)
        ).mappings()
        rows = sorted(answers, key=lambda row: row["source"] == "lead")  # a lead's word comes last, and holds
        for row in rows:
            said.setdefault((row["ticket_id"], row["revision"]), {}).update(labels_of(row))
    return [_row(row, (row.ticket_id, row.revision) in hidden, said) for row in found]


def _row(row: Row[Any], hidden: bool, said: dict[tuple[str, int], dict[str, str]]) -> dict[str, Any]:
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
