"""Targets: one for all, for a head, for a class; what is none is named."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.promise.targets import MOST, Targets
from triage.errors import TrainingError

HEADS = {"category": ("refund", "complaint"), "urgency": ("critical", "normal")}
RATES = st.floats(0, MOST, exclude_min=True)


def test_the_nearest_one_counts() -> None:
    targets = Targets(0.05, {"category": 0.02}, {"urgency": {"critical": 0.01}})
    assert targets.head("category") == 0.02
    assert targets.head("urgency") == targets.head("sentiment") == 0.05
    targets.check(HEADS)


@given(
    RATES,
    st.dictionaries(st.sampled_from(list(HEADS)), RATES),
    st.dictionaries(st.sampled_from(list(HEADS)), st.dictionaries(st.sampled_from(["x", "y"]), RATES, min_size=1)),
)
def test_it_goes_through_a_mapping_and_back(
    default: float, heads: dict[str, float], classes: dict[str, dict[str, float]]
) -> None:
    targets = Targets(default, heads, classes)
    again = Targets.from_mapping(targets.to_mapping())
    assert again.default == targets.default
    assert again.classes == targets.classes
    assert all(again.head(head) == targets.head(head) for head in (*HEADS, "sentiment"))
    assert Targets.from_mapping(again.to_mapping()) == again


def test_a_head_may_be_one_number_and_no_default_is_three_in_a_hundred() -> None:
    targets = Targets.from_mapping({"category": 0.02, "urgency": {"critical": 0.01}})
    assert targets == Targets(0.03, {"category": 0.02}, {"urgency": {"critical": 0.01}})


@pytest.mark.parametrize("value", [0.0, -0.1, 0.51, 3, math.nan, math.inf, True, "0.03", None, [0.1]])
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("target_error", lambda v: {"default": v}),
        ("category", lambda v: {"category": v}),
        ("category", lambda v: {"category": {"default": v}}),
        ("category.refund", lambda v: {"category": {"refund": v}}),
    ],
)
def test_a_rate_out_of_range_is_named_wherever_it_stands(name: str, shape: Any, value: Any) -> None:
    with pytest.raises(TrainingError, match=r"大于 0、不超过 0\.5") as caught:
        Targets.from_mapping(shape(value))
    assert f"{name} 收到的是 {value!r}" in str(caught.value)
    assert caught.value.field == "target_error"


@pytest.mark.parametrize("data", [[], 0.03, "0.03", None])
def test_what_is_no_mapping_is_said_with_an_example(data: Any) -> None:
    with pytest.raises(TrainingError, match=r"complaint: 0\.01") as caught:
        Targets.from_mapping(data)
    assert caught.value.field == "target_error"


@pytest.mark.parametrize(
    ("targets", "says"),
    [
        (Targets(0.03, {"mood": 0.1}), r"mood 不是.*category、urgency"),
        (Targets(0.03, {}, {"mood": {"bad": 0.1}}), r"mood 不是.*category、urgency"),
        (Targets(0.03, {}, {"urgency": {"high": 0.1}}), r"urgency\.high 在数据里没有.*critical、normal"),
    ],
)
def test_a_head_or_class_that_is_not_there_is_named_with_those_that_are(targets: Targets, says: str) -> None:
    with pytest.raises(TrainingError, match=says) as caught:
        targets.check(HEADS)
    assert caught.value.field == "target_error"
