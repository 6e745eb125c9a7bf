"""The ticket's sentiment is one of those listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import AnyOf
from triage.policy.facts import Facts


@dataclass(frozen=True)
class Sentiment(Condition[frozenset[str]]):
    """``sentiment: [negative]``"""

    name: ClassVar = "sentiment"
    meaning: ClassVar = "情绪是其中之一（要先写在 `points.sentiment` 里）"
    example: ClassVar = ["negative"]
    schema: ClassVar = AnyOf("sentiments")
    head: ClassVar = "sentiment"

    def holds(self, facts: Facts) -> bool | None:
        label = facts.label("sentiment")
        return None if label is None else label in self.value

    def says(self) -> str:
        return f"情绪是 {'、'.join(sorted(self.value)) or '（一个也没写）'}"
