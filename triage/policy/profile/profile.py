"""A policy profile: a shop's own rules for queue, priority and due time, read from YAML and checked by hand.

What is checked beyond spelling is *monotonicity*: points never fall as a ticket grows more urgent, its customer more
valued, its order larger, its contacts more or its wait longer, and rules can only raise. So no edit that loads can
make a worse-off ticket wait behind a better-off one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from triage import reading as read
from triage.decision import PRIORITIES
from triage.policy.conditions.values import Vocabulary
from triage.policy.profile.read import read_heads, read_hours, read_levels, read_points, read_rule
from triage.policy.profile.schema import SCHEMA, WITHOUT_EFFECT, Level, Points, Rule
from triage.sla import Hours


@dataclass(frozen=True, slots=True)
class Profile:
    """A validated profile; build it with :meth:`from_mapping` or :func:`~triage.policy.profile.file.load_profile`.

    Attributes:
        version: ten hex digits of the content's SHA-256; changes when anything but a comment changes.
        queues: category code -> queue; a category without an entry goes to the queue of its own code.
        auto_requires: heads that must all be sure for a ticket to be handled automatically.
        urgency_watch: from this probability of the most severe urgency on a ticket is watched although it got another.
        unread_floor: the least priority of a ticket that no model has read.
        levels: one per priority, aligned with :data:`PRIORITIES`.
        fast_lanes: urgency -> priority that such a ticket, or a more urgent one, gets at least.
        source: the file it was read from; empty where it was read from none. No part of the content.
        without_effect: keys of earlier profiles that stand in it and do nothing. No part of the content.
    """

    name: str
    queues: Mapping[str, str]
    levels: tuple[Level, ...]
    title: str = ""
    description: str = ""
    auto_requires: tuple[str, ...] = ("category",)
    urgency_watch: float = 0.25
    unread_floor: str = "P3"
    points: Points = field(default_factory=Points)
    hours: Hours = field(default_factory=Hours)
    fast_lanes: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    version: str = field(default="", compare=False)
    source: str = field(default="", compare=False)
    without_effect: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.version:
            parts = {name: value for name, value in asdict(self).items() if name not in ("source", "without_effect")}
            content = json.dumps(parts, default=_plain, ensure_ascii=False)
            object.__setattr__(self, "version", hashlib.sha256(content.encode()).hexdigest()[:10])

    @classmethod
    def from_mapping(cls, data: Any) -> Profile:
        """Builds a profile from parsed YAML.

        Raises:
            ProfileError: names the path, the value and what is allowed.
        """
        idle = tuple(key for key in WITHOUT_EFFECT if isinstance(data, Mapping) and key in data)
        data = {key: value for key, value in data.items() if key not in idle} if idle else data
        spec = read.mapping(data, "", known=SCHEMA[""], needed=("name", "queues", "priorities"))
        queues = read.mapping(spec["queues"], "queues")
        queues = {read.code(k, "queues"): read.code(v, read.join("queues", k)) for k, v in queues.items()}
        points = read_points(spec.get("points", {}))
        vocabulary = Vocabulary(tuple(queues), tuple(points.urgency), tuple(points.sentiment))
        rules = read.sequence(spec.get("rules", []), "rules", lambda v, path: read_rule(v, path, vocabulary))
        for i, rule in enumerate(rules):
            if any(rule.name == other.name for other in rules[:i]):
                read.wrong(f"rules[{i}].name", f"{rule.name} 写了两次；每条规则要有自己的名字")
        lanes = read.mapping(spec.get("fast_lanes", {}), "fast_lanes", known=points.urgency)
        return cls(
            name=read.code(spec["name"], "name"),
            title=read.text(spec["title"], "title") if "title" in spec else "",
            description=read.text(spec["description"], "description", 2_000) if "description" in spec else "",
            queues=queues,
            levels=read_levels(spec["priorities"]),
            auto_requires=read_heads(spec.get("auto_requires", ["category"])),
            urgency_watch=read.number(spec.get("urgency_watch", 0.25), "urgency_watch", 0.01, 1),
            unread_floor=read.choice(spec.get("unread_floor", "P3"), "unread_floor", PRIORITIES),
            points=points,
            hours=read_hours(spec),
            fast_lanes={k: read.choice(v, read.join("fast_lanes", k), PRIORITIES) for k, v in lanes.items()},
            rules=rules,
            without_effect=idle,
        )

    def queue_for(self, category: str) -> str:
        """The queue of a category; one that the profile does not mention is its own queue."""
        return self.queues.get(category, category)

    def lane_for(self, urgency: str) -> str | None:
        """The best priority that the fast lanes open to an urgency promise: its own lane's, or one of a less severe urgency.

        None where there is no such lane, or the profile does not list the urgency.
        """
        listed = list(self.points.urgency)
        if urgency not in listed:
            return None
        lanes = [self.fast_lanes[code] for code in listed[listed.index(urgency) :] if code in self.fast_lanes]
        return min(lanes, default=None)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)
