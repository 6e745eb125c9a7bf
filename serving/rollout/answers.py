"""What a challenger answered beside the champion, as rows for the store, and where the two disagree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

import orjson

from serving.store.rows import Outcome
from triage.contract import AnswerJson
from triage.contract import answers as answers_of
from triage.prediction import Action

HEAD = "category"
"""The head whose disagreements people are asked about: it decides the queue."""

Said = tuple[str, float | None, Action]
"""Label, confidence and action of one head, as the scorer says it; no confidence for a guess."""

Answer = dict[str, Said]
"""Head -> what the challenger says."""


class BothAnswers(TypedDict):
    """What both said of one head; the champion's is None where its model has no such head."""

    label: str
    confidence: float | None
    action: Action
    champion: str | None
    champion_confidence: float | None
    champion_action: Action | None


class ShadowRow(TypedDict):
    """A row of ``shadow_answers``; ``answers``: head -> :class:`BothAnswers`, as JSON."""

    ticket_id: str
    revision: int
    model_version: str
    champion_version: str
    answers: str
    at: datetime


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
    champion_confidence: float | None
    challenger_confidence: float | None
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
) -> tuple[list[ShadowRow], list[Disagreement]]:
    """Rows of ``shadow_answers`` for what was answered, and the disagreements among them."""
    rows: list[ShadowRow] = []
    apart = []
    for ticket, answer in zip(tickets, answers, strict=True):
        if answer is None:
            continue
        champion = answers_of(orjson.loads(ticket.decision))
        heads = {head: _both(said, champion.get(head)) for head, said in answer.items()}
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
        ours, theirs = champion.get(HEAD), heads.get(HEAD)
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


def _both(said: Said, champion: AnswerJson | None) -> BothAnswers:
    label, confidence, action = said
    return {
        "label": label,
        "confidence": None if confidence is None else round(float(confidence), 6),
        "action": action,
        "champion": champion["label"] if champion else None,
        "champion_confidence": champion["confidence"] if champion else None,
        "champion_action": champion["action"] if champion else None,
    }
