"""A decision: what the policy makes of a prediction, and the JSON that carries it (the contract with every caller)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from triage.prediction import Action, Evidence, LabelScore

MANUAL = "manual"
"""The queue of tickets that no model could place; people sort them."""

PRIORITIES: tuple[str, ...] = ("P1", "P2", "P3", "P4")
"""Priorities, the most pressing first. Inside the policy a priority is its index here, its *rank*."""


class ModelRef(NamedTuple):
    """Which model answered: registry name and version, or a folder's name and fingerprint. Empty when none did."""

    name: str = ""
    version: str = ""


class Reason(NamedTuple):
    """One step of the policy, in the order in which it was taken.

    Attributes:
        rule: what spoke: ``points.tier``, ``points.total``, ``fast_lane``, ``urgency_watch``, ``confidence``,
            ``queue``, ``scope``, ``blank``, ``degraded``, ``unread_floor``, ``missing_head``, or a rule of the profile.
        text: for people, Chinese.
        effect: for programs, comma-separated: ``+15`` (points), ``P3`` (a level), ``P3→P2`` (a raise),
            ``queue→refund``, ``action→suggest``.
    """

    rule: str
    text: str
    effect: str


class HeadAnswer(NamedTuple):
    """One head's answer as it is shown: the label with its name, calibrated confidence, and the next best labels.

    ``confidence`` is None for a guess: the ticket is out of the model's scope. A guess has no alternatives.
    """

    label: str
    name: str
    confidence: float | None
    action: Action
    alternatives: tuple[LabelScore, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "name": self.name,
            "confidence": None if self.confidence is None else _rounded(self.confidence),
            "action": self.action,
            "alternatives": [{"label": a.label, "confidence": _rounded(a.confidence)} for a in self.alternatives],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """Where one ticket goes, how soon, how sure that is and why.

    Attributes:
        action: ``auto`` (no person needed), ``suggest`` (the queue is a proposal) or ``human`` (queue ``manual``).
        priority: ``P1`` (most pressing) to ``P4``.
        due_at: aware, China time, whole seconds.
        category, urgency, sentiment: None where the model has no such head, or no model read the ticket.
        similar: nearest past tickets, as plain mappings ``{ticket_id, text, category}``.
        degraded: no model could answer; the ticket is kept and waits for a person.
        scope: in [0, 1], how far the ticket is of the kind the model has learned from; None where none has read it.
    """

    ticket_id: str
    action: Action
    queue: str
    priority: str
    due_at: datetime
    category: HeadAnswer | None
    urgency: HeadAnswer | None
    sentiment: HeadAnswer | None
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    profile_name: str
    profile_version: str
    model: ModelRef
    degraded: bool = False
    scope: float | None = None
    similar: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The contract's decision: plain data, ready for any JSON writer. Probabilities keep six decimals."""
        return {
            "ticket_id": self.ticket_id,
            "action": self.action,
            "queue": self.queue,
            "priority": self.priority,
            "due_at": self.due_at.isoformat(timespec="seconds"),
            "category": self.category.to_json() if self.category else None,
            "urgency": self.urgency.to_json() if self.urgency else None,
            "sentiment": self.sentiment.to_json() if self.sentiment else None,
            "reasons": [reason._asdict() for reason in self.reasons],
            "evidence": [{**item._asdict(), "weight": _rounded(item.weight)} for item in self.evidence],
            "similar": [dict(item) for item in self.similar],
            "scope": None if self.scope is None else _rounded(self.scope),
            "profile": {"name": self.profile_name, "version": self.profile_version},
            "model": self.model._asdict(),
            "degraded": self.degraded,
        }


def _rounded(value: float) -> float:
    return round(float(value), 6)
