"""How pressing a ticket is: every fact earns points, and their sum reaches a level."""

from __future__ import annotations

from triage.decision import PRIORITIES
from triage.policy.draft import Case, Draft
from triage.policy.gaps import unweighed, weighs
from triage.policy.names import TIER_NAMES, duration
from triage.policy.profile.schema import Band


def add_points(draft: Draft, case: Case) -> None:
    """Adds up the points, tells each part that is not zero or should have had points, and raises to the level they reach."""
    facts, profile, taxonomy = case
    table = profile.points
    total = 0
    urgency, sentiment = facts.label("urgency"), facts.label("sentiment")
    for head, label, known in (
        ("urgency", urgency, table.urgency),
        ("sentiment", sentiment, table.sentiment),
        ("tier", facts.tier, table.tier),
    ):
        if label is not None and label not in known and weighs(profile, head):
            draft.tell("unweighed", unweighed(profile, head, label), "+0")
    if urgency is not None and (earned := table.urgency.get(urgency, 0)):
        total += earned
        draft.tell("points.urgency", f"紧急程度：{taxonomy.name('urgency', urgency)}", f"+{earned}")
    if sentiment is not None and (earned := table.sentiment.get(sentiment, 0)):
        total += earned
        draft.tell("points.sentiment", f"情绪：{taxonomy.name('sentiment', sentiment)}", f"+{earned}")
    if earned := table.tier.get(facts.tier, 0):
        total += earned
        draft.tell("points.tier", TIER_NAMES.get(facts.tier, facts.tier), f"+{earned}")
    if facts.amount is not None and (earned := _band(table.order_amount, facts.amount)):
        total += earned
        draft.tell("points.order_amount", f"订单金额 {facts.amount:,.0f} 元", f"+{earned}")
    if earned := _band(table.contacts, facts.contacts):
        total += earned
        draft.tell("points.contacts", f"第 {facts.contacts} 次联系", f"+{earned}")
    if earned := _band(table.waited_minutes, waited := facts.waited):
        total += earned
        draft.tell("points.waited_minutes", f"已等 {duration(waited)}", f"+{earned}")
    rank = next(i for i, level in enumerate(profile.levels) if total >= level.from_points)
    text = f"合计 {total} 分，{PRIORITIES[rank]} 从 {profile.levels[rank].from_points} 分起"
    draft.raise_to(rank)
    draft.tell("points.total", text, PRIORITIES[rank])


def _band(bands: tuple[Band, ...], value: float) -> int:
    """Points of the last band that ``value`` reaches."""
    earned = 0
    for band in bands:
        if value < band.start:
            break
        earned = band.points
    return earned
