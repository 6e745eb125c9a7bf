"""The order is worth at least so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import Number
from triage.policy.facts import Facts


@dataclass(frozen=True)
class OrderAmountAtLeast(Condition[float]):
    """``order_amount_at_least: 5000``"""

    name: ClassVar = "order_amount_at_least"
    meaning: ClassVar = "订单金额不少于（元）；没有订单就不知道，规则不动"
    example: ClassVar = 5000
    schema: ClassVar = Number(0, 1e12)

    def holds(self, facts: Facts) -> bool | None:
        if facts.amount is None and self.value > 0:  # no order is worth less than nothing
            return None
        return (facts.amount or 0.0) >= self.value

    def says(self) -> str:
        return f"订单金额不少于 {self.value:,.0f} 元"
