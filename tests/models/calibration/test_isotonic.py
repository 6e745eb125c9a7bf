"""Isotonic calibration: pools as scikit-learn does, repairs what no sigmoid can, and never claims certainty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from models.calibration.isotonic import _fit, fit_isotonic
from models.calibration.temperature import Temperature, fit_temperature
from models.core.reliability import ece, reliability
from tests.models.calibration.builders import SIZES, SPREAD, data, log_loss


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5]) | st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_a_curve_pools_as_scikit_learn_does(pairs: list[tuple[float, bool]]) -> None:
    said, hit = np.array([p for p, _ in pairs]), np.array([h for _, h in pairs])
    x, y = _fit(said, hit)
    points = np.unique(said)
    hits = np.array([hit[said == p].sum() for p in points], float)
    size = np.array([(said == p).sum() for p in points], float)
    hits[0] += 1
    size[0] += 1
    size[-1] += 1
    theirs = isotonic_regression(hits / size, sample_weight=size)
    assert sorted(set(theirs.round(9))) == sorted(set(y.round(9)))
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) >= 0).all()
    assert said.min() - 1e-12 <= x[0] <= x[-1] <= said.max() + 1e-12


def test_after_m_tickets_without_an_error_it_claims_m_of_m_and_one() -> None:
    said = np.repeat([0.1, 0.9], [30, 50])
    x, y = _fit(said, said > 0.5)
    assert x == pytest.approx([0.1, 0.9])
    assert y == pytest.approx([1 / 31, 50 / 51])


@given(**SIZES, spread=SPREAD)
def test_nothing_is_certain_or_impossible(seed: int, n: int, k: int, spread: float) -> None:
    scores, labels = data(seed, n, k, spread)
    fitted = fit_isotonic(scores, labels)
    p = fitted.apply(np.concatenate([scores, [np.full(k, 1e6), np.eye(k)[0] * 1e6]]))
    assert (p > 0).all()
    assert (p < 1).all()


@given(**SIZES)
def test_more_probability_before_is_no_less_after(seed: int, n: int, k: int) -> None:
    for x, y in fit_isotonic(*data(seed, n, k)).curves:
        assert (np.diff(np.interp(np.linspace(0, 1, 50), x, y)) >= 0).all()


def test_repairs_a_distortion_that_is_no_sigmoid() -> None:
    """Right in 60 % up to a middling score, then ever surer: a knee, which no temperature can draw."""
    rng = np.random.default_rng(0)
    score = rng.uniform(0.1, 3, 20_000)
    right = rng.random(20_000) < 0.6 + 0.39 * np.clip(score - 1.5, 0, 1)
    scores, labels = np.stack([score, -score], axis=1), np.where(right, 0, 1)
    fit, new = np.arange(20_000) < 10_000, np.arange(20_000) >= 10_000

    def error(p: np.ndarray) -> float:
        return ece(reliability(p.max(axis=1), p.argmax(axis=1) == labels[new]))

    cooled = fit_temperature(scores[fit], labels[fit]).apply(scores[new])
    bent = fit_isotonic(scores[fit], labels[fit]).apply(scores[new])
    assert error(bent) < 0.02 < error(cooled)
    assert log_loss(bent, labels[new]) < log_loss(cooled, labels[new])


def test_what_is_calibrated_already_stays() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(20_000, 3)) * 2
    p = Temperature(1.0, np.zeros(3)).apply(scores)
    labels = (p.cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1)
    assert np.abs(fit_isotonic(scores, labels).apply(scores) - p).mean() < 0.01
