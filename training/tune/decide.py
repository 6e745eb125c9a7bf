"""From probabilities to an answer, three ways, measured on tickets that were not learned from.

The likeliest label; the label of the largest weighted probability (see :mod:`models.core.decision`); and, where labels have an
order, the median of the distribution over it, which makes the expected number of steps between answer and truth smallest.
None of it changes a probability, so it is no part of the search: it is looked at for what the search found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.core.decision import answers, fit_weights
from training.judge import metrics


def median(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) index of the first label at which half the probability is reached; (n, k) in the order of the labels."""
    reached = probabilities.cumsum(axis=1) >= 0.5 - 1e-12
    out: NDArray[np.int64] = reached.argmax(axis=1)
    return out


def decisions(
    probabilities: NDArray[np.float64],
    truth: NDArray[np.int64],
    fold: NDArray[np.int64],
    *,
    ordinal: bool,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Way of deciding -> ``accuracy`` and ``macro_f1``; of ordered labels also ``steps``, the mean distance to the truth, and
    ``missed``, the share of answers that are milder than the truth (labels run from the most urgent to the least)."""
    ways = {"likeliest": probabilities.argmax(axis=1), "weighted": _weighted(probabilities, truth, fold, seed)}
    if ordinal:
        ways["median"] = median(probabilities)
    return {name: _figures(answer, truth, probabilities.shape[1], ordinal) for name, answer in ways.items()}


def _weighted(
    p: NDArray[np.float64], truth: NDArray[np.int64], fold: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Answers with weights that were chosen on the other folds."""
    out = np.empty(len(truth), np.int64)
    for f in np.unique(fold):
        held = fold == f
        out[held] = answers(p[held], fit_weights(p[~held], truth[~held], seed=seed))
    return out


def _figures(answer: NDArray[np.int64], truth: NDArray[np.int64], k: int, ordinal: bool) -> dict[str, float]:
    matrix = metrics.confusion(truth, answer, k)
    out = {"accuracy": metrics.accuracy(matrix), "macro_f1": metrics.macro_f1(matrix)}
    if ordinal:
        out |= {"steps": float(np.abs(answer - truth).mean()), "missed": float((answer > truth).mean())}
    return out
