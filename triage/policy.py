"""The policy: a pure function from ticket, prediction and profile to a decision.

Priority is built in the open: every fact earns points, the sum gives a level, fast lanes and rules may raise it, never
lower it; each step is a :class:`~triage.decision.Reason`. The whole is monotone: with everything else equal, a higher
tier, a more urgent label, more contacts, a larger order or a longer wait never gives a lower priority.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from triage.decision import MANUAL, Decision, HeadAnswer, ModelRef, Reason
from triage.prediction import ACTIONS, Action, HeadPrediction, Prediction
from triage.profile import Profile
from triage.profile_parts import PRIORITIES, Band, Condition, Rule
from triage.sla import due_time
from triage.taxonomy import Taxonomy
from triage.ticket import TIERS, Ticket

TIER_NAMES = {"regular": "普通客户", "silver": "银卡客户", "gold": "金卡客户", "vip": "VIP 客户"}

_HEAD_NAMES = {"category": "分类", "urgency": "紧急程度", "sentiment": "情绪"}

_IN_SCOPE = 0.5
"""Below this a text is more unlike the tickets the model learned from than like them."""


class _Facts(NamedTuple):
    """What the policy looks at; labels are None where no head named one. ``severity``: 0 is the most severe urgency."""

    category: str | None
    urgency: str | None
    severity: int | None
    sentiment: str | None
    tier: str
    amount: float | None
    contacts: int
    waited: float


def decide(
    ticket: Ticket,
    prediction: Prediction | None,
    *,
    profile: Profile,
    taxonomy: Taxonomy,
    now: datetime,
    model: ModelRef,
) -> Decision:
    """Turns a prediction into a decision.

    Args:
        prediction: None when no model could answer: the decision is then ``degraded``, queue ``manual``.
        taxonomy: where labels find their names; labels and heads that it, or the profile, does not know are fine.
        now: aware; the wait counts from ``ticket.created_at`` to it (a ticket from the future has waited 0).
        model: who answered; ignored for a degraded decision.
    """
    blank = not any(char.isprintable() and not char.isspace() for char in ticket.content)
    # A blank ticket has nothing to be sure about: what a model says of it is its prior, not an answer.
    heads = {} if prediction is None or blank else prediction.heads
    start = min(ticket.created_at or now, now)
    urgency = heads["urgency"].label if "urgency" in heads else None
    facts = _Facts(
        category=heads["category"].label if "category" in heads else None,
        urgency=urgency,
        severity=profile.severity(urgency),
        sentiment=heads["sentiment"].label if "sentiment" in heads else None,
        tier=ticket.customer_tier,
        amount=ticket.order_amount,
        contacts=ticket.contact_count,
        waited=(now - start).total_seconds() / 60,
    )
    reasons: list[Reason] = []
    action = _action(heads, profile, taxonomy, reasons, blank=blank, prediction=prediction)
    queue = MANUAL
    if action != "human" and facts.category is not None:
        queue = profile.queue_for(facts.category)
        name = _name(taxonomy, "category", facts.category)
        reasons.append(Reason("queue", f"“{name}”由 {queue} 队列处理", f"queue→{queue}"))

    rank = _points(facts, profile, taxonomy, reasons)
    rank = _fast_lane(facts, profile, taxonomy, rank, reasons)
    rerouted = False
    for rule in profile.rules:
        if not _holds(rule.when, facts, profile):
            continue
        effects = []
        better = _raised(rule, rank)
        if better != rank or not (rule.queue or rule.review):
            effects.append(_step(rank, better))
        rank = better
        if rule.queue and not rerouted and action != "human":
            queue, rerouted = rule.queue, True
            effects.append(f"queue→{queue}")
        if rule.review and action == "auto":
            action = "suggest"
            effects.append("action→suggest")
        if effects:
            reasons.append(Reason(rule.name, rule.text, ",".join(effects)))
    rank, action = _watch(facts, heads.get("urgency"), profile, taxonomy, rank, action, reasons)
    if prediction is None or blank:
        floor = PRIORITIES.index(profile.unread_floor)
        if floor < rank:
            text = f"内容还没有被读懂，至少按 {profile.unread_floor} 排队"
            reasons.append(Reason("unread_floor", text, _step(rank, floor)))
            rank = floor

    level = profile.levels[rank]
    return Decision(
        ticket_id=ticket.ticket_id,
        action=action,
        queue=queue,
        priority=PRIORITIES[rank],
        due_at=due_time(start, level.sla_minutes, None if level.always else profile.hours),
        category=_answer("category", heads, taxonomy),
        urgency=_answer("urgency", heads, taxonomy),
        sentiment=_answer("sentiment", heads, taxonomy),
        reasons=tuple(reasons),
        evidence=() if prediction is None or blank else prediction.evidence,
        profile_name=profile.name,
        profile_version=profile.version,
        model=ModelRef() if prediction is None else model,
        degraded=prediction is None,
    )


def _action(
    heads: dict[str, HeadPrediction],
    profile: Profile,
    taxonomy: Taxonomy,
    reasons: list[Reason],
    *,
    blank: bool,
    prediction: Prediction | None,
) -> Action:
    """The worst action among the heads that the profile requires, with a reason for each that is not ``auto``."""
    if blank:
        reasons.append(
            Reason("blank", "工单没有文字内容（可能只有图片或表情），请人工查看", f"queue→{MANUAL},action→human")
        )
        return "human"
    if prediction is None:
        reasons.append(Reason("degraded", "暂时没有可用的模型，工单已收下，转人工分派", f"queue→{MANUAL},action→human"))
        return "human"
    if "category" not in heads:
        reasons.append(Reason("missing_head", "模型不回答“分类”，无法定队列，转人工", f"queue→{MANUAL},action→human"))
        return "human"
    worst: Action = "auto"
    if prediction.scope < _IN_SCOPE:
        reasons.append(Reason("scope", "内容不像模型学过的工单，把握已相应调低，请人查看", "action→human"))
        worst = "human"
    for name in profile.auto_requires:
        head = heads.get(name)
        if head is None:
            text = f"方案要求“{_HEAD_NAMES[name]}”也有把握，但模型不回答它，请人确认"
            reasons.append(Reason("missing_head", text, "action→suggest"))
        elif head.action == "auto":
            continue
        else:
            text = f"{_HEAD_NAMES[name]}最像“{_name(taxonomy, name, head.label)}”，把握 {head.confidence:.0%}，"
            text += "还不够自动处理，请人确认" if head.action == "suggest" else "不足以给出建议，交给人判断"
            reasons.append(Reason("confidence", text, f"action→{head.action}"))
        step: Action = "suggest" if head is None else head.action
        worst = max(worst, step, key=ACTIONS.index)
    return worst


def _points(facts: _Facts, profile: Profile, taxonomy: Taxonomy, reasons: list[Reason]) -> int:
    """Adds up the points, tells each part that is not zero, and returns the rank of the level they reach."""
    table = profile.points
    parts = []
    if facts.urgency is not None:
        name = _name(taxonomy, "urgency", facts.urgency)
        parts.append(("points.urgency", f"紧急程度：{name}", table.urgency.get(facts.urgency, 0)))
    if facts.sentiment is not None:
        name = _name(taxonomy, "sentiment", facts.sentiment)
        parts.append(("points.sentiment", f"情绪：{name}", table.sentiment.get(facts.sentiment, 0)))
    parts.append(("points.tier", TIER_NAMES[facts.tier], table.tier.get(facts.tier, 0)))
    if facts.amount is not None:
        parts.append(
            ("points.order_amount", f"订单金额 {facts.amount:,.0f} 元", _band(table.order_amount, facts.amount))
        )
    parts.append(("points.contacts", f"第 {facts.contacts} 次联系", _band(table.contacts, facts.contacts)))
    waited = _band(table.waited_minutes, facts.waited)
    parts.append(("points.waited_minutes", f"已等 {_duration(facts.waited)}", waited))
    reasons.extend(Reason(rule, text, f"+{points}") for rule, text, points in parts if points)
    total = sum(points for _, _, points in parts)
    rank = next(i for i, level in enumerate(profile.levels) if total >= level.from_points)
    text = f"合计 {total} 分，{PRIORITIES[rank]} 从 {profile.levels[rank].from_points} 分起"
    reasons.append(Reason("points.total", text, PRIORITIES[rank]))
    return rank


def _fast_lane(facts: _Facts, profile: Profile, taxonomy: Taxonomy, rank: int, reasons: list[Reason]) -> int:
    """A lane for an urgency is open to that urgency and to every more severe one."""
    lanes = [
        PRIORITIES.index(priority)
        for urgency, priority in profile.fast_lanes.items()
        if _as_severe(facts.severity, urgency, profile)
    ]
    if not lanes:
        return rank
    better = min(rank, *lanes)
    name = _name(taxonomy, "urgency", facts.urgency or "")
    reasons.append(Reason("fast_lane", f"紧急程度“{name}”走快速通道", _step(rank, better)))
    return better


def _watch(
    facts: _Facts,
    head: HeadPrediction | None,
    profile: Profile,
    taxonomy: Taxonomy,
    rank: int,
    action: Action,
    reasons: list[Reason],
) -> tuple[int, Action]:
    """Looks after a ticket that may be of the worst urgency although another is more likely.

    Taking a critical ticket for a normal one costs more than any other mistake, so it moves up one priority and a
    person sees it. It never overtakes what it would get if it *were* critical: otherwise the doubtful ticket could
    stand before the certain one.
    """
    worst = next(iter(profile.points.urgency), None)
    if head is None or worst is None or head.label == worst or head.probability(worst) < profile.urgency_watch:
        return rank, action
    ceiling = _settled(facts._replace(urgency=worst, severity=0), profile, taxonomy)
    better = min(rank, max(rank - 1, ceiling))
    effects = [_step(rank, better)]
    if action == "auto":
        action = "suggest"
        effects.append("action→suggest")
    name = _name(taxonomy, "urgency", worst)
    other = _name(taxonomy, "urgency", head.label)
    text = f"可能{name}：判为“{other}”，但有 {head.probability(worst):.0%} 的可能是“{name}”"
    reasons.append(Reason("urgency_watch", text, ",".join(effects)))
    return better, action


def _settled(facts: _Facts, profile: Profile, taxonomy: Taxonomy) -> int:
    """The rank after points, fast lane and rules."""
    unsaid: list[Reason] = []
    rank = _fast_lane(facts, profile, taxonomy, _points(facts, profile, taxonomy, unsaid), unsaid)
    for rule in profile.rules:
        if _holds(rule.when, facts, profile):
            rank = _raised(rule, rank)
    return rank


def _raised(rule: Rule, rank: int) -> int:
    target = PRIORITIES.index(rule.raise_to) if rule.raise_to else rank
    return min(max(rank - rule.raise_by, 0), target)


def _holds(when: Condition, facts: _Facts, profile: Profile) -> bool:
    return (
        (when.category is None or facts.category in when.category)
        and (when.urgency_at_least is None or _as_severe(facts.severity, when.urgency_at_least, profile))
        and (when.sentiment is None or facts.sentiment in when.sentiment)
        and (when.tier_at_least is None or TIERS.index(facts.tier) >= TIERS.index(when.tier_at_least))
        and (when.order_amount_at_least is None or (facts.amount or 0.0) >= when.order_amount_at_least)
        and (when.contacts_at_least is None or facts.contacts >= when.contacts_at_least)
        and (when.waited_minutes_at_least is None or facts.waited >= when.waited_minutes_at_least)
    )


def _as_severe(severity: int | None, urgency: str, profile: Profile) -> bool:
    threshold = profile.severity(urgency)
    return severity is not None and threshold is not None and severity <= threshold


def _answer(name: str, heads: dict[str, HeadPrediction], taxonomy: Taxonomy) -> HeadAnswer | None:
    head = heads.get(name)
    if head is None:
        return None
    label = _name(taxonomy, name, head.label)
    return HeadAnswer(head.label, label, head.confidence, head.action, tuple(head.alternatives()))


def _name(taxonomy: Taxonomy, head: str, code: str) -> str:
    return taxonomy.heads[head].label(code).name if taxonomy.knows(head, code) else code


def _band(bands: tuple[Band, ...], value: float) -> int:
    return next((band.points for band in reversed(bands) if value >= band.start), 0)


def _step(rank: int, better: int) -> str:
    return PRIORITIES[rank] if rank == better else f"{PRIORITIES[rank]}→{PRIORITIES[better]}"


def _duration(minutes: float) -> str:
    whole = int(minutes)
    days, hours, rest = whole // 1440, whole // 60 % 24, whole % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "天"), (hours, "小时"), (rest, "分钟")) if n]
    return " ".join(parts[:2]) or "不到 1 分钟"
