"""Limits: the bound is the exact one, and the promised error rate is kept as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from models.limits import CONFIDENCE, Limits, fit_limits, upper_bound


def _two(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of a head of two labels that always answers label 0 with ``confidence``."""
    return np.column_stack([confidence, 1 - confidence])


@given(n=st.integers(1, 3_000), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.9, 0.95]))
def test_bound_is_the_exact_binomial_one(n: int, share: float, confidence: float) -> None:
    errors = round(n * share)
    interval = binomtest(errors, n, alternative="less").proportion_ci(confidence, method="exact")
    assert upper_bound(errors, n, confidence) == pytest.approx(interval.high, rel=1e-9, abs=1e-12)


def test_no_tickets_bound_nothing() -> None:
    assert upper_bound(0, 0) == 1.0
    assert upper_bound(5, 5) == 1.0


@given(n=st.integers(2, 500), errors=st.integers(0, 100))
def test_bound_grows_with_errors_and_shrinks_with_tickets(n: int, errors: int) -> None:
    errors = min(errors, n - 1)
    assert upper_bound(errors, n) <= upper_bound(errors + 1, n)
    assert upper_bound(errors, n + 1) <= upper_bound(errors, n)


@pytest.mark.parametrize("target", [0.01, 0.03, 0.1, 0.2, 0.5])
def test_fewest_tickets_that_can_promise(target: float) -> None:
    """One ticket fewer than the bound needs: cannot promise; exactly as many, none wrong: promised for all of them."""
    least = next(n for n in range(1, 1_000) if upper_bound(0, n) <= target)
    labels = np.zeros(least, np.int64)
    confidence = np.linspace(0.6, 0.99, least)
    short = fit_limits(_two(confidence[1:]), labels[1:], target)
    assert np.isnan(short.auto).all()
    assert short.seen.tolist() == [0, 0]
    enough = fit_limits(_two(confidence), labels, target)
    assert enough.auto[0] == confidence.min()
    assert enough.seen.tolist() == [least, 0]
    assert enough.errors.tolist() == [0, 0]
    assert np.isnan(enough.auto[1])  # never answered, never promised


def test_a_target_next_to_zero_cannot_be_promised() -> None:
    assert np.isnan(fit_limits(_two(np.full(500, 0.99)), np.zeros(500, np.int64), 5e-324).auto).all()


def test_the_limit_stops_above_the_errors() -> None:
    confidence = np.linspace(0.99, 0.51, 200)
    labels = np.zeros(200, np.int64)
    labels[100:] = 1  # everything less sure than 0.748 is wrong
    limits = fit_limits(_two(confidence), labels, 0.1)
    assert limits.auto[0] >= confidence[110]
    assert limits.seen[0] <= 110
    assert limits.errors[0] == (labels[: limits.seen[0]] == 1).sum()
    assert upper_bound(int(limits.errors[0]), int(limits.seen[0])) <= 0.1


@given(seed=st.integers(0, 10_000), steps=st.integers(1, 8), target=st.sampled_from([0.1, 0.2, 0.4]))
def test_tickets_of_equal_confidence_stay_together(seed: int, steps: int, target: float) -> None:
    rng = np.random.default_rng(seed)
    p = rng.integers(0, steps, (300, 3)) + rng.integers(1, 3)  # small whole numbers: many exact ties
    p = p / p.sum(axis=1, keepdims=True)
    labels = np.where(rng.random(300) < 0.9, p.argmax(axis=1), rng.integers(0, 3, 300))
    limits = fit_limits(p, labels, target)
    best, top = p.argmax(axis=1), p.max(axis=1)
    for c in range(3):
        passed = (best == c) & (top >= limits.auto[c])  # NaN passes nothing
        assert passed.sum() == limits.seen[c]
        assert (labels[passed] != c).sum() == limits.errors[c]
        if limits.seen[c]:
            assert upper_bound(int(limits.errors[c]), int(limits.seen[c])) <= target


@given(seed=st.integers(0, 1_000))
def test_order_of_the_tickets_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet([0.3, 0.3, 0.3], 200)
    labels = p.argmax(axis=1)
    labels[rng.random(200) < 0.05] = 0
    mixed = rng.permutation(200)
    a, b = fit_limits(p, labels, 0.2), fit_limits(p[mixed], labels[mixed], 0.2)
    assert np.array_equal(a.auto, b.auto, equal_nan=True)
    assert np.array_equal(a.seen, b.seen)
    assert np.array_equal(a.errors, b.errors)


def _broken(limits: Limits, true_error: float) -> bool:
    """Whether a promise was made, and the true error above the limit is more than promised."""
    return bool(limits.seen[0] > 0 and true_error > limits.target_error)


@pytest.mark.parametrize("target", [0.03, 0.1])
def test_promises_hold_as_often_as_they_say_when_confidence_means_something(target: float) -> None:
    """Calibrated answers, confidence uniform in [0.7, 1]: above a limit t the true error is exactly (1 - t) / 2."""
    rng = np.random.default_rng(11)
    broken = made = 0
    for _ in range(600):
        confidence = rng.uniform(0.7, 1.0, 600)
        labels = (rng.random(600) > confidence).astype(np.int64)
        limits = fit_limits(_two(confidence), labels, target)
        made += bool(limits.seen[0] > 0)
        broken += _broken(limits, (1 - float(np.nan_to_num(limits.auto[0], nan=1.0))) / 2)
    assert made > 100  # a promise that is never made is always kept
    assert broken / 600 <= (1 - CONFIDENCE) + 0.03


@pytest.mark.parametrize("target", [0.03, 0.1, 0.3])
def test_promises_hold_as_often_as_they_say_when_confidence_means_nothing(target: float) -> None:
    """The hardest case: every answer, however sure, is wrong slightly more often than promised; any promise is false."""
    rng = np.random.default_rng(13)
    true_error = target * 1.02
    broken = 0
    for _ in range(600):
        labels = (rng.random(800) < true_error).astype(np.int64)
        broken += _broken(fit_limits(_two(rng.uniform(0.6, 1.0, 800)), labels, target), true_error)
    assert 0 < broken / 600 <= (1 - CONFIDENCE) + 0.03
