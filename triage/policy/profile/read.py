"""How the parts of a profile (points, levels, hours, rules) are read from parsed YAML and checked.

The checks for monotonicity are here: points that fall where they should rise, levels out of order, a rule that would
lower a priority (there is no key for it) do not load.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from triage import reading as read
from triage.decision import PRIORITIES
from triage.policy.conditions import CONDITIONS
from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import Vocabulary
from triage.policy.profile.schema import SCHEMA, WEEKDAYS, Band, Level, Points, Rule
from triage.sla import DAY_MINUTES, Hours, Shift
from triage.taxonomy import HEADS, wrong_head
from triage.ticket import TIERS

_MAX_POINTS = 1_000
_MAX_MINUTES = 90 * DAY_MINUTES
_MAX_HOLIDAYS = 1_000


def read_heads(value: Any) -> tuple[str, ...]:
    heads = read.sequence(value, "auto_requires", _head_name)
    if not heads:
        read.wrong("auto_requires", f"至少写一个：{'、'.join(HEADS)}")
    return heads


def _head_name(value: Any, path: str) -> str:
    if wrong := wrong_head(value):
        read.wrong(path, f"{wrong}；人人都有的是：{'、'.join(HEADS)}")
    return str(value)


def read_points(value: Any) -> Points:
    spec = read.mapping(value, "points", known=SCHEMA["points"])
    tiers = read.mapping(spec.get("tier", dict.fromkeys(TIERS, 0)), "points.tier", known=TIERS, needed=TIERS)
    return Points(
        urgency=_falling(spec.get("urgency", {}), "points.urgency"),
        sentiment=_falling(spec.get("sentiment", {}), "points.sentiment"),
        # Read from the highest tier down, so that the same check serves.
        tier=_falling({tier: tiers[tier] for tier in reversed(TIERS)}, "points.tier"),
        order_amount=_bands(spec.get("order_amount", []), "points.order_amount"),
        contacts=_bands(spec.get("contacts", []), "points.contacts"),
        waited_minutes=_bands(spec.get("waited_minutes", []), "points.waited_minutes"),
    )


def _falling(value: Any, path: str) -> dict[str, int]:
    """Label -> points, from the most pressing label down; points never grow on the way."""
    spec = read.mapping(value, path)
    points = {read.code(k, path): read.whole(v, read.join(path, k), 0, _MAX_POINTS) for k, v in spec.items()}
    for (worse, more), (better, less) in pairwise(points.items()):
        if less > more:
            what = f"{better} 的 {less} 分比 {worse} 的 {more} 分还高"
            read.wrong(read.join(path, better), f"{what}；越要紧的分数应越高（由最要紧的写起：{'、'.join(points)}）")
    return points


def _bands(value: Any, path: str) -> tuple[Band, ...]:
    def band(entry: Any, here: str) -> Band:
        keys = SCHEMA["points.order_amount"]
        spec = read.mapping(entry, here, known=keys, needed=keys)
        start = read.number(spec["from"], f"{here}.from", 0, 1e12)
        return Band(start, read.whole(spec["points"], f"{here}.points", 0, _MAX_POINTS))

    bands = read.sequence(value, path, band)
    for i, (low, high) in enumerate(pairwise(bands), start=1):
        if high.start <= low.start:
            read.wrong(f"{path}[{i}].from", f"{high.start:g} 应大于上一档的 {low.start:g}；由小到大写")
        if high.points < low.points:
            read.wrong(f"{path}[{i}].points", f"{high.points} 分比上一档的 {low.points} 分还低；越多分数不能越低")
    return bands


def read_levels(value: Any) -> tuple[Level, ...]:
    spec = read.mapping(value, "priorities", known=PRIORITIES, needed=PRIORITIES)
    levels: list[Level] = []
    for name in PRIORITIES:
        path = f"priorities.{name}"
        keys = SCHEMA["priorities.P1"]
        entry = read.mapping(spec[name], path, known=keys, needed=("from_points", "sla_minutes"))
        levels.append(
            Level(
                from_points=read.whole(entry["from_points"], f"{path}.from_points", 0, 10 * _MAX_POINTS),
                sla_minutes=read.whole(entry["sla_minutes"], f"{path}.sla_minutes", 1, _MAX_MINUTES),
                always=read.choice(entry.get("clock", "business"), f"{path}.clock", ("business", "always")) == "always",
            )
        )
    if levels[-1].from_points != 0:
        read.wrong("priorities.P4.from_points", f"应是 0，否则有工单没有优先级；收到的是 {levels[-1].from_points}")
    for (better, high), (worse, low) in pairwise(zip(PRIORITIES, levels, strict=True)):
        if high.from_points <= low.from_points:
            read.wrong(f"priorities.{better}.from_points", f"{high.from_points} 应大于 {worse} 的 {low.from_points}")
        if high.sla_minutes > low.sla_minutes:
            read.wrong(f"priorities.{better}.sla_minutes", f"{high.sla_minutes} 不应大于 {worse} 的 {low.sla_minutes}")
        if low.always and not high.always:
            read.wrong(f"priorities.{better}.clock", f"{worse} 全天计时，{better} 也要写 always，否则它反而更晚到期")
    return tuple(levels)


def read_hours(spec: Mapping[str, Any]) -> Hours:
    week: tuple[tuple[Shift, ...], ...] = (((0, DAY_MINUTES),),) * 7
    hours = spec.get("hours", "24x7")
    if hours != "24x7":
        if isinstance(hours, str):
            read.wrong("hours", f'应是 24x7，或按星期写，如 monday: ["09:00-21:00"]；收到的是 {hours!r:.60}')
        days = read.mapping(hours, "hours", known=WEEKDAYS, needed=WEEKDAYS)
        week = tuple(_shifts(days[day], f"hours.{day}") for day in WEEKDAYS)
        if not any(week):
            read.wrong("hours", "一周七天都不上班，工单永远不会到期；至少写一个班次")
    return Hours(
        week=week,
        holidays=_days(spec.get("holidays", []), "holidays"),
        workdays=_days(spec.get("workdays", []), "workdays"),
    )


def _shifts(value: Any, path: str) -> tuple[Shift, ...]:
    def shift(entry: Any, here: str) -> Shift:
        try:
            opens, closes = (_minute(part) for part in entry.split("-"))
        except (AttributeError, ValueError):
            read.wrong(here, f'应写成 "09:00-21:00"；收到的是 {entry!r:.60}')
        if opens >= closes:
            read.wrong(here, f"{entry} 的下班不晚于上班；跨夜的班次请拆成两段，如 22:00-24:00 与次日 00:00-02:00")
        return opens, closes

    shifts = read.sequence(value, path, shift)
    for i, (early, late) in enumerate(pairwise(shifts), start=1):
        if late[0] < early[1]:
            read.wrong(f"{path}[{i}]", "与上一班次重叠或次序颠倒；由早到晚写，互不重叠")
    return shifts


def _minute(text: str) -> int:
    hour, minute = text.strip().split(":")
    total = int(hour) * 60 + int(minute)
    if not (hour.isdecimal() and minute.isdecimal() and int(minute) < 60 and total <= DAY_MINUTES):
        raise ValueError(text)
    return total


def _days(value: Any, path: str) -> frozenset[date]:
    def days(entry: Any, here: str) -> list[date]:
        try:
            ends = [date.fromisoformat(str(part).strip()) for part in str(entry).split("..")]
        except ValueError:
            ends = []
        if len(ends) not in (1, 2) or ends[0] > ends[-1]:
            read.wrong(here, f"应是一天 2026-10-01 或一段 2026-10-01..2026-10-07；收到的是 {entry!r:.60}")
        span = (ends[-1] - ends[0]).days + 1
        if span > _MAX_HOLIDAYS:
            read.wrong(here, f"这一段有 {span} 天，上限是 {_MAX_HOLIDAYS} 天")
        return [ends[0] + timedelta(days=i) for i in range(span)]

    found = frozenset(day for block in read.sequence(value, path, days) for day in block)
    if len(found) > _MAX_HOLIDAYS:
        read.wrong(path, f"共有 {len(found)} 天，上限是 {_MAX_HOLIDAYS} 天")
    return found


def read_rule(value: Any, path: str, vocabulary: Vocabulary) -> Rule:
    spec = read.mapping(value, path, known=SCHEMA["rules"], needed=("name", "text", "when"))
    if not {"raise_by", "raise_to", "queue", "review"} & set(spec):
        read.wrong(path, "这条规则什么也不做；至少写一个：raise_by、raise_to、queue、review")
    return Rule(
        name=read.code(spec["name"], f"{path}.name"),
        text=read.text(spec["text"], f"{path}.text"),
        when=_conditions(spec["when"], f"{path}.when", vocabulary),
        raise_by=read.whole(spec["raise_by"], f"{path}.raise_by", 1, len(PRIORITIES) - 1) if "raise_by" in spec else 0,
        raise_to=read.choice(spec["raise_to"], f"{path}.raise_to", PRIORITIES) if "raise_to" in spec else None,
        queue=read.code(spec["queue"], f"{path}.queue") if "queue" in spec else None,
        review=read.flag(spec.get("review", False), f"{path}.review"),
    )


def _conditions(value: Any, path: str, vocabulary: Vocabulary) -> dict[str, Condition[Any]]:
    spec = read.mapping(value, path, known=SCHEMA["rules.when"])
    if not spec:
        read.wrong(path, f"条件是空的，会命中每一张工单；至少写一个：{'、'.join(SCHEMA['rules.when'])}")
    return {
        kind.name: kind.read(spec[kind.name], f"{path}.{kind.name}", vocabulary)
        for kind in CONDITIONS
        if kind.name in spec
    }
