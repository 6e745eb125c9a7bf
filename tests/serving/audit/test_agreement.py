"""Kappa and confusion between people: known values of the literature, and what they say of nothing."""

from __future__ import annotations

import numpy as np
import pytest

from serving.audit.agreement import Agreement, agreement, cohen, cohen_interval, fleiss, fleiss_interval
from serving.audit.confusion import confusion

# Fleiss (1971), table 1: 30 patients, 6 psychiatrists each, 5 diagnoses.
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
# The example of Wikipedia's article on Fleiss' kappa: 10 subjects, 14 raters.
TEN = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
       [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "kappa"),
    [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)],
)
def test_cohen_gives_the_textbook_values(table: list[list[int]], kappa: float) -> None:
    assert cohen(np.array(table)) == pytest.approx(kappa, abs=5e-5)


def test_cohen_is_what_scikit_learn_says() -> None:
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(3)
    one = rng.integers(0, 4, 300)
    other = np.where(rng.random(300) < 0.7, one, rng.integers(0, 4, 300))
    table = np.zeros((4, 4), np.int64)
    np.add.at(table, (one, other), 1)
    assert cohen(table) == pytest.approx(cohen_kappa_score(one, other))


def test_fleiss_gives_the_textbook_values() -> None:
    patients = np.array([[int(c) for c in row] for row in FLEISS_1971.split()])
    assert patients.shape == (30, 5)
    assert (patients.sum(axis=1) == 6).all()
    assert fleiss(patients) == pytest.approx(0.430, abs=5e-4)
    assert fleiss(np.array(TEN)) == pytest.approx(0.210, abs=5e-4)


def test_intervals_are_repeatable_and_narrow_with_more_tickets() -> None:
    table = np.array([[20, 5], [10, 15]])
    low, high = cohen_interval(table)
    assert (low, high) == cohen_interval(table)
    assert low is not None
    assert high is not None
    # The large-sample interval (Fleiss, Cohen, Everitt 1969) of this table is 0.15 to 0.65.
    assert (low, high) == pytest.approx((0.15, 0.65), abs=0.04)
    more = cohen_interval(table * 20)
    assert more[1] - more[0] < (high - low) / 3  # type: ignore[operator]


def test_intervals_cover_the_true_kappa() -> None:
    """Two raters who agree on a label with probability 0.6 and guess otherwise: kappa is 0.6, with any margins."""
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        first = rng.integers(0, 3, 150)
        second = np.where(rng.random(150) < 0.6, first, rng.integers(0, 3, 150))
        counts = np.zeros((150, 3), np.int64)
        for said in (first, second):
            counts[np.arange(150), said] += 1
        low, high = fleiss_interval(counts, draws=400)
        assert low is not None
        assert high is not None
        covered += low <= 0.6 <= high
    assert covered / 200 > 0.9


def test_the_right_kappa_is_taken() -> None:
    two = [[("甲", "a"), ("乙", "a")], [("甲", "b"), ("乙", "a")], [("甲", "b"), ("乙", "b")], [("甲", "a")]]
    found = agreement(two)
    assert (found.method, found.tickets, found.people) == ("cohen", 3, 2)
    assert found.observed == pytest.approx(2 / 3)
    assert found.kappa == pytest.approx(0.4)
    many = agreement([*two, [("甲", "a"), ("丙", "a"), ("乙", "b")]])
    assert (many.method, many.tickets, many.people) == ("fleiss", 4, 3)
    assert many.observed == pytest.approx((1 + 0 + 1 + 1 / 3) / 4)


def test_nothing_and_always_the_same_are_no_agreement_beyond_chance() -> None:
    assert agreement([[("甲", "a")]]) == Agreement(0, 0, None, None, None, None, "none")
    same = agreement([[("甲", "a"), ("乙", "a")]] * 9)
    assert (same.observed, same.kappa, same.low) == (1.0, None, None)
    perfect = agreement([[("甲", x), ("乙", x)] for x in "abab" * 5])
    assert (perfect.kappa, perfect.low, perfect.high) == (1.0, 1.0, 1.0)


def test_confusion_counts_labels_of_tickets_not_people() -> None:
    tickets = [
        [("甲", "refund"), ("乙", "logistics")],
        [("乙", "refund"), ("甲", "logistics")],
        [("甲", "refund"), ("乙", "refund"), ("丙", "promotion")],
        [("甲", "refund"), ("乙", "refund")],
        [("甲", "other")],
    ]
    assert confusion(tickets) == {
        "tickets": 4,
        "kinds": 2,
        "pairs": [
            {"a": "logistics", "b": "refund", "tickets": 2.0, "share": 0.5},
            {"a": "promotion", "b": "refund", "tickets": 0.67, "share": 0.1667},
        ],
    }
    assert "甲" not in str(confusion(tickets))
