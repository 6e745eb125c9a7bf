"""The policy on plain cases: queue, priority with its parts, due time, action, and what is odd."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.contract import decision_json
from triage.decision import PRIORITIES, Decision, ModelRef
from triage.policy import decide
from triage.policy.profile import Profile, load_profile
from triage.prediction import Evidence, HeadPrediction, Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME, Ticket

ROOT = Path(__file__).parents[3]
TAXONOMY = Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8")))
DEFAULT = load_profile("default", ROOT / "serving" / "profiles")
NOW = datetime(2026, 11, 11, 12, tzinfo=SHOP_TIME)
URGENCIES = TAXONOMY.heads["urgency"].codes
SENTIMENTS = TAXONOMY.heads["sentiment"].codes
MODEL = ModelRef("fendan", "7")


def head(
    labels: Sequence[str], label: str, share: float = 0.9, action: Any = "auto", **others: float
) -> HeadPrediction:
    """A head that is ``share`` sure of ``label``; the rest goes to ``others`` or is spread evenly."""
    rest = (1 - share - sum(others.values())) / max(len(labels) - 1 - len(others), 1)
    shares = tuple(share if code == label else others.get(code, rest) for code in labels)
    return HeadPrediction(label, share, action, tuple(labels), shares)


def predicted(
    category: str = "logistics", urgency: str = "normal", sentiment: str = "neutral", action: Any = "auto"
) -> Prediction:
    """A prediction sure of its labels; ``action`` is the category's."""
    return Prediction(
        {
            "category": head(TAXONOMY.heads["category"].codes, category, action=action),
            "urgency": head(URGENCIES, urgency),
            "sentiment": head(SENTIMENTS, sentiment, action="human"),
        }
    )


def run(prediction: Prediction | None, profile: Profile = DEFAULT, **ticket: Any) -> Decision:
    ticket.setdefault("text", "快递显示签收了但我没收到")
    return decide(Ticket(**ticket), prediction, profile=profile, taxonomy=TAXONOMY, now=NOW, model=MODEL)


def rules(decision: Decision) -> dict[str, str]:
    return {reason.rule: reason.effect for reason in decision.reasons}


def test_a_plain_ticket_goes_its_way() -> None:
    decision = run(predicted())
    assert (decision.action, decision.queue, decision.priority) == ("auto", "logistics", "P3")
    assert decision.due_at.isoformat() == "2026-11-12T12:00:00+08:00"  # 720 minutes of a 12-hour shift
    assert rules(decision) == {"queue": "queue→logistics", "points.urgency": "+20", "points.total": "P3"}


def test_every_part_of_a_priority_is_told() -> None:
    decision = run(
        predicted(sentiment="negative"),
        customer_tier="vip",
        order_amount=2300.0,
        contact_count=2,
        created_at=NOW - timedelta(hours=5),
    )
    assert [(r.rule, r.text, r.effect) for r in decision.reasons[1:]] == [
        ("points.urgency", "紧急程度：普通", "+20"),
        ("points.sentiment", "情绪：负面", "+5"),
        ("points.tier", "VIP 客户", "+15"),
        ("points.order_amount", "订单金额 2,300 元", "+8"),
        ("points.contacts", "第 2 次联系", "+5"),
        ("points.waited_minutes", "已等 5 小时", "+5"),
        ("points.total", "合计 58 分，P2 从 40 分起", "P2"),
    ]


def test_time_runs_from_when_the_customer_wrote() -> None:
    early = run(predicted(), created_at=NOW - timedelta(hours=3))
    assert early.due_at.isoformat() == "2026-11-11T21:00:00+08:00"
    assert run(predicted(), created_at=NOW + timedelta(days=1)).due_at == run(predicted()).due_at
    assert run(predicted(), created_at=NOW - timedelta(days=400)).due_at < NOW


def test_critical_takes_the_fast_lane_around_the_clock() -> None:
    night = NOW.replace(hour=23)
    ticket = Ticket(text="插座冒烟了")
    decision = decide(
        ticket, predicted("quality_issue", "critical"), profile=DEFAULT, taxonomy=TAXONOMY, now=night, model=MODEL
    )
    assert (decision.priority, decision.action) == ("P1", "suggest")
    assert decision.due_at == night + timedelta(minutes=30)
    assert rules(decision)["fast_lane"] == "P1"
    assert rules(decision)["product_safety"] == "action→suggest"


def test_a_rule_raises_and_asks_for_a_person() -> None:
    decision = run(predicted("complaint"), customer_tier="vip")
    assert (decision.priority, decision.action, decision.queue) == ("P2", "suggest", "complaint")
    assert rules(decision)["vip_complaint"] == "P3→P2,action→suggest"
    assert run(predicted("complaint"), customer_tier="gold").priority == "P3"


def test_rules_reroute_the_first_one_wins_and_never_past_a_person() -> None:
    profile = Profile.from_mapping(
        {
            "name": "shop",
            "queues": {"logistics": "logistics"},
            "points": {"urgency": {"critical": 1, "normal": 0}},
            "priorities": {p: {"from_points": 3 - i, "sla_minutes": 60} for i, p in enumerate(PRIORITIES)},
            "rules": [
                {"name": "big", "text": "大单专席", "when": {"order_amount_at_least": 1000}, "queue": "desk"},
                {
                    "name": "huge",
                    "text": "特大单",
                    "when": {"order_amount_at_least": 2000},
                    "queue": "boss",
                    "raise_to": "P2",
                },
            ],
        }
    )
    assert (run(predicted(), profile, order_amount=1000.0).queue) == "desk"
    both = run(predicted(), profile, order_amount=2000.0)
    assert (both.queue, both.priority, rules(both)["huge"]) == ("desk", "P2", "P4→P2")
    assert run(predicted(action="human"), profile, order_amount=2000.0).queue == "manual"


@pytest.mark.parametrize(("action", "queue"), [("auto", "logistics"), ("suggest", "logistics"), ("human", "manual")])
def test_the_required_heads_decide_the_action(action: str, queue: str) -> None:
    decision = run(predicted(urgency="critical", action=action))
    assert (decision.action, decision.queue) == (action, queue)
    assert decision.priority == "P1"  # the urgency counts although a person must find the queue
    assert ("confidence" in rules(decision)) == (action != "auto")


def test_a_profile_may_require_more_heads() -> None:
    prediction = predicted()
    prediction.heads["urgency"] = head(URGENCIES, "normal", action="suggest")
    assert run(prediction).action == "auto"
    assert run(prediction, replace(DEFAULT, auto_requires=("category", "urgency"))).action == "suggest"
    assert run(prediction, replace(DEFAULT, auto_requires=("category", "sentiment"))).queue == "manual"


def test_a_likely_critical_is_watched() -> None:
    prediction = predicted()
    prediction.heads["urgency"] = head(URGENCIES, "normal", 0.6, critical=0.3)
    decision = run(prediction)
    assert (decision.priority, decision.action, decision.queue) == ("P2", "suggest", "logistics")
    reason = decision.reasons[-1]
    assert reason.rule == "urgency_watch"
    assert reason.text == "可能紧急：判为“普通”，但有 30% 的可能是“紧急”"
    assert reason.effect == "P3→P2,action→suggest"
    prediction.heads["urgency"] = head(URGENCIES, "normal", 0.6, critical=0.14)
    assert run(prediction).priority == "P3"


def test_the_watched_never_overtake_the_certain() -> None:
    flat = replace(DEFAULT, fast_lanes={}, points=replace(DEFAULT.points, urgency={"critical": 20, "normal": 20}))
    likely, certain = predicted(), predicted(urgency="critical")
    likely.heads["urgency"] = head(URGENCIES, "normal", 0.5, critical=0.4)
    assert run(certain, flat).priority == "P3"
    decision = run(likely, flat)
    assert (decision.priority, decision.action) == ("P3", "suggest")
    assert rules(decision)["urgency_watch"] == "P3,action→suggest"


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b\u200e", "\u3000", "\ud800\x00"])
def test_blank_text_waits_for_a_person(text: str) -> None:
    decision = run(predicted("refund", "critical"), text=text)
    assert (decision.action, decision.queue, decision.priority) == ("human", "manual", "P3")
    assert (decision.heads, decision.evidence, decision.degraded) == ({}, (), False)
    assert {"blank", "unread_floor"} <= set(rules(decision))


def test_no_model_is_said_plainly() -> None:
    decision = run(None, customer_tier="vip", order_amount=20_000.0, contact_count=5)
    assert (decision.action, decision.queue, decision.degraded) == ("human", "manual", True)
    assert (decision.heads, decision.evidence) == ({}, ())
    assert decision.model == ModelRef()
    assert decision.priority == "P2"  # what is known of the customer still counts
    assert run(None).priority == DEFAULT.unread_floor


@pytest.mark.parametrize("urgency", ["critical", "low"])
def test_what_is_out_of_scope_is_a_guess_that_nothing_is_built_on(urgency: str) -> None:
    """All labels are alike to the policy: no points, no fast lane, no watch, no rule, no queue; only the floor of the unread."""
    prediction = predicted("complaint", urgency, "negative")._replace(scope=0.49)
    prediction.heads["urgency"] = head(URGENCIES, urgency, 0.4, critical=0.4)
    decision = run(prediction, customer_tier="vip")
    assert (decision.action, decision.queue, decision.priority) == ("human", "manual", "P3")
    assert rules(decision) == {
        "scope": "action→human",
        "points.tier": "+15",
        "points.total": "P4",
        "unread_floor": "P4→P3",
    }
    assert "没有读懂" in decision.reasons[0].text
    data = decision_json(decision)
    assert data["scope"] == 0.49
    assert data["urgency"] == {
        "label": urgency,
        "name": TAXONOMY.heads["urgency"].label(urgency).name,
        "confidence": None,
        "action": "human",
        "alternatives": [],
    }


def test_half_in_scope_the_numbers_stand_and_the_reason_says_it() -> None:
    sure = run(predicted(action="suggest")._replace(scope=0.6))
    assert (sure.action, sure.queue, sure.priority) == ("suggest", "logistics", "P3")
    assert sure.reasons[0].text == "分类最像“物流配送”，把握 90%，内容不太像模型学过的工单，还不够自动处理，请人确认"
    assert decision_json(sure)["category"]["confidence"] == 0.9
    assert "内容" not in run(predicted(action="suggest")).reasons[0].text


def test_what_customer_and_order_say_counts_out_of_scope_too() -> None:
    decision = run(predicted()._replace(scope=0.0), customer_tier="vip", order_amount=20_000.0, contact_count=5)
    assert decision.priority == "P2"


def test_other_labels_than_the_profiles_work() -> None:
    labels = ("城乡建设", "教育文体")
    taxonomy = Taxonomy.infer({"category": labels})
    prediction = Prediction({"category": head(labels, "教育文体", 0.7)})
    decision = decide(Ticket(text="学校门口堵车"), prediction, profile=DEFAULT, taxonomy=taxonomy, now=NOW, model=MODEL)
    assert (decision.queue, decision.priority, decision.action) == ("教育文体", "P4", "auto")
    category = decision.heads["category"]
    assert category.name == "教育文体"
    assert category.alternatives[0].label == "城乡建设"


def test_a_model_without_categories_leaves_the_queue_to_people() -> None:
    prediction = Prediction({"urgency": head(("asap", "later"), "asap")})
    decision = run(prediction)
    assert (decision.action, decision.queue, decision.priority) == ("human", "manual", "P4")
    assert "missing_head" in rules(decision)
    required = replace(DEFAULT, auto_requires=("category", "urgency"))
    assert run(Prediction({"category": head(("refund", "x"), "refund")}), required).action == "suggest"


def test_the_json_is_the_contract() -> None:
    prediction = predicted()
    prediction.heads["category"] = HeadPrediction(
        "logistics", 0.94123456789, "auto", ("shipping", "logistics"), (0.04, 0.94)
    )
    evidence = (Evidence("category", 3, 6, "没收到", 0.41),)
    data = decision_json(run(prediction._replace(evidence=evidence), ticket_id="T-1"))
    assert list(data) == [
        "ticket_id", "action", "queue", "priority", "due_at", "category", "urgency", "sentiment",
        "reasons", "evidence", "similar", "scope", "profile", "model", "degraded",
    ]  # fmt: skip
    assert data["category"] == {
        "label": "logistics",
        "name": "物流配送",
        "confidence": 0.941235,
        "action": "auto",
        "alternatives": [{"label": "shipping", "confidence": 0.04}],
    }
    assert data["evidence"] == [{"head": "category", "start": 3, "end": 6, "text": "没收到", "weight": 0.41}]
    assert data["reasons"][0] == {
        "rule": "queue",
        "text": "“物流配送”由 logistics 队列处理",
        "effect": "queue→logistics",
    }
    assert data["profile"] == {"name": "default", "version": DEFAULT.version}
    assert (data["model"], data["similar"], data["degraded"]) == ({"name": "fendan", "version": "7"}, [], False)
    assert (data["scope"], decision_json(run(None))["scope"], decision_json(run(predicted(), text=" "))["scope"]) == (
        1.0,
        None,
        None,
    )
    assert json.loads(json.dumps(data)) == data
    assert decision_json(run(None))["category"] is None
