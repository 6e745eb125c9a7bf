"""Temperature scaling: the gradient is the loss's own, probabilities are probabilities, and fitting never makes them worse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import log_softmax

from models.calibration.temperature import Temperature, fit_temperature, loss
from tests.models.calibration.builders import SIZES, are_probabilities, data, drawn, log_loss


@given(**SIZES)
def test_gradient_is_that_of_the_loss(seed: int, n: int, k: int) -> None:
    scores, labels = data(seed, n, k)
    theta = np.random.default_rng(seed).normal(size=k + 1) * 0.7
    error = check_grad(lambda t: loss(t, scores.T, labels)[0], lambda t: loss(t, scores.T, labels)[1], theta)
    assert error < 1e-5


@given(**SIZES, spread=st.sampled_from([0.01, 1.0, 50.0]))
def test_fitting_never_worsens_the_log_loss_of_the_fitting_data(seed: int, n: int, k: int, spread: float) -> None:
    scores, labels = data(seed, n, k, spread)
    fitted = fit_temperature(scores, labels)
    before = -float(log_softmax(scores, axis=1)[np.arange(n), labels].mean())
    assert -float(
        log_softmax(fitted.scale * scores + fitted.bias, axis=1)[np.arange(n), labels].mean()
    ) <= before + 1e-9 * max(1.0, before)
    assert fitted.scale > 0  # even for scores that point the wrong way, the order of the scores is kept
    assert abs(fitted.bias.sum()) < 1e-9


@given(**SIZES, spread=st.sampled_from([0.0, 1.0, 1e4]))
def test_probabilities_sum_to_one(seed: int, n: int, k: int, spread: float) -> None:
    scores, _ = data(seed, n, k, spread)
    are_probabilities(Temperature(3.0, np.linspace(-1, 1, k)).apply(scores.astype(np.float32)), (n, k))


@given(**SIZES, lift=st.floats(0.001, 5.0))
def test_more_score_is_more_probability(seed: int, n: int, k: int, lift: float) -> None:
    scores, labels = data(seed, n, k)
    fitted = fit_temperature(scores, labels)
    raised = scores.copy()
    raised[:, 0] += lift
    before, after = fitted.apply(scores), fitted.apply(raised)
    assert (after[:, 0] >= before[:, 0]).all()
    assert (after[:, 1:] <= before[:, 1:]).all()
    assert (after[:, 0] > before[:, 0]).any() or fitted.scale < 1e-6 or before[:, 0].min() > 1 - 1e-12


def test_finds_the_scale_and_biases_that_made_the_labels() -> None:
    scores = np.random.default_rng(3).normal(size=(20_000, 3))
    true = Temperature(2.5, np.array([0.8, -0.2, -0.6]))
    found = fit_temperature(scores, drawn(true.apply(scores), 4))
    assert found.scale == pytest.approx(true.scale, rel=0.05)
    assert found.bias == pytest.approx(true.bias, abs=0.06)


def test_overconfident_scores_are_cooled() -> None:
    """Scores that say 99 % and are right in 70 %: the calibrated confidence is about 70 %."""
    rng = np.random.default_rng(5)
    said = rng.integers(0, 2, 5_000)
    right = rng.random(5_000) < 0.7
    scores = np.where(np.arange(2) == said[:, None], 4.6, 0.0)
    fitted = fit_temperature(scores, np.where(right, said, 1 - said))
    assert fitted.apply(scores).max(axis=1).mean() == pytest.approx(0.7, abs=0.02)


def test_few_tickets_do_not_claim_certainty() -> None:
    """Four tickets, all told apart without an error, are no proof: maximum likelihood alone would say 1.0."""
    scores = np.array([[1.0, 0.0], [0.0, 1.0]] * 2)
    labels = np.array([0, 1] * 2)
    assert log_loss(fit_temperature(scores, labels).apply(scores), labels) > 1e-3


def test_scores_without_meaning_give_the_shares_of_the_labels() -> None:
    labels = np.repeat([0, 1, 2], [70, 20, 10])
    p = fit_temperature(np.zeros((100, 3)), labels).apply(np.zeros((1, 3)))
    assert p[0] == pytest.approx([0.7, 0.2, 0.1], abs=0.01)
