"""A decision: what the policy makes of a prediction; ``triage/contract.py`` makes its JSON."""

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
        rule: what spoke: ``own_words``, ``nothing_left``, ``points.tier``, ``unweighed``, ``points.total``, ``fast_lane``, ``urgency_watch``,
            ``confidence``, ``queue``, ``scope``, ``blank``, ``degraded``, ``unread_floor``, ``missing_head``, or a rule of the
            profile.
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


@dataclass(frozen=True, slots=True)
class Decision:
    """Where one ticket goes, how soon, how sure that is and why.

    Attributes:
        action: ``auto`` (no person needed), ``suggest`` (the queue is a proposal) or ``human`` (queue ``manual``).
        priority: ``P1`` (most pressing) to ``P4``.
        due_at: aware, China time, whole seconds.
        heads: head -> its answer; a head that the model does not have is left out, and all are when no model read the ticket.
        similar: nearest past tickets, as plain mappings ``{ticket_id, text, category}``.
        degraded: no model could answer; the ticket is kept and waits for a person.
        scope: in [0, 1], how far the ticket is of the kind the model has learned from; None where none has read it.
        unread: what of the text the model did not read (see :class:`triage.own_words.Unread`); as (start, end, kind).
    """

    ticket_id: str
    action: Action
    queue: str
    priority: str
    due_at: datetime
    heads: Mapping[str, HeadAnswer]
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    profile_name: str
    profile_version: str
    model: ModelRef
    degraded: bool = False
    scope: float | None = None
    similar: tuple[Mapping[str, Any], ...] = ()
    unread: tuple[tuple[int, int, str], ...] = ()

    def answer(self, head: str) -> HeadAnswer | None:
        """What the model says of ``head``; None where it says nothing."""
        return self.heads.get(head)
