"""The gate: equals pass but for a stated share, what is truly worse is refused, and what was not tested is said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.training.judge.builders import LABELS, drawn, side
from tests.training.report.builders import report
from training.judge.compare import HeadComparison, compare_head
from training.judge.gate import ALPHA, LEAST_COMPARED, decide, decide_first


def made(first: list[int], second: list[int], truth: list[int], **changes: object) -> HeadComparison:
    words = [LABELS[i] for i in truth]
    sides = side(np.array(first), **changes), side(np.array(second), **changes)  # type: ignore[arg-type]
    return compare_head("category", LABELS, words, np.arange(len(truth)), *sides, draws=200)


def codes(one: HeadComparison) -> list[tuple[str, str]]:
    return [(reason.code, reason.label) for reason in decide({"category": one}).reasons]


@pytest.mark.parametrize(("n", "copies"), [(60, 1), (400, 1), (400, 2)])
@pytest.mark.slow
def test_equals_are_refused_as_rarely_as_promised(n: int, copies: int) -> None:
    rng = np.random.default_rng(n + copies)
    runs = 100
    refused = sum(
        not decide({"category": drawn(rng, n * copies, 0.85, 0.85, copies=copies, shared=0.5, draws=100)}).passed
        for _ in range(runs)
    )
    assert refused <= ALPHA * runs + 3 * np.sqrt(ALPHA * (1 - ALPHA) * runs) / 2


@pytest.mark.slow
def test_three_heads_share_one_promise() -> None:
    rng = np.random.default_rng(5)
    runs = 40
    heads = ("category", "urgency", "sentiment")
    refused = sum(
        not decide({head: drawn(rng, 200, 0.8, 0.8, shared=0.3, draws=100) for head in heads}).passed
        for _ in range(runs)
    )
    assert refused <= 0.1 * runs


def test_a_better_challenger_passes() -> None:
    rng = np.random.default_rng(6)
    assert all(decide({"category": drawn(rng, 300, 0.75, 0.85)}).passed for _ in range(20))


def test_a_worse_challenger_is_refused_and_told_why() -> None:
    verdict = decide({"category": drawn(np.random.default_rng(7), 600, 0.85, 0.75)})
    assert not verdict.passed
    reason = next(reason for reason in verdict.reasons if reason.code == "accuracy")
    assert reason.champion > reason.challenger
    assert reason.low < reason.high < 0
    assert "准确率" in reason.text
    assert "拒绝" in verdict.words


@pytest.mark.parametrize(("label", "share"), [(1, 0.3), (3, 0.1)])
def test_one_truly_worse_class_is_caught_where_the_whole_looks_better(label: int, share: float) -> None:
    rng = np.random.default_rng(8)
    second = [0.93] * 5
    second[label] = 0.45
    found = [decide({"category": drawn(rng, 700, 0.85, second, shared=0.7)}) for _ in range(12)]
    caught = [v for v in found if any(r.code == "class_recall" and r.label == LABELS[label] for r in v.reasons)]
    assert len(caught) >= 11
    assert all(v.classes["category"][LABELS[label]] == "worse" for v in caught)
    assert share > 0.05


def test_a_loss_within_the_margin_is_tolerated_however_sure() -> None:
    truth = [i % 4 for i in range(4000)]
    loses = [(label + 1) % 4 if i < 60 else label for i, label in enumerate(truth)]
    assert codes(made(truth, loses, truth)) == []
    verdict = decide({"category": made(truth, loses, truth)}, margin=0.01)
    assert {reason.code for reason in verdict.reasons} == {"accuracy", "macro_f1", "class_recall"}


def test_a_class_too_small_to_be_tested_is_named_and_cannot_fail() -> None:
    truth = [0] * 200 + [1] * 5 + [2] * 100
    right = list(truth)
    wrong = [0] * 205 + [2] * 100
    verdict = decide({"category": made(right, wrong, truth)})
    assert verdict.classes["category"]["b"] == "untested"
    assert not [reason for reason in verdict.reasons if reason.label == "b"]
    note = next(note for note in verdict.notes if note.code == "untested")
    assert "b（5）" in note.text
    # The same class, with enough tickets, all lost: that is no noise.
    truth = [0] * 200 + [1] * 12 + [2] * 100
    assert ("class_recall", "b") in codes(made(truth, [0] * 212 + [2] * 100, truth))


def test_what_is_neither_shown_worse_nor_shown_to_hold_is_said() -> None:
    truth = [0] * 300 + [1] * 30
    second = [0] * 300 + [1] * 28 + [0] * 2
    verdict = decide({"category": made(truth, second, truth)})
    assert verdict.passed
    assert verdict.classes["category"] == {"a": "held", "b": "open"}
    assert "b（最多差" in next(note for note in verdict.notes if note.code == "open").text


def test_too_few_tickets_never_pass() -> None:
    truth = [0, 1] * ((LEAST_COMPARED - 1) // 2)
    assert codes(made(truth, truth, truth)) == [("too_few", "")]
    copies = compare_head("category", LABELS, ["a"] * 500, np.arange(500) // 50, *[side(np.zeros(500))] * 2, draws=50)
    assert codes(copies) == [("too_few", "")], "copies are not evidence"
    truth = [0] * LEAST_COMPARED
    assert codes(made(truth, truth, truth)) == []


def test_a_head_with_few_labels_is_untested_and_named() -> None:
    many, few = [0] * 100, [0] * 5
    verdict = decide({"category": made(many, many, many), "urgency": made(few, [1] * 5, few)})
    assert verdict.passed
    assert any(note.code == "few_of_head" for note in verdict.notes)


def test_automatic_errors_over_the_promise_are_refused_unless_the_champion_makes_more() -> None:
    truth = [0] * 300
    first, second = [1] * 30 + [0] * 270, [0] * 270 + [1] * 30
    assert ("over_target", "") in codes(made(first, second, truth, target=0.03))
    assert codes(made(first, second, truth, target=0.12)) == []
    assert codes(made([1] * 60 + [0] * 240, second, truth, target=0.03)) == [], "worse before, better now"
    assert codes(made(first, second, truth, target=0.03, automatic=False)) == []


def test_coverage_may_not_collapse_unless_it_stood_on_errors() -> None:
    truth = [0] * 300
    for wrong, expected in ((3, [("coverage", "")]), (60, [])):
        said = np.array([1] * wrong + [0] * (300 - wrong))
        some = np.arange(300) % 2 == 0
        one = compare_head(
            "category",
            LABELS,
            [LABELS[i] for i in truth],
            np.arange(300),
            side(said, target=0.05),
            side(said, automatic=some, target=0.5),
            draws=100,
        )
        assert codes(one) == expected


def test_a_head_or_a_label_that_is_lost_is_refused() -> None:
    truth = [0] * 100
    one = {"category": made(truth, truth, truth)}
    old = {"category": ("a", "b", "gone"), "urgency": ("high",)}
    verdict = decide(
        one, champion_heads=old, challenger_heads={"category": ("a",)}, challenger_taxonomy={"category": ("a", "b")}
    )
    assert [(r.code, r.head, r.label) for r in verdict.reasons] == [
        ("lost_label", "category", "b"),
        ("missing_head", "urgency", ""),
    ]


def test_a_verdict_is_json() -> None:
    verdict = decide({"category": drawn(np.random.default_rng(7), 600, 0.85, 0.7)})
    data = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    assert data["passed"] is False
    assert set(data["reasons"][0]) == {"code", "head", "label", "text", "champion", "challenger", "low", "high"}


def test_a_first_model_needs_to_be_worth_something() -> None:
    good, bad = report(3, 200, right=0.9, target=0.5), report(3, 200, right=0.2, target=None)
    assert decide_first({"category": good}, {"category": 200}).passed
    assert [r.code for r in decide_first({"category": bad}, {"category": 200}).reasons] == ["below_majority"]
    assert [r.code for r in decide_first({"category": good}, {"category": 49}).reasons] == ["too_few"]
    over = report(3, 400, right=0.8, target=0.01)
    assert "over_target" in [r.code for r in decide_first({"category": over}, {"category": 400}).reasons]
