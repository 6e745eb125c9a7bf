"""How pressing a ticket is: every fact earns points, and their sum reaches a level."""

from __future__ import annotations

from triage.decision import PRIORITIES
from triage.policy.draft import Case, Draft
from triage.policy.names import TIER_NAMES, duration
from triage.policy.profile.schema import Band


def add_points(draft: Draft, case: Case) -> None:
    """Adds up the points, tells each part that is not zero, and raises to the level they reach."""
    facts, profile, taxonomy = case
    table = profile.points
    total = 0

    def earn(part: str, text: str, earned: int) -> None:
        nonlocal total
        total += earned
        if earned:
            draft.tell(f"points.{part}", text, f"+{earned}")

    urgency, sentiment = facts.label("urgency"), facts.label("sentiment")
    if urgency is not None:
        name = taxonomy.name("urgency", urgency)
        earn("urgency", f"紧急程度：{name}", table.urgency.get(urgency, 0))
    if sentiment is not None:
        name = taxonomy.name("sentiment", sentiment)
        earn("sentiment", f"情绪：{name}", table.sentiment.get(sentiment, 0))
    earn("tier", TIER_NAMES[facts.tier], table.tier.get(facts.tier, 0))
    if facts.amount is not None:
        earn("order_amount", f"订单金额 {facts.amount:,.0f} 元", _band(table.order_amount, facts.amount))
    earn("contacts", f"第 {facts.contacts} 次联系", _band(table.contacts, facts.contacts))
    waited = facts.waited
    earn("waited_minutes", f"已等 {duration(waited)}", _band(table.waited_minutes, waited))
    rank = next(i for i, level in enumerate(profile.levels) if total >= level.from_points)
    text = f"合计 {total} 分，{PRIORITIES[rank]} 从 {profile.levels[rank].from_points} 分起"
    draft.raise_to(rank)
    draft.tell("points.total", text, PRIORITIES[rank])


def _band(bands: tuple[Band, ...], value: float) -> int:
    return next((band.points for band in reversed(bands) if value >= band.start), 0)
