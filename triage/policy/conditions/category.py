"""The ticket's category is one of those listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import AnyOf
from triage.policy.facts import Facts


@dataclass(frozen=True)
class Category(Condition[frozenset[str]]):
    """``category: [complaint, refund]``"""

    name: ClassVar = "category"
    meaning: ClassVar = "分类是其中之一（要先写在 `queues` 里）"
    example: ClassVar = ["complaint", "refund"]
    schema: ClassVar = AnyOf("categories")
    head: ClassVar = "category"

    def holds(self, facts: Facts) -> bool | None:
        label = facts.label("category")
        return None if label is None else label in self.value

    def says(self) -> str:
        return f"分类是 {'、'.join(sorted(self.value)) or '（一个也没写）'}"
