"""Conditions: what every kind promises, and on which facts each of the plain ones holds, fails or does not know."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.triage.policy.builders import NOW, VOCABULARY, Pair, head, pressing_pairs, values
from triage.errors import ProfileError
from triage.policy import Facts
from triage.policy.conditions import CONDITIONS, condition
from triage.policy.conditions.condition import Condition
from triage.prediction import Prediction
from triage.ticket import Ticket

KINDS = {kind.name: kind for kind in CONDITIONS}


def test_every_file_is_listed_under_its_name() -> None:
    folder = Path(condition.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "condition", "values"}
    assert set(KINDS) == files
    assert len(KINDS) == len(CONDITIONS)


@pytest.mark.parametrize("kind", CONDITIONS)
def test_every_kind_speaks_and_reads_its_example(kind: type[Condition[Any]]) -> None:
    made = kind.read(kind.example, "when", VOCABULARY)
    assert made == kind.read(kind.example, "when", VOCABULARY)
    assert made.says()
    assert kind.meaning
    with pytest.raises(ProfileError, match=r"^when"):
        kind.read({"no": "value"}, "when", VOCABULARY)


@given(pressing_pairs())
def test_no_kind_fails_on_a_more_pressing_ticket(pair: Pair) -> None:
    calm, pressed = (Facts.gather(*one, NOW) for one in pair)
    for kind in CONDITIONS:
        made = kind.read(kind.example, "when", VOCABULARY)
        assert made.holds(calm) in (True, False, None)
        assert pressed.label("urgency") is None or not made.holds(calm) or made.holds(pressed)


@given(values(KINDS["urgency_at_least"].schema))
def test_a_label_stands_for_all_more_pressing_ones(label: str) -> None:
    made = KINDS["urgency_at_least"].read(label, "when", VOCABULARY)
    assert made.value == VOCABULARY.urgencies[: VOCABULARY.urgencies.index(label) + 1]


@pytest.mark.parametrize(
    ("name", "value", "holds", "says"),
    [
        ("category", ["refund"], True, "分类是 refund"),
        ("category", ["complaint", "logistics"], False, "分类是 complaint、logistics"),
        ("category", [], False, "分类是 （一个也没写）"),
        ("urgency_at_least", "normal", True, "紧急程度是 normal 或更急"),
        ("urgency_at_least", "critical", False, "紧急程度是 critical 或更急"),
        ("sentiment", ["negative"], None, "情绪是 negative"),
        ("tier_at_least", "silver", True, "客户等级不低于银卡客户"),
        ("tier_at_least", "vip", False, "客户等级不低于VIP 客户"),
        ("order_amount_at_least", 100, None, "订单金额不少于 100 元"),
        ("order_amount_at_least", 0, True, "订单金额不少于 0 元"),
        ("contacts_at_least", 2, True, "联系了 2 次或更多"),
        ("contacts_at_least", 3, False, "联系了 3 次或更多"),
        ("waited_minutes_at_least", 90, True, "等了 1 小时 30 分钟或更久"),
        ("waited_minutes_at_least", 91, False, "等了 1 小时 31 分钟或更久"),
    ],
)
def test_the_plain_ones(name: str, value: Any, holds: bool | None, says: str) -> None:
    heads = {
        "category": head(VOCABULARY.categories, "refund"),
        "urgency": head(VOCABULARY.urgencies, "high"),
    }
    ticket = Ticket(text="钱呢", customer_tier="gold", contact_count=2, created_at=NOW - timedelta(minutes=90))
    made = KINDS[name].read(value, "when", VOCABULARY)
    facts = Facts.gather(ticket, Prediction(heads), NOW)
    assert (made.holds(facts), made.says(), made.found(facts)) == (holds, says, "")
