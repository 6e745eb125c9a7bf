"""What a challenger answered beside the champion, as rows for the store, and where the two disagree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from serving.store.rows import Outcome

HEAD = "category"
"""The head whose disagreements people are asked about: it decides the queue."""

Answer = dict[str, list[Any]]
"""Head -> [label, confidence, action], as the scorer says it; no confidence for a guess."""


class Shaded(NamedTuple):
    """A ticket that waits for the challenger, with what the champion said."""

    ticket_id: str
    revision: int
    text: str
    decision: str
    champion: str


class Disagreement(NamedTuple):
    """Champion and challenger name different categories, and neither is so unsure that it would leave it to people."""

    ticket_id: str
    revision: int
    champion: str
    challenger: str
    champion_confidence: float
    challenger_confidence: float
    champion_version: str
    challenger_version: str


def shaded(outcome: Outcome) -> Shaded | None:
    """What the challenger is to see of an outcome; None for one answered before or that no model answered."""
    row = outcome.row
    if not outcome.created or row.degraded or row.category is None:
        return None
    return Shaded(row.ticket_id, outcome.revision, row.text, row.decision, row.model_version)


def compare(
    tickets: Sequence[Shaded], answers: Sequence[Answer | None], version: str, now: datetime
) -> tuple[list[dict[str, Any]], list[Disagreement]]:
    """Rows of ``shadow_answers`` for what was answered, and the disagreements among them."""
    rows = []
    apart = []
    for ticket, answer in zip(tickets, answers, strict=True):
        if answer is None:
            continue
        decision = orjson.loads(ticket.decision)
        heads = {head: _both(said, decision.get(head)) for head, said in answer.items()}
        rows.append(
            {
                "ticket_id": ticket.ticket_id,
                "revision": ticket.revision,
                "model_version": version,
                "champion_version": ticket.champion,
                "answers": orjson.dumps(heads).decode(),
                "at": now,
            }
        )
        ours, theirs = decision.get(HEAD), heads.get(HEAD)
        if ours and theirs and ours["label"] != theirs["label"] and "human" not in (ours["action"], theirs["action"]):
            apart.append(
                Disagreement(
                    ticket.ticket_id,
                    ticket.revision,
                    ours["label"],
                    theirs["label"],
                    ours["confidence"],
                    theirs["confidence"],
                    ticket.champion,
                    version,
                )
            )
    return rows, apart


def _both(said: list[Any], champion: dict[str, Any] | None) -> dict[str, Any]:
    label, confidence, action = said
    return {
        "label": label,
        "confidence": None if confidence is None else round(float(confidence), 6),
        "action": action,
        "champion": champion["label"] if champion else None,
        "champion_confidence": champion["confidence"] if champion else None,
        "champion_action": champion["action"] if champion else None,
    }
