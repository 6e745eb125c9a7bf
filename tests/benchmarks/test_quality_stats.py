"""Intervals and tests of ``benchmarks.quality_stats`` against values worked out by hand, by scikit-learn and by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, f1_score

from benchmarks.quality_stats import clopper_pearson, interval, mcnemar, resample


def masks(only_a: int, only_b: int, both: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """What two systems got right, with so many tickets that only one of them did."""
    a = np.array([True] * only_a + [False] * only_b + [True] * both + [False] * 3)
    b = np.array([False] * only_a + [True] * only_b + [True] * both + [False] * 3)
    return a, b


@pytest.mark.parametrize(
    ("only_a", "only_b", "exact", "mid_p"),
    [
        (1, 7, 0.0703125, 0.0390625),  # Fagerland et al. 2013, airway hyper-responsiveness
        (7, 1, 0.0703125, 0.0390625),
        (0, 0, 1.0, 1.0),
        (0, 1, 1.0, 0.5),
        (0, 5, 0.0625, 0.03125),
        (1, 1, 1.0, 0.75),  # 1 - C(2, 1) / 4 / 2
        (2, 2, 1.0, 0.8125),  # 1 - C(4, 2) / 16 / 2
        (1, 2, 1.0, 0.625),  # 2 * (1 + 3) / 8 - 3 / 8
    ],
)
def test_mcnemar(only_a: int, only_b: int, exact: float, mid_p: float) -> None:
    found = mcnemar(*masks(only_a, only_b))
    assert (found.only_a, found.only_b) == (only_a, only_b)
    assert found.exact == pytest.approx(exact)
    assert found.mid_p == pytest.approx(mid_p)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(only_a: int, only_b: int) -> None:
    found = mcnemar(*masks(only_a, only_b))
    if only_a + only_b:
        assert found.exact == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)
    assert 0 < found.mid_p <= found.exact


def test_clopper_pearson() -> None:
    found = clopper_pearson(3, 100)
    assert found is not None
    assert found == pytest.approx((0.03, 0.006230, 0.085176), abs=1e-6)
    assert clopper_pearson(0, 10) == pytest.approx((0, 0, 0.308497), abs=1e-6)
    assert clopper_pearson(10, 10) == pytest.approx((1, 0.691503, 1), abs=1e-6)
    assert clopper_pearson(0, 0) is None
    for wrong in (0, 1, 7, 20):
        by_scipy = binomtest(wrong, 20).proportion_ci(0.95, "exact")
        assert clopper_pearson(wrong, 20) == pytest.approx((wrong / 20, by_scipy.low, by_scipy.high))


def test_interval_is_the_middle_of_the_draws() -> None:
    assert interval(np.arange(1001) / 1000) == pytest.approx((0.025, 0.975))
    assert interval([3.0, 3.0]) == (3.0, 3.0)


def some(n: int, k: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, k, n)
    return truth, {
        name: np.where(rng.random(n) < share, truth, rng.integers(0, k, n)) for name, share in (("a", 0.8), ("b", 0.6))
    }


def test_draws_are_those_of_scikit_learn_on_the_drawn_tickets() -> None:
    truth, answers = some(60, 4)
    found = resample(truth, answers, 5, np.arange(60), seed=3, draws=20)
    rng = np.random.default_rng(3)
    for draw in range(20):
        rows = rng.integers(0, 60, 60)
        for name, answer in answers.items():
            assert found[name].accuracies[draw] == pytest.approx(accuracy_score(truth[rows], answer[rows]))
            by_sklearn = f1_score(truth[rows], answer[rows], average="macro", zero_division=0)
            assert found[name].macro_f1s[draw] == pytest.approx(by_sklearn)
    assert found["a"].accuracy == pytest.approx(accuracy_score(truth, answers["a"]))
    assert found["a"].macro_f1 == pytest.approx(f1_score(truth, answers["a"], average="macro"))


def test_the_interval_of_an_accuracy_is_about_as_wide_as_the_normal_one() -> None:
    truth, answers = some(400, 3)
    one = resample(truth, answers, 3, np.arange(400), seed=0)["a"]
    low, high = interval(one.accuracies)
    wide = 2 * 1.96 * (one.accuracy * (1 - one.accuracy) / 400) ** 0.5
    assert high - low == pytest.approx(wide, rel=0.1)
    assert low < one.accuracy < high


def test_systems_are_paired() -> None:
    truth, answers = some(200, 3)
    twins = resample(truth, {"a": answers["a"], "twin": answers["a"]}, 3, np.arange(200), seed=0, draws=50)
    assert np.array_equal(twins["a"].accuracies, twins["twin"].accuracies)
    assert np.array_equal(twins["a"].macro_f1s, twins["twin"].macro_f1s)
    alone = resample(truth, {"a": answers["a"]}, 3, np.arange(200), seed=0, draws=50)
    assert np.array_equal(alone["a"].accuracies, twins["a"].accuracies), "who else is compared changes nothing"


def test_copies_of_a_ticket_add_no_certainty() -> None:
    truth, answers = some(100, 3)
    once = resample(truth, answers, 3, np.arange(100), seed=0, draws=100)
    fourfold = {name: np.repeat(answer, 4) for name, answer in answers.items()}
    copied = resample(np.repeat(truth, 4), fourfold, 3, np.repeat(np.arange(100), 4), seed=0, draws=100)
    for name in answers:
        assert copied[name].accuracies == pytest.approx(once[name].accuracies)
        assert copied[name].macro_f1s == pytest.approx(once[name].macro_f1s)
