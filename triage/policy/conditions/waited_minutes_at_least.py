"""The ticket has waited at least so long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import Number
from triage.policy.facts import Facts
from triage.policy.names import duration


@dataclass(frozen=True)
class WaitedMinutesAtLeast(Condition[float]):
    """``waited_minutes_at_least: 1440``"""

    name: ClassVar = "waited_minutes_at_least"
    meaning: ClassVar = "等待不少于（分钟）"
    example: ClassVar = 1440
    schema: ClassVar = Number(0, 1e12)

    def holds(self, facts: Facts) -> bool | None:
        return facts.waited >= self.value

    def says(self) -> str:
        return f"等了 {duration(self.value)}或更久"
