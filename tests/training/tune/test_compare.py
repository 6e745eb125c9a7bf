"""Default against tuned: the bootstrap is paired, counts groups, and says nothing where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pytest

from training.tune.compare import Answers, paired
from training.tune.decide import decisions, median
from training.tune.say import verdict

RNG = np.random.default_rng(5)
TRUTH = RNG.integers(0, 3, 300)


def said(sure: float, right: float) -> Answers:
    """Answers that are right with a share of ``right``, each with probability ``sure``."""
    answer = np.where(RNG.random(len(TRUTH)) < right, TRUTH, (TRUTH + 1) % 3)
    p = np.full((len(TRUTH), 3), (1 - sure) / 2)
    p[np.arange(len(TRUTH)), answer] = sure
    return Answers(p, answer)


def test_the_same_answers_differ_by_nothing() -> None:
    one = said(0.8, 0.8)
    found = paired(one, one, TRUTH, np.arange(300))
    assert found.verdict == "same"
    assert set(found.difference.values()) == {(0.0, 0.0, 0.0)}


def test_what_is_clearly_better_is_called_so_both_ways() -> None:
    bad, good = said(0.7, 0.6), said(0.9, 0.95)
    found = paired(bad, good, TRUTH, np.arange(300))
    assert found.verdict == "better"
    value, low, high = found.difference["accuracy"]
    assert 0 < low < value < high
    assert value == pytest.approx(found.tuned["accuracy"] - found.default["accuracy"])
    assert paired(good, bad, TRUTH, np.arange(300)).verdict == "worse"


def test_copies_are_one_witness() -> None:
    a, b = said(0.8, 0.75), said(0.8, 0.8)
    alone = paired(a, b, TRUTH, np.arange(300)).difference["log_loss"]
    copies = paired(a, b, TRUTH, np.arange(300) // 30)  # thirty tickets are one group
    assert copies.groups == 10
    assert copies.difference["log_loss"][0] == pytest.approx(alone[0])
    one = np.concatenate([np.zeros(290, int), np.arange(1, 11)])
    _, low, high = paired(a, b, TRUTH, one).difference["log_loss"]
    assert high - low > alone[2] - alone[1]


def test_the_median_is_where_half_is_reached() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.4, 0.2, 0.4], [0.1, 0.2, 0.7], [0.0, 0.0, 1.0]])
    assert median(p).tolist() == [0, 1, 2, 2]


def test_decisions_of_ordered_labels_count_steps_and_what_was_missed() -> None:
    p = np.array([[0.4, 0.2, 0.4], [0.45, 0.1, 0.45], [0.9, 0.1, 0.0], [0.0, 0.1, 0.9]])
    truth, fold = np.array([1, 2, 0, 1]), np.array([0, 1, 0, 1])
    found = decisions(p, truth, fold, ordinal=True)
    assert found["likeliest"] == pytest.approx({"accuracy": 0.25, "macro_f1": 1 / 6, "steps": 1.0, "missed": 0.25})
    assert found["median"]["steps"] < found["likeliest"]["steps"]
    assert set(decisions(p, truth, fold, ordinal=False)) == {"likeliest", "weighted"}


def _answer(is_default: bool = False, **verdicts: str) -> dict[str, object]:
    return {"is_default": is_default, "held_out": {"heads": {h: {"verdict": v} for h, v in verdicts.items()}}}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_answer(True, urgency="same"), "没有找到比默认更好的配方"),
        (_answer(urgency="same", category="same"), "没有带来什么"),
        (_answer(urgency="same", category="worse"), "category 反而更差"),
        (_answer(urgency="better", category="same"), "urgency 确实更好；category 分不出"),
        (_answer(urgency="better", category="worse"), "category 更差"),
    ],
)
def test_the_verdict_is_plain(answer: dict[str, object], says: str) -> None:
    assert says in verdict(answer)
