"""Where a profile and a model do not fit: labels without points or queue, and what in the profile can never take effect.

Every shop names its labels as it likes, and a profile names them again. Where the two differ, nothing fails: a label without
points counts as 0, and a rule about a label that no ticket gets rests for ever. So it has to be said, by whoever joins a
model with a profile: training, scoring, the start of the service, and each change of either. A decision says itself where it
was touched (:mod:`triage.policy.steps.points`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from triage.policy.names import HEAD_NAMES, TIER_NAMES
from triage.policy.profile import Profile
from triage.policy.profile.schema import WITHOUT_EFFECT, Rule

GapKind = Literal["no_points", "no_queue", "no_head", "no_label", "dead_rule", "no_effect"]
"""A label without points; a category without a queue of the profile; a head, or a label, of the profile that the model does not
have; a rule that can never hold; a key of earlier profiles that does nothing."""

_WEIGHED = ("urgency", "sentiment")
"""Heads that a profile may give points to."""

_POINTS = "分数"
"""Stands in an example where a shop's own number belongs; pasted as it is, the profile says so when it is read."""


class LabelGap(NamedTuple):
    """One thing in which profile and model differ.

    Attributes:
        labels: those concerned, in the order of the model or of the profile; for a head that is missing, or a key, none.
        place: where in the profile, ``points.urgency``; for rules, their names.
        text: for people: what, what follows from it, how to mend it.
    """

    kind: GapKind
    head: str
    labels: tuple[str, ...]
    place: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """Plain data for programs: ``code`` is the kind, ``message`` for people."""
        return {"code": self.kind, "head": self.head, "labels": list(self.labels), "message": self.text}


def weighs(profile: Profile, head: str) -> bool:
    """Whether a label of ``head`` without points is an oversight.

    A shop that writes no ``points.sentiment`` at all has decided that moods do not count. Urgency always counts.
    """
    return head == "urgency" or bool(_table(profile, head))


def find_gaps(profile: Profile, heads: Mapping[str, Sequence[str]]) -> tuple[LabelGap, ...]:
    """All gaps between a profile and a model, what weighs most first; empty where both fit.

    Args:
        heads: head -> the codes of the model's labels.
    """
    return (
        *_without_points(profile, heads),
        *_without_queue(profile, heads),
        *_without_head(profile, heads),
        *_without_label(profile, heads),
        *_dead_rules(profile, heads),
        *_without_effect(profile),
    )


def unweighed(profile: Profile, head: str, label: str) -> str:
    """What a decision says of a label that its profile gives no points to; ``head`` may be ``tier``, too."""
    title = "客户等级" if head == "tier" else HEAD_NAMES[head]
    name = TIER_NAMES.get(label, label) if head == "tier" else label
    return f"{title}“{name}”在策略档案 {profile.name} 里没有分值，按 0 分计；{_mend(profile, head, [label])}"


def _without_points(profile: Profile, heads: Mapping[str, Sequence[str]]) -> Iterable[LabelGap]:
    for head in _WEIGHED:
        table = _table(profile, head)
        missing = tuple(code for code in heads.get(head, ()) if code not in table)
        if missing and weighs(profile, head):
            text = (
                f"{HEAD_NAMES[head]}的标签 {_listed(missing)} 在策略档案 {profile.name} 里没有分值，判成它的工单都按 0 分计；"
                f"{_mend(profile, head, missing)}"
            )
            yield LabelGap("no_points", head, missing, f"points.{head}", text)


def _without_queue(profile: Profile, heads: Mapping[str, Sequence[str]]) -> Iterable[LabelGap]:
    known = heads.get("category", ())
    missing = tuple(code for code in known if code not in profile.queues)
    if missing and profile.queues:
        others = [code for code in profile.queues if code not in known]
        text = f"分类 {_listed(missing)} 在策略档案 {profile.name} 的 queues 里没有写，各进与自己同名的队列"
        text += f"；queues 里的 {_listed(others)} 模型没有，是不是写错了名字" if others else ""
        line = _yaml({code: code for code in missing[:3]})
        yield LabelGap(
            "no_queue", "category", missing, "queues", f"{text}。在{_file(profile)} queues 里写上，如 {line}"
        )


def _without_head(profile: Profile, heads: Mapping[str, Sequence[str]]) -> Iterable[LabelGap]:
    if not heads:  # no model at all is another story, and told as such
        return
    for head in (*_WEIGHED, *(name for name in profile.auto_requires if name not in _WEIGHED)):
        places = [f"points.{head}"] if any(_table(profile, head).values()) else []
        places += ["auto_requires"] if head in profile.auto_requires else []
        if head not in heads and places:
            what = "工单不会自动分派" if "auto_requires" in places else "这几分谁也得不到"
            text = (
                f"模型不回答“{HEAD_NAMES.get(head, head)}”，策略档案 {profile.name} 的 {'、'.join(places)} 却要用它：{what}；"
                f"训练时加上 {head} 列，或从{_file(profile)}里去掉"
            )
            yield LabelGap("no_head", head, (), places[0], text)


def _without_label(profile: Profile, heads: Mapping[str, Sequence[str]]) -> Iterable[LabelGap]:
    for head in _WEIGHED:
        table = _table(profile, head)
        missing = tuple(code for code in table if code not in heads.get(head, ()))
        if head in heads and missing:
            text = f"策略档案 {profile.name} 的 points.{head} 里的 {_listed(missing)} 模型没有，没有工单会得到"
            worst = next(iter(table))
            if head == "urgency" and worst in missing:
                text += f"；“当心漏掉紧急”（urgency_watch）看的是 {worst}，也不起作用"
            lanes = [code for code in profile.fast_lanes if head == "urgency" and code in missing]
            text += f"；快速通道 {_listed(lanes)} 也没有工单走" if lanes else ""
            yield LabelGap("no_label", head, missing, f"points.{head}", f"{text}。改成模型的标签，或不必理会")


def _dead_rules(profile: Profile, heads: Mapping[str, Sequence[str]]) -> Iterable[LabelGap]:
    if not heads:
        return
    dead: dict[str, list[tuple[Rule, Sequence[str]]]] = {}
    for rule in profile.rules:
        for condition in rule.when.values():
            head = condition.head
            if head and not set(condition.value) & set(heads.get(head, ())):
                dead.setdefault(head, []).append((rule, tuple(condition.value)))
                break
    for head, found in dead.items():
        asked = {code for _, codes in found for code in codes}
        labels = tuple(code for code in _order(profile, head) if code in asked)
        names = [rule.name for rule, _ in found]
        text = (
            f"策略档案 {profile.name} 的规则 {_listed(names)} 永远不会命中：它们要的{HEAD_NAMES[head]} {_listed(labels)} "
            f"模型没有；改成模型的标签，或从{_file(profile)}里去掉"
        )
        yield LabelGap("dead_rule", head, labels, "、".join(names), text)


def _without_effect(profile: Profile) -> Iterable[LabelGap]:
    for key in profile.without_effect:
        text = f"策略档案 {profile.name} 里的 {key} 不起作用：{WITHOUT_EFFECT[key]}"
        yield LabelGap("no_effect", "", (), key, text)


def _table(profile: Profile, head: str) -> Mapping[str, int]:
    table: Mapping[str, int] = getattr(profile.points, head) if head in (*_WEIGHED, "tier") else {}
    return table


def _order(profile: Profile, head: str) -> Iterable[str]:
    return profile.queues if head == "category" else _table(profile, head)


def _mend(profile: Profile, head: str, missing: Sequence[str]) -> str:
    """Which line to write where."""
    order = {"urgency": "由最急写到最缓", "sentiment": "由最差写到最好", "tier": "四级都要写"}[head]
    line = _yaml({head: {**_table(profile, head), **dict.fromkeys(missing, _POINTS)}})[1:-1]
    return f"在{_file(profile)} points 下写上（{order}）：{line}"


def _file(profile: Profile) -> str:
    return f" {Path(profile.source).name} 的" if profile.source else "方案的"


def _yaml(value: Mapping[str, Any]) -> str:
    """One line of YAML that can be pasted: quotes stand where a code needs them."""
    import yaml

    return str(
        yaml.safe_dump(dict(value), default_flow_style=True, allow_unicode=True, sort_keys=False, width=1_000_000)
    ).strip()


def _listed(codes: Sequence[str], most: int = 12) -> str:
    return "、".join(codes[:most]) + (f" 等 {len(codes)} 个" if len(codes) > most else "")
