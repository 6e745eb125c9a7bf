"""Fast lanes: the least priority of an urgency, whatever the points say."""

from __future__ import annotations

from triage.decision import PRIORITIES
from triage.policy.draft import Case, Draft


def take_fast_lane(draft: Draft, case: Case) -> None:
    """Raises to the best lane that is open; one for an urgency is open to every more severe one, too."""
    urgency = case.facts.label("urgency")
    lane = None if urgency is None else case.profile.lane_for(urgency)
    if urgency is not None and lane is not None:
        name = case.taxonomy.name("urgency", urgency)
        draft.tell("fast_lane", f"紧急程度“{name}”走快速通道", draft.raise_to(PRIORITIES.index(lane)))
