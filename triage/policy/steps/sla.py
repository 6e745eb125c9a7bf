"""By when the ticket is to be done: its level's minutes, counted from when the customer wrote."""

from __future__ import annotations

from triage.policy.draft import Case, Draft
from triage.sla import due_time


def set_due_time(draft: Draft, case: Case) -> None:
    """Sets the due time."""
    level = case.profile.levels[draft.rank]
    hours = None if level.always else case.profile.hours
    draft.due_at = due_time(case.facts.written_at, level.sla_minutes, hours)
