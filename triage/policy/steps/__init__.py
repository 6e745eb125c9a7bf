"""The steps of a decision, in the order in which they are taken: the one list that says so."""

from __future__ import annotations

from collections.abc import Callable

from triage.policy.draft import Case, Draft
from triage.policy.steps.action import limit_action
from triage.policy.steps.fast_lane import take_fast_lane
from triage.policy.steps.floor import lift_unread
from triage.policy.steps.points import add_points
from triage.policy.steps.route import route_ticket
from triage.policy.steps.rules import apply_rules
from triage.policy.steps.sla import set_due_time
from triage.policy.steps.watch import watch_urgency

Step = Callable[[Draft, Case], None]

STEPS: tuple[Step, ...] = (
    limit_action,
    route_ticket,
    add_points,
    take_fast_lane,
    apply_rules,
    watch_urgency,
    lift_unread,
    set_due_time,
)
