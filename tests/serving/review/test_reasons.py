"""Why a ticket is in review: read off the stored decision."""

from __future__ import annotations

from typing import Any

import pytest

from serving.review.reasons import REASONS, TEXTS, doubt_of, reason_of, stronger
from tests.serving.review.builders import decision
from triage.contract import predicted
from triage.labels import differs


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"action": "auto"}, None),
        ({"action": "suggest"}, "unsure"),
        ({"action": "human"}, "unsure"),
        ({"action": "human", "rule": "scope"}, "novel"),
        ({"action": "human", "rule": "blank"}, None),
        ({"action": "human", "rule": "degraded", "category": None, "urgency": None, "sentiment": None}, "unsure"),
    ],
)
def test_the_reason(changes: dict[str, Any], reason: str | None) -> None:
    assert reason_of(decision(**changes)) == reason


def test_the_head_in_doubt_is_the_least_sure_of_those_that_are_not_automatic() -> None:
    doubt = doubt_of(decision(confidence=0.5, second=("shipping", 0.3)))
    assert doubt is not None
    assert (doubt.head, doubt.pair) == ("category", ("logistics", "shipping"))
    assert doubt.uncertainty == pytest.approx(0.8)
    made = decision(action="auto", confidence=0.99, second=None)
    made["urgency"].update(confidence=0.6, alternatives=[{"label": "high", "confidence": 0.4}])
    assert doubt_of(made)[:1] == ("urgency",)  # type: ignore[index]
    made["category"]["action"] = "suggest"
    assert doubt_of(made) == ("category", pytest.approx(0.01), None)


def test_a_label_that_wins_with_less_probability_has_no_lead() -> None:
    doubt = doubt_of(decision(confidence=0.4, second=("shipping", 0.5)))
    assert doubt is not None
    assert doubt.uncertainty == 1.0


def test_no_model_no_doubt() -> None:
    nothing = decision(category=None, urgency=None, sentiment=None)
    assert doubt_of(nothing) is None
    assert predicted(nothing) == {}


def test_answers_differ_where_both_speak() -> None:
    assert not differs({"category": "refund"}, {"urgency": "high"})
    assert not differs({"category": "refund", "urgency": "high"}, {"category": "refund"})
    assert differs({"category": "refund", "urgency": "high"}, {"category": "refund", "urgency": "low"})


def test_nothing_takes_the_place_of_blind_but_a_conflict() -> None:
    assert not any(stronger(reason, "blind") for reason in REASONS if reason != "conflict")
    assert stronger("reported", "unsure")
    assert not stronger("unsure", "unsure")
    assert set(TEXTS) == set(REASONS)
