"""Vector scaling: exact gradient, finds each label's scale, and leaves a label of few tickets at the common one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import check_grad

from models.calibration.temperature import fit_temperature
from models.calibration.vector import Vector, fit_vector, loss
from tests.models.calibration.builders import SIZES, data, drawn, log_loss


@given(**SIZES)
def test_gradient_is_that_of_the_loss(seed: int, n: int, k: int) -> None:
    scores, labels = data(seed, n, k)
    rng = np.random.default_rng(seed)
    theta, shift = rng.normal(size=2 * k) * 0.5, rng.normal(size=k)
    given = (scores.T, shift, labels)
    assert check_grad(lambda t: loss(t, *given)[0], lambda t: loss(t, *given)[1], theta) < 1e-5


def test_finds_the_scales_and_biases_that_made_the_labels() -> None:
    scores = np.random.default_rng(3).normal(size=(40_000, 3))
    true = Vector(np.array([1.0, 2.5, 4.0]), np.array([0.8, -0.2, -0.6]))
    found = fit_vector(scores, drawn(true.apply(scores), 4))
    assert found.scale == pytest.approx(true.scale, rel=0.06)
    assert found.bias == pytest.approx(true.bias, abs=0.08)


@given(**SIZES)
def test_scales_are_positive_and_biases_sum_to_nothing(seed: int, n: int, k: int) -> None:
    fitted = fit_vector(*data(seed, n, k))
    assert (fitted.scale > 0).all()
    assert abs(fitted.bias.sum()) < 1e-9


def test_a_label_of_one_ticket_keeps_the_common_scale() -> None:
    scores, labels = np.random.default_rng(1).normal(size=(400, 3)), np.arange(400) % 2
    scores[np.arange(400), labels] += 2
    labels[0], scores[0] = 2, [-1.0, -1.0, 3.0]
    fitted = fit_vector(scores, labels)
    assert fitted.scale[2] == pytest.approx(fit_temperature(scores, labels).scale, rel=0.5)


def test_fitting_is_no_worse_than_temperature_scaling_on_the_fitting_data() -> None:
    for seed in range(20):
        scores, labels = data(seed, 300, 4)
        common = fit_temperature(scores, labels)
        better = fit_vector(scores, labels, common)
        assert log_loss(better.apply(scores), labels) <= log_loss(common.apply(scores), labels) + 1e-6
