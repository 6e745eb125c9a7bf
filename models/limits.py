"""Which answers may go out without a person: per class the lowest confidence at which the error rate is still bounded.

The user states a target error. For each class the limit is lowered step by step, and each step is an exact binomial test
(Clopper–Pearson 1934) on held-out tickets. Testing in one fixed order and stopping at the first failure keeps the stated
confidence for the limit that is chosen in the end (fixed-sequence testing, Angelopoulos et al. 2021, "Learn then Test").
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.9
"""How sure each class's promise is: over many data sets, at least this share of the promises hold."""

SUGGEST = 0.5
"""From this confidence on an answer that may not go out alone is still worth showing as a proposal."""


class Limits(NamedTuple):
    """Per label of a head: ``auto`` (labels,) float64 least confidence to act alone, NaN for "cannot promise";
    ``seen`` (labels,) int64 held-out tickets above the limit; ``errors`` (labels,) int64 wrong ones among them."""

    auto: NDArray[np.float64]
    seen: NDArray[np.int64]
    errors: NDArray[np.int64]
    target_error: float


def upper_bound(errors: int, n: int, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper–Pearson upper bound of an error rate after ``errors`` among ``n``; 1.0 when ``n`` is 0."""
    from scipy.stats import beta

    return 1.0 if errors >= n else float(beta.ppf(confidence, errors + 1, n - errors))


def fit_limits(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], target_error: float
) -> Limits:
    """Chooses the limits of one head.

    Args:
        probabilities: (n, labels) calibrated, of tickets the model had not seen.
        labels: (n,) index of the true label.
        target_error: promised share of wrong answers among the automatic ones, in (0, 1).
    """
    k = probabilities.shape[1]
    best = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    auto = np.full(k, np.nan)
    seen = np.zeros(k, np.int64)
    errors = np.zeros(k, np.int64)
    # Fewest error-free tickets with which the bound can be met at all: (1 - target)^n <= 1 - confidence.
    least = math.ceil(min(math.log(1.0 - CONFIDENCE) / math.log1p(-target_error), len(labels) + 1))
    for c in range(k):
        mine = np.flatnonzero(best == c)
        order = mine[np.argsort(-confidence[mine], kind="stable")]
        wrong = np.cumsum(labels[order] != c)
        n = least
        while n <= len(order):
            at = n
            while at < len(order) and confidence[order[at]] == confidence[order[at - 1]]:
                at += 1  # tickets of equal confidence pass or stay together
            if upper_bound(int(wrong[at - 1]), at) > target_error:
                break
            auto[c], seen[c], errors[c] = confidence[order[at - 1]], at, wrong[at - 1]
            if at == len(order):
                break
            n = min(len(order), max(at + 1, int(at * 1.1)))
    return Limits(auto, seen, errors, target_error)
