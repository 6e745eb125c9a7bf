"""The policy: from facts about a ticket and a shop's profile to a decision. Pure, and the same for replay and service."""

from triage.policy.engine import decide, judge
from triage.policy.facts import Facts

__all__ = ["Facts", "decide", "judge"]
