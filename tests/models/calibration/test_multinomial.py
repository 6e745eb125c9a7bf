"""Multinomial calibration: exact gradient, uses what the scores of other labels say, but on many tickets only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import check_grad

from models.calibration.multinomial import Multinomial, fit_multinomial, loss
from models.calibration.temperature import fit_temperature
from tests.models.calibration.builders import SIZES, data, drawn, log_loss


@given(**SIZES)
def test_gradient_is_that_of_the_loss(seed: int, n: int, k: int) -> None:
    scores, labels = data(seed, n, k)
    rng = np.random.default_rng(seed)
    theta, spread, whiten = rng.normal(size=k * k + k) * 0.3, rng.normal(size=(k, n)), rng.normal(size=(k, k)) * 0.2
    given = (scores.T, spread, whiten, labels)
    assert check_grad(lambda t: loss(t, *given)[0], lambda t: loss(t, *given)[1], theta) < 1e-4 * n


def test_finds_the_weights_that_made_the_labels() -> None:
    scores = np.random.default_rng(3).normal(size=(60_000, 3))
    # A constant added to a column of the weights changes no probability: compare what is left without it.
    true = Multinomial(np.array([[2.0, 0.0, -0.6], [0.0, 2.0, 0.8], [0.5, 0.0, 2.0]]), np.array([0.4, -0.1, -0.3]))
    found = fit_multinomial(scores, drawn(true.apply(scores), 4))
    assert found.weights - found.weights.mean(axis=0) == pytest.approx(
        true.weights - true.weights.mean(axis=0), abs=0.08
    )
    assert found.bias == pytest.approx(true.bias, abs=0.06)


def test_it_reads_the_score_of_another_label() -> None:
    """Whether a ticket is of label 0 or 1 is written in the score of label 2 alone: no scale of its own can help."""
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(3000, 3)) * 0.1
    labels = (scores[:, 2] > 0).astype(np.int64)
    before = log_loss(fit_temperature(scores, labels).apply(scores), labels)
    assert before > 0.5
    assert log_loss(fit_multinomial(scores, labels).apply(scores), labels) < 0.6 * before


def test_on_few_tickets_the_other_labels_scores_count_for_little() -> None:
    for seed in range(20):
        weights = fit_multinomial(*data(seed, 8, 5, spread=1.0)).weights
        assert np.abs(weights - np.diag(np.diag(weights))).max() < 0.25


def test_columns_that_move_together_are_no_trouble() -> None:
    """Scores of two labels that always sum to the same have a direction without any spread."""
    rng = np.random.default_rng(4)
    one = rng.normal(size=500)
    scores, labels = np.stack([one, -one], axis=1), (one + rng.normal(size=500) < 0).astype(np.int64)
    fitted = fit_multinomial(scores, labels)
    assert np.isfinite(fitted.weights).all()
    assert (
        log_loss(fitted.apply(scores), labels) <= log_loss(fit_temperature(scores, labels).apply(scores), labels) + 1e-6
    )
