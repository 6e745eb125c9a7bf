"""Where people disagree about a ticket, and how much of that has been settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from serving.audit.answers import SharedTicket
from serving.store.tables import review_items

SHOWN = 20
"""Open conflicts that are named."""


def conflicts(shared: Sequence[SharedTicket], heads: Sequence[str]) -> dict[str, Any]:
    """Conflicts among tickets that several people answered. Labels are named, people are not.

    Returns:
        ``open`` and ``settled`` counts per head, and ``tickets``: [{ticket_id, revision, head, labels}] of open ones.
    """
    counts = {head: {"open": 0, "settled": 0} for head in heads}
    named = []
    for one in shared:
        for head in heads:
            if not one.apart(head):
                continue
            state = "settled" if head in one.settled else "open"
            counts[head][state] += 1
            if state == "open":
                labels = sorted({label for _, label in one.said[head]})
                named.append({"ticket_id": one.ticket_id, "revision": one.revision, "head": head, "labels": labels})
    return {
        "heads": counts,
        "open": sum(count["open"] for count in counts.values()),
        "settled": sum(count["settled"] for count in counts.values()),
        "tickets": named[:SHOWN],
    }


def queue(connection: Connection) -> dict[str, Any]:
    """How many conflicts wait for a lead: ``open``, ``done``, and since when the oldest has waited."""
    i = review_items.c
    found = connection.execute(
        select(i.state, func.count(), func.min(i.created_at)).where(i.reason == "conflict").group_by(i.state)
    ).all()
    states = {state: (n, oldest) for state, n, oldest in found}
    oldest: datetime | None = states.get("open", (0, None))[1]
    return {
        "open": states.get("open", (0, None))[0],
        "done": states.get("done", (0, None))[0],
        "oldest": oldest.isoformat() if oldest else None,
    }
