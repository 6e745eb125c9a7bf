"""The shared loss is scikit-learn's, its gradient its own, and logits of any size are borne."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import check_grad
from sklearn.metrics import log_loss as theirs

from models.calibration.loss import log_loss, minimise, scale_of, softmax
from models.calibration.temperature import fit_temperature
from tests.models.calibration.builders import SIZES, SPREAD, are_probabilities, data
from tests.models.calibration.builders import softmax as plain


@given(**SIZES)
def test_loss_and_gradient(seed: int, n: int, k: int) -> None:
    z, labels = data(seed, n, k)
    value, _ = log_loss(z.T.copy(), labels)
    assert value == pytest.approx(theirs(labels, plain(z), labels=range(k)))

    def at(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, delta = log_loss(flat.reshape(k, n).copy(), labels)
        return value, delta.ravel()

    assert check_grad(lambda f: at(f)[0], lambda f: at(f)[1], z.T.ravel()) < 1e-5


@given(**SIZES, spread=SPREAD)
def test_logits_of_any_size(seed: int, n: int, k: int, spread: float) -> None:
    z, labels = data(seed, n, k, spread)
    value, delta = log_loss(z.T.copy(), labels)
    assert np.isfinite(value)
    assert np.isfinite(delta).all()
    are_probabilities(softmax(z.copy()), (n, k))


def test_minimise_finds_the_bottom() -> None:
    goal = np.array([3.0, -2.0])
    assert minimise(lambda t: (float(((t - goal) ** 2).sum()), 2 * (t - goal)), np.zeros(2)) == pytest.approx(goal)


def test_a_bold_step_does_not_overflow() -> None:
    """Scores that differ in the fourth digit ask for a huge scale; this pair once made the search try e^800 times as much."""
    for seed in (541129062, 694834811, 2):
        for n in (2, 13):
            scores, labels = data(seed, n, 2, 0.01)
            with np.errstate(all="raise", under="ignore"):
                assert np.isfinite(fit_temperature(scores, labels).scale)


def test_scales_are_finite() -> None:
    assert scale_of(np.array([0.0, 1.0])) == pytest.approx([1, np.e])
    assert np.isfinite(scale_of(np.array([800.0]))).all()
