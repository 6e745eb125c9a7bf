"""Intervals hold the truth as often as they say, say something of nothing and of all, and need no luck."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from models.core.reliability import brier_rows, ece, reliability
from training.judge import intervals, metrics


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_s_interval_is_scipy_s(pair: tuple[int, int]) -> None:
    hits, n = pair
    theirs = binomtest(hits, n).proportion_ci(0.95, "exact")
    assert intervals.proportion(hits, n) == pytest.approx((theirs.low, theirs.high))


def test_twenty_right_of_twenty_is_no_certainty() -> None:
    assert intervals.proportion(20, 20) == (pytest.approx(0.8316, abs=1e-4), 1.0)
    assert intervals.proportion(0, 20) == (0.0, pytest.approx(0.1684, abs=1e-4))


def test_macro_f1_is_bootstrapped_as_if_tickets_were_drawn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 400)
    answer = np.where(rng.random(400) < 0.8, truth, rng.integers(0, 3, 400))
    drawn = []
    for _ in range(1000):
        rows = rng.integers(0, 400, 400)
        drawn.append(metrics.macro_f1(metrics.confusion(truth[rows], answer[rows], 3)))
    found = intervals.macro_f1(metrics.confusion(truth, answer, 3))
    assert found == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.008)


def test_macro_f1_of_labels_that_do_not_occur() -> None:
    matrix = np.diag([5, 0, 0])
    assert intervals.macro_f1(matrix) == (1.0, 1.0)
    low, high = intervals.macro_f1(np.array([[3, 0, 1], [0, 0, 0], [1, 0, 1]]))
    assert 0 <= low < high <= 1


def test_the_mean_s_interval_is_about_two_standard_errors() -> None:
    values = np.random.default_rng(1).normal(3, 2, 5000)
    error = values.std() / np.sqrt(5000)
    assert intervals.mean(values) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.01
    )


def test_many_tickets_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(300)
    monkeypatch.setattr(intervals, "_AT_ONCE", 1000)
    low, high = intervals.mean(values, draws=100)
    assert low < values.mean() < high


def bins(seed: int, n: int, off: float) -> metrics.Bins:
    rng = np.random.default_rng(seed)
    confidence = rng.beta(5, 1.2, n)
    return reliability(confidence, rng.random(n) < confidence * (1 - off))


@pytest.mark.parametrize(("n", "off"), [(200, 0.0), (200, 0.1), (2000, 0.0), (2000, 0.02), (2000, 0.1)])
@pytest.mark.slow
def test_the_calibration_error_is_inside_as_often_as_promised(n: int, off: float) -> None:
    true = off * 5 / 6.2  # mean gap: the mean of beta(5, 1.2) times the share that is missing
    held = 0
    for seed in range(150):
        low, high = intervals.calibration_error(bins(seed, n, off), draws=300)
        held += low <= true <= high
    assert held >= 0.86 * 150


@given(st.integers(0, 10_000), st.integers(1, 300), st.sampled_from([0.0, 0.3, 1.0]))
def test_the_figure_is_inside_its_interval(seed: int, n: int, off: float) -> None:
    one = bins(seed, n, off)
    low, high = intervals.calibration_error(one, draws=50)
    assert 0 <= low <= ece(one) <= high
    p = np.random.default_rng(seed).dirichlet(np.ones(3), n)
    rows = brier_rows(p, np.zeros(n, np.int64))
    low, high = intervals.mean(rows, draws=200)
    assert rows.min() - 1e-12 <= low <= high <= rows.max() + 1e-12


def test_a_boaster_is_found_out() -> None:
    low, _ = intervals.calibration_error(bins(0, 2000, 0.3))
    assert low > 0.15


def test_the_same_seed_gives_the_same() -> None:
    one = bins(3, 200, 0.1)
    assert intervals.calibration_error(one) == intervals.calibration_error(one)
    assert intervals.mean(np.arange(50.0)) == intervals.mean(np.arange(50.0))
