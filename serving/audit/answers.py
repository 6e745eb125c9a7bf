"""What several people said of the same ticket, and what a lead then settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, distinct, false, func, or_, select

from serving.audit.agreement import Answers
from serving.store.tables import corrections
from triage.taxonomy import HEADS

PERIOD = timedelta(days=180)
"""Agreement is that of the last half year; people and guidelines change."""

LIMIT = 50_000
"""At most so many answers are read, the newest first."""


@dataclass(slots=True)
class Shared:
    """One ticket that several people answered, each for themselves.

    Attributes:
        said: head -> [(who, label)], each person once, with their newest answer.
        blind: whether nobody of them had seen the prediction.
        settled: head -> label a lead gave when it was settled.
    """

    ticket_id: str
    revision: int
    blind: bool = True
    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)

    def apart(self, head: str) -> bool:
        """Whether people said different labels."""
        return len({label for _, label in self.said.get(head, ())}) > 1


def read_shared(connection: Connection, until: datetime) -> list[Shared]:
    """Tickets that two or more people answered in the half year before ``until``, in the order of their first answers.

    Answers of programs (helpdesk) and of other tools (import) are left out: nobody knows whether they are independent.
    """
    c = corrections.c
    ours = and_(c.withdrawn_at.is_(None), c.at >= until - PERIOD, c.at < until)
    settles = c.reason == "conflict"
    alone = and_(ours, c.source.in_(("reviewer", "lead")), or_(c.reason.is_(None), c.reason != "conflict"))
    several = (
        select(c.ticket_id, c.revision)
        .where(alone)
        .group_by(c.ticket_id, c.revision)
        .having(func.count(distinct(c.by)) > 1)
        .subquery()
    )
    found = connection.execute(
        select(corrections, func.coalesce(settles, false()).label("settles"))
        .join(several, and_(c.ticket_id == several.c.ticket_id, c.revision == several.c.revision))
        .where(or_(alone, and_(ours, settles)))
        .order_by(c.at.desc(), c.id.desc())
        .limit(LIMIT)
    ).all()
    out: dict[tuple[str, int], Shared] = {}
    newest: dict[tuple[str, int], dict[str, Any]] = {}
    for row in reversed(found):
        key = (row.ticket_id, row.revision)
        shared = out.setdefault(key, Shared(*key))
        if row.settles:
            shared.settled |= {head: label for head in HEADS if (label := getattr(row, head)) is not None}
        else:
            newest.setdefault(key, {})[row.by] = row
    for key, people in newest.items():
        out[key].blind = all(row.blind for row in people.values())
        for head in HEADS:
            said = [(who, label) for who, row in people.items() if (label := getattr(row, head)) is not None]
            if said:
                out[key].said[head] = said
    return list(out.values())


def of_head(shared: Sequence[Shared], head: str, *, blind: bool = False) -> list[Answers]:
    """The answers to one head; with ``blind`` only of tickets that all answered without seeing the prediction."""
    return [s.said[head] for s in shared if head in s.said and (s.blind or not blind)]
