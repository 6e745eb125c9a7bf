"""The JSON of a decision, as every caller gets it and as the store keeps it: written and read by one hand.

Each head's answer stands at the top under the head's name, ``{label, name, confidence, action, alternatives}``: first the
heads that every shop knows, null where the model has no such head or no model read the ticket, then a shop's own.
``confidence`` is null where the label is a guess: the ticket is out of the model's scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from triage.decision import Decision, HeadAnswer
from triage.prediction import Action
from triage.taxonomy import HEADS, in_order


class AlternativeJson(TypedDict):
    """A next best label."""

    label: str
    confidence: float


class AnswerJson(TypedDict):
    """One head's answer; ``confidence`` is None for a guess."""

    label: str
    name: str
    confidence: float | None
    action: Action
    alternatives: list[AlternativeJson]


def decision_json(decision: Decision) -> dict[str, Any]:
    """Plain data, ready for any JSON writer. Probabilities keep six decimals. ``unread`` is there only when something was not read."""
    unread = [{"start": start, "end": end, "kind": kind} for start, end, kind in decision.unread]
    return {
        "ticket_id": decision.ticket_id,
        "action": decision.action,
        "queue": decision.queue,
        "priority": decision.priority,
        "due_at": decision.due_at.isoformat(timespec="seconds"),
        **dict.fromkeys(HEADS),
        **{head: _answer_json(decision.heads[head]) for head in in_order(decision.heads)},
        "reasons": [reason._asdict() for reason in decision.reasons],
        "evidence": [{**item._asdict(), "weight": _rounded(item.weight)} for item in decision.evidence],
        "similar": [dict(item) for item in decision.similar],
        "scope": None if decision.scope is None else _rounded(decision.scope),
        "profile": {"name": decision.profile_name, "version": decision.profile_version},
        "model": decision.model._asdict(),
        "degraded": decision.degraded,
        **({"unread": unread} if unread else {}),
    }


def answers(decision: Mapping[str, Any]) -> dict[str, AnswerJson]:
    """Head -> its answer, of the heads that were answered, in the usual order."""
    found = {name: value for name, value in decision.items() if _is_answer(value)}
    return {head: found[head] for head in in_order(found)}


def predicted(decision: Mapping[str, Any]) -> dict[str, str]:
    """Head -> the label that was predicted."""
    return {head: answer["label"] for head, answer in answers(decision).items()}


def _is_answer(value: Any) -> bool:
    return isinstance(value, Mapping) and "label" in value and "confidence" in value


def _answer_json(answer: HeadAnswer) -> AnswerJson:
    return {
        "label": answer.label,
        "name": answer.name,
        "confidence": None if answer.confidence is None else _rounded(answer.confidence),
        "action": answer.action,
        "alternatives": [{"label": a.label, "confidence": _rounded(a.confidence)} for a in answer.alternatives],
    }


def _rounded(value: float) -> float:
    return round(float(value), 6)
