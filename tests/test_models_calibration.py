"""Calibration: the gradient is the loss's own, probabilities are probabilities, and fitting never makes them worse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import check_grad
from scipy.special import log_softmax

from models.calibration import Calibration, _loss, fit_calibration


def _data(seed: int, n: int, k: int, spread: float = 2.0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, k)) * spread, rng.integers(0, k, n)


def _log_loss(p: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return -float(np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-300)).mean())


SIZES = {"seed": st.integers(0, 2**32 - 1), "n": st.integers(1, 60), "k": st.integers(2, 6)}


@given(**SIZES)
def test_gradient_is_that_of_the_loss(seed: int, n: int, k: int) -> None:
    scores, labels = _data(seed, n, k)
    hot = np.eye(k)[labels]
    theta = np.random.default_rng(seed).normal(size=k + 1) * 0.7
    error = check_grad(lambda t: _loss(t, scores, hot)[0], lambda t: _loss(t, scores, hot)[1], theta)
    assert error < 1e-5


@given(**SIZES, spread=st.sampled_from([0.01, 1.0, 50.0]))
def test_fitting_never_worsens_the_log_loss_of_the_fitting_data(seed: int, n: int, k: int, spread: float) -> None:
    scores, labels = _data(seed, n, k, spread)
    fitted = fit_calibration(scores, labels)
    before = -float(log_softmax(scores, axis=1)[np.arange(n), labels].mean())
    assert -float(
        log_softmax(fitted.scale * scores + fitted.bias, axis=1)[np.arange(n), labels].mean()
    ) <= before + 1e-9 * max(1.0, before)
    assert fitted.scale > 0  # even for scores that point the wrong way, the order of the scores is kept
    assert abs(fitted.bias.sum()) < 1e-9


@given(**SIZES, spread=st.sampled_from([0.0, 1.0, 1e4]))
def test_probabilities_sum_to_one(seed: int, n: int, k: int, spread: float) -> None:
    scores, _ = _data(seed, n, k, spread)
    p = Calibration(3.0, np.linspace(-1, 1, k)).apply(scores.astype(np.float32))
    assert p.dtype == np.float64
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    assert np.allclose(p.sum(axis=1), 1.0, atol=1e-12)


@given(**SIZES, lift=st.floats(0.001, 5.0))
def test_more_score_is_more_probability(seed: int, n: int, k: int, lift: float) -> None:
    scores, labels = _data(seed, n, k)
    fitted = fit_calibration(scores, labels)
    raised = scores.copy()
    raised[:, 0] += lift
    before, after = fitted.apply(scores), fitted.apply(raised)
    assert (after[:, 0] >= before[:, 0]).all()
    assert (after[:, 1:] <= before[:, 1:]).all()
    assert (after[:, 0] > before[:, 0]).any() or fitted.scale < 1e-6 or before[:, 0].min() > 1 - 1e-12


def test_finds_the_scale_and_biases_that_made_the_labels() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(20_000, 3))
    true = Calibration(2.5, np.array([0.8, -0.2, -0.6]))
    labels = (true.apply(scores).cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1)
    found = fit_calibration(scores, labels)
    assert found.scale == pytest.approx(true.scale, rel=0.05)
    assert found.bias == pytest.approx(true.bias, abs=0.06)


def test_overconfident_scores_are_cooled() -> None:
    """Scores that say 99 % and are right in 70 %: the calibrated confidence is about 70 %."""
    rng = np.random.default_rng(5)
    said = rng.integers(0, 2, 5_000)
    right = rng.random(5_000) < 0.7
    scores = np.where(np.arange(2) == said[:, None], 4.6, 0.0)
    fitted = fit_calibration(scores, np.where(right, said, 1 - said))
    assert fitted.apply(scores).max(axis=1).mean() == pytest.approx(0.7, abs=0.02)


def test_few_tickets_do_not_claim_certainty() -> None:
    """Four tickets, all told apart without an error, are no proof: maximum likelihood alone would say 1.0."""
    scores = np.array([[1.0, 0.0], [0.0, 1.0]] * 2)
    labels = np.array([0, 1] * 2)
    assert _log_loss(fit_calibration(scores, labels).apply(scores), labels) > 1e-3


def test_scores_without_meaning_give_the_shares_of_the_labels() -> None:
    labels = np.repeat([0, 1, 2], [70, 20, 10])
    p = fit_calibration(np.zeros((100, 3)), labels).apply(np.zeros((1, 3)))
    assert p[0] == pytest.approx([0.7, 0.2, 0.1], abs=0.01)
