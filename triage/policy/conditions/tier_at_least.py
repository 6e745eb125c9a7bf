"""The customer's tier is the one named, or a higher one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import AtLeast
from triage.policy.facts import Facts
from triage.policy.names import TIER_NAMES
from triage.ticket import TIERS


@dataclass(frozen=True)
class TierAtLeast(Condition[tuple[str, ...]]):
    """``tier_at_least: vip``"""

    name: ClassVar = "tier_at_least"
    meaning: ClassVar = "客户等级不低于"
    example: ClassVar = "vip"
    schema: ClassVar = AtLeast(TIERS[::-1])

    def holds(self, facts: Facts) -> bool | None:
        return facts.tier in self.value

    def says(self) -> str:
        return f"客户等级不低于{TIER_NAMES[self.value[-1]]}"
