"""What the blind audit brought in: automatic tickets drawn at random, and what people said who had not seen the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select

from serving.labels.corrections import Correction
from serving.labels.queries import blind_answers, changed_in_sight
from serving.store.tables import audit_windows, blind_rates, review_items, tickets
from triage.contract import answers
from triage.labels import BLIND, VOID, audit_answer
from triage.prediction import AUTO

AuditState = Literal["answered", "open", "late", "void"]
"""Of one drawn ticket; late: open for longer than :data:`LATE`; void: taken out of review."""

Part = Literal["class", "channel", "version"]
"""By what the error is broken down: the class the model gave, where the ticket came in, which model answered."""

LATE = timedelta(days=7)
"""An audit that has been open for longer is late."""

QUEUE_HEAD = "category"
"""The head whose answer decides the queue: of an automatic ticket it has been acted upon, whatever its own action was."""


@dataclass(frozen=True, slots=True)
class Window:
    """Tickets received from ``since`` (None: from the beginning) and before ``until``; both aware."""

    since: datetime | None
    until: datetime

    def holds(self) -> ColumnElement[bool]:
        """The condition on ``tickets.received_at``."""
        before = tickets.c.received_at < self.until
        return before if self.since is None else and_(before, tickets.c.received_at >= self.since)


@dataclass(frozen=True, slots=True)
class Answered:
    """One automatic ticket that a person looked at.

    Attributes:
        said: head -> label the model gave; only answers that went out without a person.
        right: head -> label the person gave.
    """

    channel: str
    version: str
    said: dict[str, str]
    right: dict[str, str]


@dataclass(frozen=True, slots=True)
class Audit:
    """One automatic ticket that was drawn for the blind audit.

    Attributes:
        rate: the probability with which it was drawn.
        answer: None unless answered.
    """

    rate: float
    state: AuditState
    answer: Answered | None


@dataclass(frozen=True, slots=True)
class Automatic:
    """How many automatic tickets there are.

    Attributes:
        total: all of the window.
        covered: those that came in while the audit was on, so that each had a chance to be drawn; the estimates are of these.
        by: the covered ones by ``class``, ``channel`` and ``version``.
    """

    total: int
    covered: int
    by: dict[Part, dict[str, int]]


def last_window(connection: Connection) -> datetime | None:
    """Where the newest reported window ends; None before the first."""
    return connection.execute(
        select(audit_windows.c.until).order_by(audit_windows.c.until.desc()).limit(1)
    ).scalar_one_or_none()


def newest_windows(connection: Connection, most: int) -> Sequence[Any]:
    """Reported windows, the newest first, with ``until``, ``report`` (JSON) and ``at``."""
    w = audit_windows.c
    return connection.execute(select(w.until, w.report, w.at).order_by(w.until.desc()).limit(most)).all()


def count_automatic(connection: Connection, window: Window) -> Automatic:
    """Counts in the database; as many rows come back as there are classes × channels × versions."""
    t = tickets.c
    kinds = (t.category, t.channel, t.model_version)
    on = case((or_(false(), *_audit_on(connection)), 1), else_=0).label("on")
    found = connection.execute(
        select(*kinds, on, func.count()).where(t.action == AUTO, window.holds()).group_by(*kinds, on)
    ).all()
    by: dict[Part, dict[str, int]] = {"class": {}, "channel": {}, "version": {}}
    for *values, covered, n in found:
        for kind, value in zip(by, values, strict=True):
            by[kind][value or ""] = by[kind].get(value or "", 0) + n * covered
    return Automatic(sum(row[-1] for row in found), sum(row[-1] * row[-2] for row in found), by)


def _audit_on(connection: Connection) -> list[ColumnElement[bool]]:
    """When the blind audit was on: one condition for each stretch of time with a rate above 0."""
    rates = connection.execute(select(blind_rates.c.since, blind_rates.c.rate).order_by(blind_rates.c.since)).all()
    ends = [since for since, _ in rates[1:]]
    stretches = []
    for (since, rate), end in zip_longest(rates, ends):
        if rate > 0:
            after = tickets.c.received_at >= since
            stretches.append(after if end is None else and_(after, tickets.c.received_at < end))
    return stretches


def read_audits(connection: Connection, window: Window, now: datetime) -> list[Audit]:
    """Every drawn ticket of the window once, oldest first.

    Where two people answered blind (overlap), the first reviewer's answer counts, unless a lead settled it blind. An
    answer that was undone does not count, and neither does one by somebody who had seen the prediction.
    """
    t, i = tickets.c, review_items.c
    wanted = [i.reason == BLIND, t.action == AUTO, window.holds()]
    if window.since is not None:
        wanted.append(i.created_at >= window.since)  # an item is never older than its ticket; this has an index
    drawn = connection.execute(
        select(i.id, i.ticket_id, i.revision, i.rate, i.state, i.created_at, t.channel, t.model_version, t.decision)
        .join(tickets, _same(i, t))
        .where(*wanted)
        .order_by(i.copy, i.id)
    ).all()
    audited = select(i.ticket_id, i.revision).join(tickets, _same(i, t)).where(*wanted).distinct().subquery()
    said = {key: audit_answer(words) for key, words in blind_answers(connection, audited).items()}
    out: dict[tuple[str, int], Audit] = {}
    for item in drawn:
        key = (item.ticket_id, item.revision)
        if key not in out:
            out[key] = _audit(item, said.get(key), now)
    return list(out.values())


def count_corrected(connection: Connection, window: Window) -> int:
    """Automatic tickets of the window whose :data:`QUEUE_HEAD` somebody changed who had seen the prediction.

    The newest word of each ticket counts, from whatever source; nobody's word counts as consent.
    """
    automatic = (tickets.c.action == AUTO, window.holds())
    return sum(changed_in_sight(connection, QUEUE_HEAD, *automatic).values())


def _audit(item: Any, answer: Correction | None, now: datetime) -> Audit:
    if answer is not None:
        return Audit(item.rate, "answered", _answered(item, answer.labels))
    if item.state == VOID:
        return Audit(item.rate, "void", None)
    return Audit(item.rate, "late" if now - item.created_at > LATE else "open", None)


def _answered(ticket: Any, right: Mapping[str, str]) -> Answered:
    given = answers(orjson.loads(ticket.decision)).items()
    said = {head: answer["label"] for head, answer in given if head == QUEUE_HEAD or answer["action"] == "auto"}
    return Answered(ticket.channel, ticket.model_version, said, dict(right))


def _same(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.ticket_id == other.ticket_id, one.revision == other.revision)
