"""Figures of one head, in plain numpy. Labels are integers 0..k-1; ``k`` is the number of labels the head knows.

Macro-F1 is as scikit-learn computes it (over the labels that occur among truths or answers, a class without any true
positive scores 0). What probabilities are worth is measured in :mod:`models.core.reliability`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.core.reliability import BINS, Bins, Floats, Ints, brier, brier_rows, ece, log_losses, reliability

__all__ = [
    "BINS",
    "Bins",
    "ClassScores",
    "Floats",
    "Ints",
    "accuracy",
    "brier",
    "brier_rows",
    "class_scores",
    "confusion",
    "ece",
    "log_loss",
    "macro_f1",
    "reliability",
]


class ClassScores(NamedTuple):
    """Per label, each (k,): float64 in [0, 1], ``support`` int64."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ints


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


def log_loss(probabilities: Floats, truth: Ints) -> float:
    """Mean −ln of what (n, k) ``probabilities`` gave the true label; a 0 counts as the smallest number there is."""
    return float(log_losses(probabilities, truth).mean())


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
