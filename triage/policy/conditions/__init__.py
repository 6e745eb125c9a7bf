"""The kinds of condition a rule may have. A new one is a file here, its test, and its line in :data:`CONDITIONS`."""

from __future__ import annotations

from typing import Any

from triage.policy.conditions.category import Category
from triage.policy.conditions.condition import Condition
from triage.policy.conditions.contacts_at_least import ContactsAtLeast
from triage.policy.conditions.order_amount_at_least import OrderAmountAtLeast
from triage.policy.conditions.sentiment import Sentiment
from triage.policy.conditions.text_any import TextAny
from triage.policy.conditions.tier_at_least import TierAtLeast
from triage.policy.conditions.urgency_at_least import UrgencyAtLeast
from triage.policy.conditions.waited_minutes_at_least import WaitedMinutesAtLeast

CONDITIONS: tuple[type[Condition[Any]], ...] = (
    Category,
    UrgencyAtLeast,
    Sentiment,
    TierAtLeast,
    OrderAmountAtLeast,
    ContactsAtLeast,
    WaitedMinutesAtLeast,
    TextAny,
)
