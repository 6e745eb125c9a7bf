"""A decision in the making, and what each step is given to make it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from triage.decision import MANUAL, PRIORITIES, Reason
from triage.policy.facts import Facts
from triage.policy.profile import Profile
from triage.prediction import ACTIONS, Action
from triage.taxonomy import Taxonomy


class Case(NamedTuple):
    """What a step looks at; the taxonomy only gives labels their names."""

    facts: Facts
    profile: Profile
    taxonomy: Taxonomy


@dataclass(slots=True)
class Draft:
    """Where a ticket stands so far. Its rank can only rise and its action only grow more careful, whatever a step does.

    Attributes:
        rank: index into :data:`~triage.decision.PRIORITIES`; 0 is the most pressing.
        due_at: set by the last step.
        reasons: one for each thing a step did, in order.
    """

    action: Action = "auto"
    queue: str = MANUAL
    rank: int = len(PRIORITIES) - 1
    due_at: datetime | None = None
    reasons: list[Reason] = field(default_factory=list)

    def tell(self, rule: str, text: str, *effects: str) -> None:
        """Adds a reason."""
        self.reasons.append(Reason(rule, text, ",".join(effects)))

    def raise_to(self, rank: int) -> str:
        """Raises to ``rank``, and says the effect: ``P3→P2``, or ``P2`` where it stood as high already."""
        before, self.rank = self.rank, min(self.rank, rank)
        name = PRIORITIES[before]
        return name if before == self.rank else f"{name}→{PRIORITIES[self.rank]}"

    def hold(self, action: Action) -> str:
        """Lets the ticket have no bolder action than ``action``, and says the effect."""
        self.action = max(self.action, action, key=ACTIONS.index)
        return f"action→{action}"

    def send(self, queue: str) -> str:
        """Sends the ticket to ``queue``, and says the effect."""
        self.queue = queue
        return f"queue→{queue}"
