"""The least priority of what no model has read, or none could make out: nothing is known of it, so it must not stand at the very end."""

from __future__ import annotations

from triage.decision import PRIORITIES
from triage.policy.draft import Case, Draft


def lift_unread(draft: Draft, case: Case) -> None:
    """Raises an unread ticket to the profile's floor."""
    least = case.profile.unread_floor
    if not case.facts.understood and PRIORITIES.index(least) < draft.rank:
        effect = draft.raise_to(PRIORITIES.index(least))
        draft.tell("unread_floor", f"内容还没有被读懂，至少按 {least} 排队", effect)
