"""Limits: the bound is the exact one, the search is fair to every class, and nothing is promised that was not shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from models.promise.limits import LEAST_OF_CLASS, Limits, fit_limits, lower_bound, upper_bound


def one_class(confidence: NDArray[np.float64], wrong: NDArray[np.bool_], target: float) -> Limits:
    """A head of two labels that always answers label 0."""
    return fit_limits(confidence, np.zeros(len(wrong), np.int64), wrong.astype(np.int64), 2, target)


def drawn(
    seed: int, n: int, k: int, steps: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Calibrated confidences (with ``steps`` only so many different ones), answers and true labels."""
    rng = np.random.default_rng(seed)
    confidence = 1.0 - 0.5 * rng.random(n) ** 3
    if steps:
        confidence = np.ceil(confidence * steps) / steps
    answer = rng.integers(0, k, n)
    return confidence, answer, np.where(rng.random(n) < confidence, answer, (answer + 1) % k)


# --- the bounds


@given(n=st.integers(1, 3_000), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.9, 0.95]))
def test_bounds_are_the_exact_binomial_ones(n: int, share: float, confidence: float) -> None:
    errors = round(n * share)
    upper = binomtest(errors, n, alternative="less").proportion_ci(confidence, method="exact").high
    lower = binomtest(errors, n, alternative="greater").proportion_ci(confidence, method="exact").low
    assert upper_bound(errors, n, confidence) == pytest.approx(upper, rel=1e-9, abs=1e-12)
    assert lower_bound(errors, n, confidence) == pytest.approx(lower, rel=1e-9, abs=1e-12)


def test_no_tickets_bound_nothing() -> None:
    assert (lower_bound(0, 0), upper_bound(0, 0)) == (0.0, 1.0)
    assert upper_bound(5, 5) == 1.0


@given(n=st.integers(2, 500), errors=st.integers(0, 100))
def test_bound_grows_with_errors_and_shrinks_with_tickets(n: int, errors: int) -> None:
    errors = min(errors, n - 1)
    assert upper_bound(errors, n) <= upper_bound(errors + 1, n)
    assert upper_bound(errors, n + 1) <= upper_bound(errors, n)
    assert lower_bound(errors, n) <= errors / n <= upper_bound(errors, n)


# --- what can be promised


@pytest.mark.parametrize("target", [0.01, 0.03, 0.1])
def test_fewest_tickets_that_can_promise(target: float) -> None:
    """One ticket fewer than the bound needs: nothing; exactly as many, none wrong: promised for all of them."""
    least = next(n for n in range(1, 1_000) if upper_bound(0, n) <= target)
    assert least > LEAST_OF_CLASS
    confidence = np.linspace(0.9999, 0.99999, least)  # so sure that every level takes them all
    right = np.zeros(least, bool)
    short = one_class(confidence[1:], right[1:], target)
    assert np.isnan(short.auto).all()
    assert short.seen.tolist() == short.errors.tolist() == [0, 0]
    assert short.bound() == 1.0
    enough = one_class(confidence, right, target)
    assert enough.auto[0] == confidence.min()
    assert enough.seen.tolist() == [least, 0]
    assert enough.bound() <= target
    assert np.isnan(enough.auto[1]), "never answered, never promised"


@pytest.mark.parametrize("target", [0.2, 0.5])
def test_a_class_of_few_answers_cannot_promise_however_right(target: float) -> None:
    right = np.zeros(LEAST_OF_CLASS, bool)
    confidence = np.full(LEAST_OF_CLASS, 0.9999)
    assert np.isnan(one_class(confidence[1:], right[1:], target).auto).all()
    assert one_class(confidence, right, target).seen[0] == LEAST_OF_CLASS


def test_a_rare_class_beside_a_frequent_one_cannot_promise_on_its_account() -> None:
    confidence, truth = np.full(2_000, 0.999), np.zeros(2_000, np.int64)
    truth[: LEAST_OF_CLASS - 1] = 1
    limits = fit_limits(confidence, truth, truth, 2, 0.03)
    assert limits.seen.tolist() == [2_000 - LEAST_OF_CLASS + 1, 0]
    assert np.isnan(limits.auto[1])


def test_nothing_to_learn_from_promises_nothing() -> None:
    empty = np.empty(0, np.int64)
    limits = fit_limits(np.empty(0), empty, empty, 3, 0.03, {1: 0.1})
    assert np.isnan(limits.auto).all()
    assert limits.bound() == limits.bound(1) == 1.0


def test_a_target_next_to_zero_cannot_be_promised() -> None:
    assert np.isnan(one_class(np.full(500, 0.99), np.zeros(500, bool), 5e-324).auto).all()


def test_what_is_always_wrong_is_never_automatic() -> None:
    assert np.isnan(one_class(np.linspace(0.9, 0.9999, 3_000), np.ones(3_000, bool), 0.5).auto).all()


def test_the_limit_stops_above_the_errors() -> None:
    confidence = np.linspace(0.999, 0.75, 500)
    wrong = np.arange(500) >= 250
    limits = one_class(confidence, wrong, 0.1)
    assert 100 < limits.seen[0] < 290
    assert limits.errors[0] == wrong[: limits.seen[0]].sum()
    assert limits.bound() <= 0.1


@pytest.mark.parametrize("at", [0, 5, 39])
def test_one_early_error_does_not_end_the_search(at: int) -> None:
    """Of 2,000 answers, all right but one of the very surest: nearly all of them can be automatic."""
    confidence = np.linspace(0.9999, 0.96, 2_000)
    wrong = np.zeros(2_000, bool)
    wrong[at] = True
    limits = one_class(confidence, wrong, 0.03)
    assert limits.seen[0] > 1_900
    assert limits.errors[0] == 1


def test_modest_confidences_are_no_obstacle() -> None:
    """Answers that are nearly always right and say 0.95: the levels go past the target."""
    limits = one_class(np.random.default_rng(0).uniform(0.9, 1.0, 3_000), np.arange(3_000) % 200 == 0, 0.03)
    assert limits.seen[0] == 3_000


# --- classes among each other


@given(seed=st.integers(0, 10_000), steps=st.sampled_from([0, 8, 30, 200]), target=st.sampled_from([0.05, 0.1, 0.2]))
def test_figures_are_those_of_the_answers_that_pass(seed: int, steps: int, target: float) -> None:
    """Equal confidences pass or stay together, and each pool keeps its target by the bound."""
    confidence, answer, truth = drawn(seed, 600, 3, steps)
    limits = fit_limits(confidence, answer, truth, 3, target, {2: 2 * target})
    for c in range(3):
        passed = (answer == c) & (confidence >= limits.auto[c])  # NaN passes nothing
        assert passed.sum() == limits.seen[c]
        assert (truth[passed] != c).sum() == limits.errors[c]
        assert limits.seen[c] == 0 or limits.seen[c] >= LEAST_OF_CLASS
        assert np.isnan(limits.auto[c]) == (limits.seen[c] == 0)
    for number in (0, 1):
        mine = limits.pool == number
        if limits.seen[mine].any():
            assert limits.bound(number) <= limits.target[mine][0] * 1.02  # a class cut back leaves a smaller sum


@given(seed=st.integers(0, 1_000))
def test_order_of_the_tickets_does_not_matter(seed: int) -> None:
    confidence, answer, truth = drawn(seed, 400, 3)
    mixed = np.random.default_rng(seed).permutation(400)
    a = fit_limits(confidence, answer, truth, 3, 0.1)
    b = fit_limits(confidence[mixed], answer[mixed], truth[mixed], 3, 0.1)
    assert np.array_equal(a.auto, b.auto, equal_nan=True)
    assert np.array_equal(a.seen, b.seen)
    assert np.array_equal(a.errors, b.errors)


@given(seed=st.integers(0, 1_000), own=st.sampled_from([0.02, 0.1, 0.3]))
def test_a_class_with_its_own_target_is_tested_alone(seed: int, own: float) -> None:
    """It keeps its own, as if there were no other class; the others choose as if there were no such class."""
    confidence, answer, truth = drawn(seed, 900, 3)
    limits = fit_limits(confidence, answer, truth, 3, 0.1, {1: own})
    assert limits.target.tolist() == [0.1, own, 0.1]
    assert limits.pool.tolist() == [0, 1, 0]
    mine = answer == 1
    alone = fit_limits(confidence[mine], answer[mine], truth[mine], 3, own)
    rest = fit_limits(confidence[~mine], answer[~mine], truth[~mine], 3, 0.1)
    assert np.array_equal(limits.auto, [rest.auto[0], alone.auto[1], rest.auto[2]], equal_nan=True)
    assert limits.bound(1) == alone.bound()
    assert limits.bound(0) == rest.bound()


def test_a_class_that_is_shown_to_be_worse_than_the_promise_is_cut_back() -> None:
    """Together the classes keep the promise; but class 1 is wrong one time in ten where it says one in fifty."""
    confidence = np.concatenate([np.linspace(0.9999, 0.98, 3_000), np.linspace(0.985, 0.975, 600)])
    answer = np.repeat([0, 1], [3_000, 600])
    truth = answer.copy()
    truth[3_000::10] = 0
    assert upper_bound(60, 3_600) < 0.03
    limits = fit_limits(confidence, answer, truth, 2, 0.03)
    assert limits.seen[0] == 3_000
    assert limits.seen[1] < 600
    assert lower_bound(int(limits.errors[1]), max(1, int(limits.seen[1]))) <= 0.03


def test_small_classes_together_promise_what_none_could_alone() -> None:
    """Five classes of 40 right answers each: 3 % needs 76 for one class, and 200 of all classes are enough."""
    answer = np.repeat(np.arange(5), 40)
    confidence = np.full(200, 0.999)
    assert fit_limits(confidence, answer, answer, 5, 0.03).seen.tolist() == [40] * 5
    alone = fit_limits(confidence, answer, answer, 5, 0.03, dict.fromkeys(range(5), 0.03))
    assert alone.seen.tolist() == [0] * 5
