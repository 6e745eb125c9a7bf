"""How far stated probabilities can be relied on, in plain numpy.

Expected calibration error of the top label (Naeini, Cooper, Hauskrecht, AAAI 2015) over 15 bins of equal mass (Nguyen,
O'Connor, EMNLP 2015), because equal-width bins are nearly empty below 0.5; multi-class Brier score in its original form,
0 to 2 (Brier, 1950). Neither is debiased: the calibration error of few tickets is too high, never too low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15

LEAST = 1e-12
"""Smallest probability that counts where a log loss decides between models: one hopeless ticket shall not."""

Ints = NDArray[np.integer]
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Calibration per non-empty bin, lowest confidence first: mean ``confidence``, ``accuracy``, ``count``; each (b,)."""

    confidence: Floats
    accuracy: Floats
    count: Ints


def place(confidence: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """(n,) bin of equal mass of each of n confidences; equal confidences share a bin, whatever their order."""
    order = np.sort(confidence)
    return np.asarray(np.searchsorted(order, confidence, side="left") * bins // len(order), np.int64)


def reliability(confidence: Floats, correct: NDArray[np.bool_], bins: int = BINS) -> Bins:
    """Bins of equal mass over the confidence of the top label."""
    where = place(confidence, bins)
    count = np.bincount(where, minlength=bins)
    used = count > 0
    mean = np.bincount(where, weights=confidence, minlength=bins)[used] / count[used]
    right = np.bincount(where, weights=correct, minlength=bins)[used] / count[used]
    return Bins(mean, right, count[used])


def ece(bins: Bins) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, weighted by bin size."""
    return float(np.average(np.abs(bins.confidence - bins.accuracy), weights=bins.count))


def log_losses(
    probabilities: Floats, truth: Ints, least: float = float(np.finfo(np.float64).tiny)
) -> NDArray[np.float64]:
    """(n,) negative logarithm of the true label's probability in each row of ``probabilities`` (n, k).

    ``least``: smallest probability that counts; with the default only what underflowed to 0 is lifted.
    """
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], least)), np.float64)


def brier_rows(probabilities: Floats, truth: Ints) -> Floats:
    """(n,) squared distance of each row of ``probabilities`` (n, k) to the true label's unit vector."""
    hit = probabilities[np.arange(len(truth)), truth]
    return np.asarray(np.einsum("ij,ij->i", probabilities, probabilities) - 2 * hit + 1)


def brier(probabilities: Floats, truth: Ints) -> float:
    """Mean squared distance between ``probabilities`` (n, k) and the true label's unit vector; 0 is best, 2 worst."""
    return float(np.mean(brier_rows(probabilities, truth)))
