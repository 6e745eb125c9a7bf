"""Gaps between a profile and a model's labels: each is told once, with what mends it; where all fits nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.policy import builders
from tests.triage.policy.test_engine import DEFAULT, ROOT, TAXONOMY, predicted, run
from triage.policy import decide
from triage.policy.gaps import find_gaps
from triage.policy.profile import Profile, load_profile
from triage.prediction import Prediction
from triage.ticket import Ticket

HEADS = {head: TAXONOMY.heads[head].codes for head in ("category", "urgency", "sentiment")}
OWN = ("十万火急", "P1", "007", "一般")


def profile(**changes: Any) -> Profile:
    data = yaml.safe_load((ROOT / "serving" / "profiles" / "default.yaml").read_text("utf-8"))
    return Profile.from_mapping({**data, **changes})


def kinds(made: Profile, heads: Any) -> list[tuple[str, str]]:
    return [(gap.kind, gap.head) for gap in find_gaps(made, heads)]


@pytest.mark.parametrize("name", ["default", "promo"])
def test_the_shipped_profiles_fit_the_standard_labels(name: str) -> None:
    assert find_gaps(load_profile(name, ROOT / "serving" / "profiles"), HEADS) == ()


def test_labels_without_points_are_named_with_the_line_to_add() -> None:
    gap = find_gaps(DEFAULT, {**HEADS, "urgency": OWN})[0]
    assert (gap.kind, gap.labels, gap.place) == ("no_points", OWN, "points.urgency")
    assert gap.text == (
        "紧急程度的标签 十万火急、P1、007、一般 在策略档案 default 里没有分值，判成它的工单都按 0 分计；"
        "在 default.yaml 的 points 下写上（由最急写到最缓）："
        "urgency: {critical: 70, high: 40, normal: 20, low: 0, 十万火急: 分数, P1: 分数, '007': 分数, 一般: 分数}"
    )
    assert gap.to_json() == {
        "code": "no_points", "head": "urgency", "labels": list(OWN), "message": gap.text,
    }  # fmt: skip


def test_the_line_to_add_can_be_pasted() -> None:
    gap = find_gaps(DEFAULT, {**HEADS, "urgency": OWN})[0]
    line = gap.text[gap.text.rindex("urgency: ") :]
    points = yaml.safe_load(line.replace("分数", "0"))["urgency"]
    mended = profile(points={"urgency": points, "sentiment": {"negative": 5}})
    assert ("no_points", "urgency") not in kinds(mended, {**HEADS, "urgency": OWN})


def test_a_shop_that_weighs_no_moods_is_not_told_of_them() -> None:
    silent = profile(points={"urgency": {"critical": 70, "high": 40, "normal": 20, "low": 0}}, rules=[])
    assert find_gaps(silent, HEADS) == ()
    assert kinds(profile(points={}, fast_lanes={}, rules=[]), HEADS) == [("no_points", "urgency")]


def test_other_tables_of_the_profile_rest() -> None:
    gaps = find_gaps(DEFAULT, {"category": ("维修", "refund"), "urgency": ("high", "low")})
    assert [(gap.kind, gap.head, gap.labels) for gap in gaps if gap.kind != "dead_rule"] == [
        ("no_queue", "category", ("维修",)),
        ("no_head", "sentiment", ()),
        ("no_label", "urgency", ("critical", "normal")),
    ]
    text = "\n".join(gap.text for gap in gaps)
    assert "urgency_watch）看的是 critical，也不起作用；快速通道 critical 也没有工单走" in text
    assert "在 default.yaml 的 queues 里写上，如 {维修: 维修}" in text
    dead = {gap.head: gap.place for gap in gaps if gap.kind == "dead_rule"}
    assert dead == {"category": "vip_complaint、product_safety、account_safety", "sentiment": "unsolved"}


def test_a_head_that_must_be_sure_and_is_not_there() -> None:
    made = profile(auto_requires=["category", "product_line"])
    (gap,) = find_gaps(made, HEADS)
    assert (gap.kind, gap.head, gap.place) == ("no_head", "product_line", "auto_requires")
    assert "工单不会自动分派" in gap.text
    assert "训练时加上 product_line 列" in gap.text


def test_without_a_model_there_is_nothing_to_compare() -> None:
    assert find_gaps(DEFAULT, {}) == ()


def own(prediction: Prediction, label: str) -> Prediction:
    return prediction._replace(heads={**prediction.heads, "urgency": builders.head(OWN, label)})


def test_a_decision_says_where_it_was_touched() -> None:
    made = run(own(predicted(), "十万火急"))
    (told,) = [reason for reason in made.reasons if reason.rule == "unweighed"]
    assert told.text.startswith(
        "紧急程度“十万火急”在策略档案 default 里没有分值，按 0 分计；在 default.yaml 的 points 下写上"
    )
    assert told.effect == "+0"
    assert made.priority == "P4"
    assert "unweighed" not in [reason.rule for reason in run(predicted()).reasons]
    assert "unweighed" not in [reason.rule for reason in run(own(predicted(), "一般")._replace(scope=0.1)).reasons]


def test_a_tier_without_points_is_said_too() -> None:
    made = replace(DEFAULT, points=replace(DEFAULT.points, tier={"vip": 15, "gold": 8}))
    texts = [reason.text for reason in run(predicted(), made, customer_tier="silver").reasons]
    assert any(text.startswith("客户等级“银卡客户”在策略档案 default 里没有分值") for text in texts)


labels = st.lists(st.sampled_from([*builders.URGENCIES, "红", "蓝"]), min_size=1, max_size=6, unique=True)


@given(builders.profiles(), labels, st.data())
def test_a_decision_speaks_of_a_label_exactly_where_the_gaps_name_it(
    made: Profile, urgencies: list[str], data: st.DataObject
) -> None:
    heads = {"category": builders.CATEGORIES, "urgency": tuple(urgencies), "sentiment": builders.SENTIMENTS}
    gaps = find_gaps(made, heads)
    named = {code for gap in gaps if gap.kind == "no_points" for code in gap.labels}
    assert named == set(urgencies) - set(builders.URGENCIES)
    label = data.draw(st.sampled_from(urgencies))
    prediction = Prediction(
        {
            "category": builders.head(builders.CATEGORIES, "refund"),
            "urgency": builders.head(urgencies, label, 0.9 if len(urgencies) > 1 else 1.0),
            "sentiment": builders.head(builders.SENTIMENTS, "neutral"),
        }
    )
    decision = decide(
        Ticket(text="钱呢"),
        prediction,
        profile=made,
        taxonomy=builders.TAXONOMY,
        now=builders.NOW,
        model=builders.MODEL,
    )
    told = [reason for reason in decision.reasons if reason.rule == "unweighed"]
    assert bool(told) is (label in named)
    dead = {name for gap in gaps if gap.kind == "dead_rule" for name in gap.place.split("、")}
    assert not dead & {reason.rule for reason in decision.reasons}
