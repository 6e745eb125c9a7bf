"""Looks after a ticket that may be of the worst urgency although another is more likely.

Taking a critical ticket for a normal one costs more than any other mistake, so it moves up one priority and a person sees
it. It never overtakes what it would get if it *were* critical: otherwise the doubtful ticket could stand before the certain
one. Out of scope nothing is known of the urgency, and so there is nothing to watch.
"""

from __future__ import annotations

from triage.policy.draft import Case, Draft
from triage.policy.steps.fast_lane import take_fast_lane
from triage.policy.steps.points import add_points
from triage.policy.steps.rules import apply_rules


def watch_urgency(draft: Draft, case: Case) -> None:
    """Raises by one where the worst urgency has at least the probability that the profile names."""
    head = case.facts.answer("urgency")
    worst = next(iter(case.profile.points.urgency), None)
    if head is None or worst is None or head.label == worst:
        return
    share = head.probability(worst)
    if share < case.profile.urgency_watch:
        return
    effects = [draft.raise_to(max(draft.rank - 1, _certain(case, worst)))]
    if draft.action == "auto":
        effects.append(draft.hold("suggest"))
    name, other = (case.taxonomy.name("urgency", code) for code in (worst, head.label))
    draft.tell("urgency_watch", f"可能{name}：判为“{other}”，但有 {share:.0%} 的可能是“{name}”", *effects)


def _certain(case: Case, urgency: str) -> int:
    """The rank the ticket would have by now, were it of that urgency."""
    draft, supposed = Draft(), case._replace(facts=case.facts.supposing("urgency", urgency))
    for step in (add_points, take_fast_lane, apply_rules):
        step(draft, supposed)
    return draft.rank
