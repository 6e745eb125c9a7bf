"""The ticket is as urgent as the label named, or more so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import AtLeast
from triage.policy.facts import Facts


@dataclass(frozen=True)
class UrgencyAtLeast(Condition[tuple[str, ...]]):
    """``urgency_at_least: high``"""

    name: ClassVar = "urgency_at_least"
    meaning: ClassVar = "这么急或更急（要先写在 `points.urgency` 里）"
    example: ClassVar = "high"
    schema: ClassVar = AtLeast("urgencies")
    head: ClassVar = "urgency"

    def holds(self, facts: Facts) -> bool | None:
        label = facts.label("urgency")
        return None if label is None else label in self.value

    def says(self) -> str:
        return f"紧急程度是 {self.value[-1]} 或更急"
