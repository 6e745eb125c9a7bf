"""Pooling: what each scorer's opinion is worth, found on held-out scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.calibration.temperature import fit_temperature
from models.core.pool import fit_pool, pool

Scores = NDArray[np.float32]


def world(seed: int, n: int = 1_500, k: int = 3) -> tuple[NDArray[np.int64], NDArray[np.float64], np.random.Generator]:
    """True labels, and what a perfect scorer would say."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    return truth, np.eye(k)[truth], rng


def noisy(signal: NDArray[np.float64], noise: float, rng: np.random.Generator) -> Scores:
    return np.asarray(signal + noise * rng.normal(size=signal.shape), np.float32)


def log_loss(scores: Scores, truth: NDArray[np.int64]) -> float:
    p = fit_temperature(scores, truth).apply(scores)
    return -float(np.log(p[np.arange(len(truth)), truth]).mean())


def part(weights: NDArray[np.float64], members: list[Scores]) -> NDArray[np.float64]:
    """(members,) what each adds to the pooled scores, in shares: its weight times the spread of its scores."""
    added = weights * [float(s.std()) for s in members]
    return np.asarray(added / added.sum())


@given(seed=st.integers(0, 200), scale=st.sampled_from([0.01, 1.0, 300.0]))
def test_a_useless_member_gets_nearly_nothing(seed: int, scale: float) -> None:
    truth, signal, rng = world(seed)
    members = [noisy(signal, 0.7, rng), np.asarray(scale * rng.normal(size=signal.shape), np.float32)]
    weights = fit_pool(members, truth)
    assert weights[0] > 0
    assert part(weights, members)[1] < 0.1


def test_a_member_that_is_always_wrong_gets_nothing_rather_than_a_negative_weight() -> None:
    truth, signal, rng = world(0)
    weights = fit_pool([noisy(signal, 0.7, rng), -noisy(signal, 0.7, rng)], truth)
    assert weights[0] > 0
    assert weights[1] == 0


@given(seed=st.integers(0, 10_000), n=st.integers(2, 40), k=st.integers(2, 5), members=st.integers(1, 3))
def test_no_weight_is_ever_negative_or_infinite(seed: int, n: int, k: int, members: int) -> None:
    rng = np.random.default_rng(seed)
    scores = [np.asarray(rng.normal(size=(n, k)) * 10 ** rng.uniform(-3, 3), np.float32) for _ in range(members)]
    weights = fit_pool(scores, rng.integers(0, k, n))
    assert weights.shape == (members,)
    assert (weights >= 0).all()
    assert np.isfinite(weights).all()


def test_a_copy_shares() -> None:
    """Two copies together weigh what one alone weighs."""
    truth, signal, rng = world(1)
    one = noisy(signal, 0.7, rng)
    alone, both = fit_pool([one], truth), fit_pool([one, one.copy()], truth)
    assert both[0] == pytest.approx(both[1], rel=1e-3)
    assert both.sum() == pytest.approx(alone[0], rel=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_members_that_complement_each_other_beat_each_alone(seed: int) -> None:
    """One tells label 0 from the rest, the other 1 from 2; judged on tickets that the weights were not fitted on."""
    truth, signal, rng = world(seed, 4_000)
    first, second = signal.copy(), signal.copy()
    first[:, 1:] = first[:, 1:].mean(axis=1, keepdims=True)
    second[:, 0] = 1 / 3
    members = [noisy(first, 0.4, rng), noisy(second, 0.4, rng)]
    weights = fit_pool([m[:2_000] for m in members], truth[:2_000])
    assert (part(weights, members) > 0.3).all()
    new = [m[2_000:] for m in members]
    together = log_loss(pool(new, weights), truth[2_000:])
    assert together < 0.9 * min(log_loss(m, truth[2_000:]) for m in new)


def test_the_unit_of_a_member_s_scores_does_not_matter() -> None:
    truth, signal, rng = world(2)
    members = [noisy(signal, 0.7, rng), noisy(signal, 1.0, rng)]
    plain = pool(members, fit_pool(members, truth))
    scaled = [members[0] * np.float32(1_000), members[1] * np.float32(0.001)]
    assert np.allclose(pool(scaled, fit_pool(scaled, truth)), plain, atol=1e-3)


def test_scores_that_are_all_alike_are_no_obstacle() -> None:
    truth, signal, rng = world(3, 60)
    weights = fit_pool([np.zeros((60, 3), np.float32), noisy(signal, 0.7, rng)], truth)
    assert np.isfinite(weights).all()
    assert weights[1] > 0


def test_pooled_scores_are_the_weighted_sum() -> None:
    a, b = np.array([[1.0, 2.0]], np.float32), np.array([[10.0, -10.0]], np.float32)
    found = pool([a, b], np.array([2.0, 0.5]))
    assert found.tolist() == [[7.0, -1.0]]
    assert found.dtype == np.float32
