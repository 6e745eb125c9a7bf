"""One machine for one head: one-against-rest linear support vectors (LIBLINEAR, Fan et al. 2008), or a mean of a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.linear.ratio import log_count_ratio
from models.linear.recipe import Recipe

TOLERANCE = 1e-3
"""LIBLINEAR's stopping criterion: a tenth of scikit-learn's strictness costs a third less time and moves no held-out answer
(citizen messages: accuracy and log loss the same to four digits from 1e-4 up to LIBLINEAR's own 0.1)."""


class LinearSvm(NamedTuple):
    """``scores = x @ weights + bias``: (features, labels) and (labels,) float32."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def score(self, x: Any) -> NDArray[np.float32]:
        """(n, labels) float32 scores of a scipy CSR matrix (n, features)."""
        out: NDArray[np.float32] = x @ self.weights + self.bias
        return out


def fit_linear_svm(
    x: Any,
    y: NDArray[np.int64],
    k: int,
    recipe: Recipe,
    seed: int = 0,
    importance: NDArray[np.float64] | None = None,
) -> LinearSvm:
    """Fits all labels of a head.

    Args:
        x: scipy CSR (n, features) float32.
        y: (n,) label index below ``k``. A label that is absent (a rare one in an inner fold) scores -1, "certainly not".
        importance: (n,) how much each ticket counts; None: all alike.
    """
    from sklearn.svm import LinearSVC

    present = np.unique(y)
    weights = np.zeros((x.shape[1], k), np.float32)
    bias = np.full(k, -1.0, np.float32)
    if len(present) == 1:
        bias[present] = 1.0
        return LinearSvm(weights, bias)
    stands = x
    if recipe.ratio:
        stands = x.copy()
        stands.data = np.ones_like(stands.data)
    share = np.bincount(y, minlength=k) / len(y)
    for label in present[1:] if len(present) == 2 else present:
        mine = y == label
        stretch = log_count_ratio(stands, mine, recipe.ratio)
        stretched = x
        if recipe.ratio:
            stretched = x.copy()
            stretched.data *= stretch[x.indices]
        counts_more = float((len(present) * share[label]) ** -recipe.balance)
        counts_other = float((len(present) * (1 - share[label])) ** -recipe.balance) if len(present) == 2 else 1.0
        svm = LinearSVC(
            C=recipe.penalty, tol=TOLERANCE, random_state=seed, class_weight={True: counts_more, False: counts_other}
        ).fit(stretched, mine, sample_weight=importance)
        weights[:, label] = svm.coef_[0] * stretch
        bias[label] = svm.intercept_[0]
    if len(present) == 2:  # one machine is enough for two labels
        weights[:, present[0]], bias[present[0]] = -weights[:, present[1]], -bias[present[1]]
    return LinearSvm(weights, bias)


def mean(svms: Sequence[LinearSvm], spreads: Sequence[float]) -> LinearSvm:
    """The mean of machines after each is divided by the spread of its scores: still one linear machine."""
    n = len(svms)
    weights = sum(m.weights / np.float32(s * n) for m, s in zip(svms, spreads, strict=True))
    bias = sum(m.bias / np.float32(s * n) for m, s in zip(svms, spreads, strict=True))
    return LinearSvm(np.asarray(weights, np.float32), np.asarray(bias, np.float32))
