"""Bins of equal mass, calibration error and Brier score are what their definitions say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.reliability import BINS, brier, brier_rows, ece, reliability


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=30), st.randoms())
def test_brier_is_the_distance_to_the_truth(raw, rng) -> None:
    p = np.array(raw) / np.sum(raw, axis=1, keepdims=True)
    truth = np.array([rng.randrange(3) for _ in raw])
    assert brier(p, truth) == pytest.approx(((p - np.eye(3)[truth]) ** 2).sum(axis=1).mean())
    assert brier_rows(p, truth).mean() == pytest.approx(brier(p, truth))
    assert 0 <= brier(p, truth) <= 2


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.5, 0.9, 1.0]) | st.floats(0, 1), st.booleans()), min_size=1))
def test_bins_hold_every_ticket_once_and_equal_confidences_together(pairs) -> None:
    confidence = np.array([c for c, _ in pairs])
    correct = np.array([r for _, r in pairs])
    bins = reliability(confidence, correct)
    assert bins.count.sum() == len(pairs)
    assert (bins.count > 0).all()
    assert len(bins.count) <= BINS
    assert np.dot(bins.confidence, bins.count) == pytest.approx(confidence.sum())
    assert np.dot(bins.accuracy, bins.count) == pytest.approx(correct.sum())
    assert (np.diff(bins.confidence) > -1e-12).all()
    order = np.random.default_rng(0).permutation(len(pairs))
    again = reliability(confidence[order], correct[order])
    assert ece(again) == pytest.approx(ece(bins))


def test_bins_are_of_equal_mass() -> None:
    confidence = np.linspace(0, 1, 1500)
    assert reliability(confidence, confidence > 0.5).count.tolist() == [100] * 15


def test_a_calibrated_model_has_no_calibration_error_and_a_boaster_has_his() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 200_000)
    right = rng.uniform(size=200_000) < confidence
    assert ece(reliability(confidence, right)) < 0.006
    always = np.full(1000, 0.99)
    assert ece(reliability(always, np.arange(1000) % 2 == 0)) == pytest.approx(0.49)
