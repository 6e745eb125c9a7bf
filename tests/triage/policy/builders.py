"""Profiles of every kind that loads, and tickets of which one is more pressing than the other: for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from triage.decision import PRIORITIES, ModelRef
from triage.policy.conditions import CONDITIONS
from triage.policy.conditions.values import AnyOf, AtLeast, Number, Value, Vocabulary, Whole, Words
from triage.policy.profile import Profile
from triage.policy.profile.schema import WEEKDAYS
from triage.prediction import HeadPrediction, Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME, TIERS, Ticket

NOW = datetime(2026, 11, 11, 12, tzinfo=SHOP_TIME)
MODEL = ModelRef("fendan", "7")
CATEGORIES = ("refund", "complaint", "logistics")
URGENCIES = ("critical", "high", "normal", "low")
SENTIMENTS = ("negative", "neutral", "positive")
VOCABULARY = Vocabulary(CATEGORIES, URGENCIES, SENTIMENTS)
TAXONOMY = Taxonomy.infer({"category": CATEGORIES, "urgency": URGENCIES, "sentiment": SENTIMENTS})


def head(
    labels: Sequence[str], label: str, share: float = 0.9, action: Any = "auto", **others: float
) -> HeadPrediction:
    """A head that is ``share`` sure of ``label``; the rest goes to ``others`` or is spread evenly."""
    rest = (1 - share - sum(others.values())) / max(len(labels) - 1 - len(others), 1)
    shares = tuple(share if code == label else others.get(code, rest) for code in labels)
    return HeadPrediction(label, share, action, tuple(labels), shares)


def _bands(draw: st.DrawFn, limit: int) -> list[dict[str, int]]:
    starts = sorted(draw(st.sets(st.integers(0, limit), max_size=3)))
    points = sorted(draw(st.lists(st.integers(0, 30), min_size=len(starts), max_size=len(starts))))
    return [{"from": start, "points": value} for start, value in zip(starts, points, strict=True)]


def _falling(draw: st.DrawFn, labels: Sequence[str]) -> dict[str, int]:
    values = draw(st.lists(st.integers(0, 60), min_size=len(labels), max_size=len(labels)))
    return dict(zip(labels, sorted(values, reverse=True), strict=True))


def values(schema: Value[Any]) -> st.SearchStrategy[Any]:
    """What a profile may write for a condition; a new kind of value has its line here."""
    match schema:
        case AnyOf(among):
            return st.lists(st.sampled_from(getattr(VOCABULARY, among)), max_size=2)
        case AtLeast():
            return st.sampled_from(schema.labels(VOCABULARY))
        case Number(low, high):
            return st.integers(int(low), int(min(high, 3_000)))
        case Whole(low, high):
            return st.integers(low, min(high, 6))
        case Words():
            return st.lists(st.sampled_from(["钱呢", "钱…了", "冒烟"]), min_size=1, max_size=2)
    raise NotImplementedError(f"no strategy for {schema}")


conditions = st.fixed_dictionaries({}, optional={kind.name: values(kind.schema) for kind in CONDITIONS}).filter(bool)
"""What may stand under ``when``: every kind of condition that is listed."""


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    cuts = sorted(draw(st.sets(st.integers(1, 120), min_size=3, max_size=3)), reverse=True)
    minutes = sorted(draw(st.lists(st.integers(1, 5_000), min_size=4, max_size=4)))
    always = draw(st.integers(0, 4))
    rule = st.fixed_dictionaries(
        {"text": st.just("规则"), "when": conditions, "review": st.booleans()},
        optional={"raise_by": st.integers(1, 3), "raise_to": st.sampled_from(PRIORITIES), "queue": st.just("desk")},
    )
    week = ["09:00-12:00", "13:00-18:00"]
    return Profile.from_mapping(
        {
            "name": "any",
            "queues": {code: code for code in CATEGORIES},
            "urgency_watch": draw(st.floats(0.05, 0.9)),
            "unread_floor": draw(st.sampled_from(PRIORITIES)),
            "points": {
                "urgency": _falling(draw, URGENCIES),
                "sentiment": _falling(draw, SENTIMENTS),
                "tier": _falling(draw, TIERS[::-1]),
                "order_amount": _bands(draw, 3_000),
                "contacts": _bands(draw, 6),
                "waited_minutes": _bands(draw, 3_000),
            },
            "priorities": {
                name: {"from_points": cut, "sla_minutes": span, "clock": "always" if i < always else "business"}
                for i, (name, cut, span) in enumerate(zip(PRIORITIES, [*cuts, 0], minutes, strict=True))
            },
            "hours": draw(st.sampled_from(["24x7", dict.fromkeys(WEEKDAYS, week)])),
            "fast_lanes": draw(st.dictionaries(st.sampled_from(URGENCIES), st.sampled_from(PRIORITIES), max_size=2)),
            "rules": [dict(r, name=f"r{i}") for i, r in enumerate(draw(st.lists(rule, max_size=4)))],
        }
    )


Pair = tuple[tuple[Ticket, Prediction | None], tuple[Ticket, Prediction | None]]


@st.composite
def pressing_pairs(draw: st.DrawFn) -> Pair:
    """A ticket and one that is at least as pressing in every respect, otherwise equal."""

    def pair(values: st.SearchStrategy[Any]) -> list[Any]:
        return sorted([draw(values), draw(values)])

    category, sentiment = draw(st.sampled_from(CATEGORIES)), draw(st.sampled_from(SENTIMENTS))
    milder, worse = pair(st.integers(0, 3))[::-1]
    unsure, likely = pair(st.floats(0, 0.45))
    acts = st.sampled_from(["auto", "suggest", "human"])
    read = draw(st.booleans())
    amounts, tiers = pair(st.floats(0, 4_000)), pair(st.integers(0, 3))
    contacts, waits = pair(st.integers(1, 8)), pair(st.integers(0, 4_000))

    def one(i: int, severity: int, critical: float) -> tuple[Ticket, Prediction | None]:
        ticket = Ticket(
            text="钱呢",
            customer_tier=TIERS[tiers[i]],
            order_amount=amounts[i],
            contact_count=contacts[i],
            created_at=NOW - timedelta(minutes=waits[i]),
        )
        if severity == 0:
            urgency = head(URGENCIES, "critical", 0.5)
        else:
            urgency = head(URGENCIES, URGENCIES[severity], 0.5, critical=critical)
        heads = {
            "category": head(CATEGORIES, category, action=draw(acts)),
            "urgency": urgency,
            "sentiment": head(SENTIMENTS, sentiment),
        }
        return ticket, Prediction(heads) if read else None

    return one(0, milder, unsure), one(1, worse, likely)
