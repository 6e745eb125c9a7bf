"""Figures of one head, in plain numpy. Labels are integers 0..k-1; ``k`` is the number of labels the head knows.

Sources: macro-F1 as scikit-learn computes it (over the labels that occur among truths or answers, a class without any
true positive scores 0); expected calibration error of the top label (Naeini, Cooper, Hauskrecht, AAAI 2015) over 15 bins
of equal mass (Nguyen, O'Connor, EMNLP 2015), because equal-width bins are nearly empty below 0.5; multi-class Brier score
in its original form, 0 to 2 (Brier, 1950).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 15

Ints = NDArray[np.integer]
Floats = NDArray[np.floating]


class ClassScores(NamedTuple):
    """Per label, each (k,): float64 in [0, 1], ``support`` int64."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Calibration per non-empty bin, lowest confidence first: mean ``confidence``, ``accuracy``, ``count``; each (b,)."""

    confidence: Floats
    accuracy: Floats
    count: Ints


def confusion(truth: Ints, answer: Ints, k: int) -> NDArray[np.int64]:
    """(k, k) int64: rows are the truth, columns the answer."""
    return np.bincount(truth * k + answer, minlength=k * k).reshape(k, k)


def accuracy(matrix: Ints) -> float:
    """Share on the diagonal of a confusion matrix with at least one entry."""
    return float(np.trace(matrix) / matrix.sum())


def class_scores(matrix: Ints) -> ClassScores:
    """Precision, recall, F1 and support per label; 0 where a figure is not defined."""
    hits = np.diag(matrix).astype(np.float64)
    support = matrix.sum(axis=1)
    answers = matrix.sum(axis=0)
    return ClassScores(
        _ratio(hits, answers.astype(np.float64)),
        _ratio(hits, support.astype(np.float64)),
        _ratio(2 * hits, (support + answers).astype(np.float64)),
        support,
    )


def macro_f1(matrix: Ints) -> float:
    """Mean F1 of the labels that occur among truths or answers."""
    occurs = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    return float(class_scores(matrix).f1[occurs].mean())


def reliability(confidence: Floats, correct: NDArray[np.bool_], bins: int = BINS) -> Bins:
    """Bins of equal mass over the confidence of the top label; equal confidences share a bin, whatever their order."""
    order = np.sort(confidence)
    place = np.searchsorted(order, confidence, side="left") * bins // len(order)
    count = np.bincount(place, minlength=bins)
    used = count > 0
    mean = np.bincount(place, weights=confidence, minlength=bins)[used] / count[used]
    right = np.bincount(place, weights=correct, minlength=bins)[used] / count[used]
    return Bins(mean, right, count[used])


def ece(bins: Bins) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, weighted by bin size."""
    return float(np.average(np.abs(bins.confidence - bins.accuracy), weights=bins.count))


def brier(probabilities: Floats, truth: Ints) -> float:
    """Mean squared distance between ``probabilities`` (n, k) and the true label's unit vector; 0 is best, 2 worst."""
    hit = probabilities[np.arange(len(truth)), truth]
    return float(np.mean((probabilities**2).sum(axis=1) - 2 * hit + 1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
