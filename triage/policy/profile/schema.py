"""The parts of a policy profile (points, levels, rules), and every key that a profile may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.decision import PRIORITIES
from triage.policy.conditions import CONDITIONS
from triage.policy.conditions.condition import Condition

WEEKDAYS: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

SCHEMA: dict[str, tuple[str, ...]] = {
    "": (
        "name", "title", "description", "queues", "auto_requires", "urgency_watch", "unread_floor",
        "points", "priorities", "hours", "holidays", "workdays", "fast_lanes", "rules",
    ),
    "points": ("urgency", "sentiment", "tier", "order_amount", "contacts", "waited_minutes"),
    "points.order_amount": ("from", "points"),
    "priorities": PRIORITIES,
    "priorities.P1": ("from_points", "sla_minutes", "clock"),
    "hours": WEEKDAYS,
    "rules": ("name", "text", "when", "raise_by", "raise_to", "queue", "review"),
    "rules.when": tuple(kind.name for kind in CONDITIONS),
}  # fmt: skip
"""Every key a profile may hold, by section. Readers and documentation test both go by it."""

WITHOUT_EFFECT: dict[str, str] = {
    "reviewers": "审核不按方案分组，谁登录都从同一队里取下一张；删掉 reviewers 这一段，分派不变",
}
"""Keys of earlier profiles that do nothing: such a profile is still read, and what becomes of the key is said."""


@dataclass(frozen=True, slots=True)
class Band:
    """From ``start`` upwards a value earns ``points`` (until the next band)."""

    start: float
    points: int


@dataclass(frozen=True, slots=True)
class Points:
    """What each fact of a ticket is worth; labels are listed from the most to the least pressing."""

    urgency: Mapping[str, int] = field(default_factory=dict)
    sentiment: Mapping[str, int] = field(default_factory=dict)
    tier: Mapping[str, int] = field(default_factory=dict)
    order_amount: tuple[Band, ...] = ()
    contacts: tuple[Band, ...] = ()
    waited_minutes: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One priority: reached from ``from_points`` on, due within ``sla_minutes`` (of the whole day or opening hours)."""

    from_points: int
    sla_minutes: int
    always: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """When all of ``when`` holds: raise the priority (never lower it), send to another queue, or ask for a person's look."""

    name: str
    text: str
    when: Mapping[str, Condition[Any]]
    raise_by: int = 0
    raise_to: str | None = None
    queue: str | None = None
    review: bool = False
