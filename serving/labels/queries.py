"""What stands of all that people said: the only place that reads corrections. An undone one counts nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from serving.labels.corrections import Correction
from serving.labels.tables import correction_labels, corrections
from serving.store.keys import Key, by_keys, chunks
from serving.store.tables import tickets
from triage.labels import CONFLICT, OUR_PEOPLE, EffectiveLabel, Source, effective
from triage.taxonomy import in_order

_c = corrections.c
_l = correction_labels.c
_STANDS = _c.withdrawn_at.is_(None)


def history(connection: Connection, ticket_id: str) -> list[Correction]:
    """All that was ever said of a ticket, undone words too, oldest first."""
    return _read(connection, select(corrections).where(_c.ticket_id == ticket_id).order_by(_c.at, _c.id))


def read_by_ids(connection: Connection, ids: Sequence[str]) -> list[Correction]:
    """Corrections by their ids, undone ones too."""
    return [one for some in chunks(ids) for one in _read(connection, select(corrections).where(_c.id.in_(some)))]


def said_of(connection: Connection, keys: Collection[Key]) -> dict[Key, list[Correction]]:
    """What stands of each of ``keys``, oldest first; keys of which nothing was said are left out."""
    query = select(corrections).where(_STANDS).order_by(_c.at, _c.id)
    return _by_ticket(_corrections(connection, list(by_keys(connection, query, _c.ticket_id, keys))))


def effective_of(connection: Connection, keys: Collection[Key]) -> dict[Key, dict[str, EffectiveLabel]]:
    """The labels that stand for each of ``keys``."""
    return {key: effective(said) for key, said in said_of(connection, keys).items()}


def newest_said(connection: Connection, limit: int, *, answered: bool = False) -> dict[Key, list[Correction]]:
    """The newest ``limit`` words by ticket, the ticket with the newest word first, each ticket's words oldest first.

    Args:
        answered: only of tickets that a model answered.
    """
    query = select(corrections).where(_STANDS)
    if answered:
        query = query.join(tickets, _about(tickets.c)).where(tickets.c.degraded.is_(False))
    newest_first = _read(connection, query.order_by(_c.at.desc(), _c.id.desc()).limit(limit))
    return {key: said[::-1] for key, said in _by_ticket(newest_first).items()}


def said_before(connection: Connection, ids: Collection[str], until: datetime) -> list[Correction]:
    """What stands of tickets (by id, every revision) and was said before ``until``, oldest first."""
    query = select(corrections).where(_STANDS, _c.at < until, _c.ticket_id.in_(ids))
    return _read(connection, query.order_by(_c.at, _c.id))


def labelled_ids(connection: Connection, until: datetime, after: str | None, limit: int) -> Sequence[str]:
    """The next ``limit`` tickets of which something stands that was said before ``until``, by id."""
    wanted = select(_c.ticket_id).where(_STANDS, _c.at < until).distinct().order_by(_c.ticket_id).limit(limit)
    if after is not None:
        wanted = wanted.where(_c.ticket_id > after)
    return connection.execute(wanted).scalars().all()


def withdrawn(connection: Connection, until: datetime) -> int:
    """How many corrections before ``until`` were undone."""
    found = select(func.count()).select_from(corrections).where(_c.at < until, ~_STANDS)
    return int(connection.execute(found).scalar_one())


def count_by(connection: Connection, who: str, since: datetime, sources: Sequence[Source]) -> int:
    """How many words of ``who`` stand that they said since then."""
    mine = select(func.count()).where(_c.by == who, _c.at >= since, _STANDS, _c.source.in_(sources))
    return int(connection.execute(mine).scalar_one())


def count_labels(connection: Connection, head: str, since: datetime) -> dict[str, int]:
    """How often each label of a head was given since then."""
    query = select(_l.label, func.count()).join(corrections, _l.correction_id == _c.id)
    found = connection.execute(query.where(_l.head == head, _c.at > since, _STANDS).group_by(_l.label))
    return {row[0]: row[1] for row in found}


def own_answers(
    connection: Connection, who: str, source: Source, since: datetime, *, item_id: str | None = None
) -> list[Correction]:
    """Answers of ``who`` to review items (to one of them) that stand, said since then, newest first; one at most each."""
    mine = [_c.by == who, _c.at >= since, _STANDS, _c.source == source]
    mine.append(_c.item_id.is_not(None) if item_id is None else _c.item_id == item_id)
    query = select(corrections).where(*mine).order_by(_c.at.desc(), _c.id.desc())
    return _read(connection, query.limit(1) if item_id is None else query)


def blind_answers(connection: Connection, audited: Any) -> dict[Key, list[Correction]]:
    """What our people said of tickets of ``audited`` (a subquery with ticket_id, revision) without seeing the prediction."""
    query = select(corrections).join(audited, _about(audited.c)).where(_c.blind.is_(True), _STANDS, _by_our_people())
    return _by_ticket(_read(connection, query.order_by(_c.at, _c.id)))


def changed_in_sight(connection: Connection, head: str, *where: ColumnElement[bool]) -> dict[Key, bool]:
    """Whether the newest word on a head by people who had seen the prediction (or may have) says another label.

    Args:
        head: a column of ``tickets`` too; ``where``: which tickets.
    """
    query = (
        select(_c.ticket_id, _c.revision, _l.label != tickets.c[head])
        .join(tickets, _about(tickets.c))
        .join(correction_labels, and_(_l.correction_id == _c.id, _l.head == head))
        .where(or_(_c.blind.is_(None), _c.blind.is_(False)), _STANDS, *where)
        .order_by(_c.at, _c.id)
    )
    return {(ticket_id, revision): bool(changed) for ticket_id, revision, changed in connection.execute(query)}


def said_by_several(connection: Connection, since: datetime, until: datetime, limit: int) -> list[Correction]:
    """What our people said in [since, until) of tickets that two or more of them answered on their own, oldest first.

    With what a lead then settled; of more than ``limit`` words, the newest.
    """
    ours = and_(_STANDS, _c.at >= since, _c.at < until)
    settles = _c.reason == CONFLICT
    alone = and_(ours, _by_our_people(), or_(_c.reason.is_(None), _c.reason != CONFLICT))
    several = (
        select(_c.ticket_id, _c.revision)
        .where(alone)
        .group_by(_c.ticket_id, _c.revision)
        .having(func.count(_c.by.distinct()) > 1)
        .subquery()
    )
    query = select(corrections).join(several, _about(several.c)).where(or_(alone, and_(ours, settles)))
    return _read(connection, query.order_by(_c.at.desc(), _c.id.desc()).limit(limit))[::-1]


def is_labelled(of: Any, *, by: str = "", label: str = "") -> ColumnElement[bool]:
    """Whether anything stands of a ticket: of ``of``, columns ticket_id and revision of an enclosing statement.

    Args:
        by: said by this person; ``label``: with this label of any head.
    """
    said = [_about(of), _STANDS]
    if by:
        said.append(_c.by == by)
    if label:
        said.append(exists(select(_l.head).where(_l.correction_id == _c.id, _l.label == label)))
    return exists(select(_c.id).where(*said))


def _by_our_people() -> ColumnElement[bool]:
    return _c.source.in_(OUR_PEOPLE)


def _about(of: Any) -> ColumnElement[bool]:
    return and_(_c.ticket_id == of.ticket_id, _c.revision == of.revision)


def _by_ticket(said: Iterable[Correction]) -> dict[Key, list[Correction]]:
    out: dict[Key, list[Correction]] = {}
    for one in said:
        out.setdefault(one.key, []).append(one)
    return out


def _read(connection: Connection, query: Select[Any]) -> list[Correction]:
    return _corrections(connection, connection.execute(query).all())


def _corrections(connection: Connection, rows: Sequence[Row[Any]]) -> list[Correction]:
    """Rows of ``corrections`` with their labels, in the order of ``rows``."""
    labels: dict[str, dict[str, str]] = {row.id: {} for row in rows}
    for some in chunks(list(labels)):
        for one in connection.execute(select(correction_labels).where(_l.correction_id.in_(some))):
            labels[one.correction_id][one.head] = one.label
    return [Correction(**row._mapping, labels=_in_order(labels[row.id])) for row in rows]


def _in_order(labels: dict[str, str]) -> dict[str, str]:
    return {head: labels[head] for head in in_order(sorted(labels))}
