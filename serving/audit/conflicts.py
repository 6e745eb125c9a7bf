"""Where people disagree about a ticket, and how much of that has been settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, func, select

from serving.audit.answers import SharedTicket
from serving.store.tables import review_items
from triage.labels import CONFLICT, DONE, OPEN

SHOWN = 20
"""Open conflicts that are named."""


class ConflictCounts(TypedDict):
    """Tickets on which people disagree, and those on which a lead has settled it."""

    open: int
    settled: int


class OpenConflict(TypedDict):
    """A ticket that waits to be settled, with what was said of one head."""

    ticket_id: str
    revision: int
    head: str
    labels: list[str]


class Conflicts(ConflictCounts):
    """All counts, those of each head, and the first open ones. Labels are named, people are not."""

    heads: dict[str, ConflictCounts]
    tickets: list[OpenConflict]


class ConflictQueue(TypedDict):
    """What waits for a lead, what one has done, and since when the oldest has waited (ISO 8601)."""

    open: int
    done: int
    oldest: str | None


def conflicts(shared: Sequence[SharedTicket], heads: Sequence[str]) -> Conflicts:
    """Conflicts among tickets that several people answered."""
    counts: dict[str, ConflictCounts] = {head: {"open": 0, "settled": 0} for head in heads}
    named: list[OpenConflict] = []
    for one in shared:
        for head in heads:
            if not one.apart(head):
                continue
            if head in one.settled:
                counts[head]["settled"] += 1
            else:
                counts[head]["open"] += 1
                labels = sorted({label for _, label in one.said[head]})
                named.append({"ticket_id": one.ticket_id, "revision": one.revision, "head": head, "labels": labels})
    return {
        "heads": counts,
        "open": sum(count["open"] for count in counts.values()),
        "settled": sum(count["settled"] for count in counts.values()),
        "tickets": named[:SHOWN],
    }


def queue(connection: Connection) -> ConflictQueue:
    """How many conflicts wait for a lead."""
    i = review_items.c
    found = connection.execute(
        select(i.state, func.count(), func.min(i.created_at)).where(i.reason == CONFLICT).group_by(i.state)
    ).all()
    states = {state: (n, oldest) for state, n, oldest in found}
    oldest: datetime | None = states.get(OPEN, (0, None))[1]
    return {
        "open": states.get(OPEN, (0, None))[0],
        "done": states.get(DONE, (0, None))[0],
        "oldest": oldest.isoformat() if oldest else None,
    }
