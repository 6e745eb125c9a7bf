"""The customer has written at least so often about the matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import Whole
from triage.policy.facts import Facts


@dataclass(frozen=True)
class ContactsAtLeast(Condition[int]):
    """``contacts_at_least: 3``"""

    name: ClassVar = "contacts_at_least"
    meaning: ClassVar = "联系次数不少于（含这一次）"
    example: ClassVar = 3
    schema: ClassVar = Whole(1, 10_000)

    def holds(self, facts: Facts) -> bool | None:
        return facts.contacts >= self.value

    def says(self) -> str:
        return f"联系了 {self.value} 次或更多"
