"""What several people said of the same ticket, and what a lead then settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from serving.audit.agreement import Answers
from serving.labels.corrections import Correction
from serving.labels.queries import said_by_several
from serving.store.keys import Key

PERIOD = timedelta(days=180)
"""Agreement is that of the last half year; people and guidelines change."""

LIMIT = 50_000
"""At most so many answers are read, the newest first."""


@dataclass(slots=True)
class SharedTicket:
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


def read_shared(connection: Connection, until: datetime) -> list[SharedTicket]:
    """Tickets that two or more people answered in the half year before ``until``, in the order of their first answers.

    Answers of programs (helpdesk) and of other tools (import) are left out: nobody knows whether they are independent.
    """
    out: dict[Key, SharedTicket] = {}
    newest: dict[Key, dict[str, Correction]] = {}
    for one in said_by_several(connection, until - PERIOD, until, LIMIT):
        shared = out.setdefault(one.key, SharedTicket(*one.key))
        if one.reason == "conflict":
            shared.settled |= one.labels
        else:
            newest.setdefault(one.key, {})[one.by] = one
    for key, people in newest.items():
        out[key].blind = all(one.blind for one in people.values())
        for who, one in people.items():
            for head, label in one.labels.items():
                out[key].said.setdefault(head, []).append((who, label))
    return list(out.values())


def of_head(shared: Sequence[SharedTicket], head: str, *, blind: bool = False) -> list[Answers]:
    """The answers to one head; with ``blind`` only of tickets that all answered without seeing the prediction."""
    return [s.said[head] for s in shared if head in s.said and (s.blind or not blind)]
