"""Which label is said: not always the likeliest one.

The answer is the label with the largest ``weight * probability``. Weights above 1 are the price of missing a label (Elkan
2001, "The Foundations of Cost-Sensitive Learning"); they move the answer, never the stated probability. Weights that are not
given are learned: of a rare label the likeliest answer is hardly ever the label itself, and a head that never says "negative"
is of no use, however accurate. They are chosen on held-out probabilities by accuracy plus macro-F1, and stay 1 where that
gains less than chance would.

Where the labels have an order (urgency), a text may look critical or normal and hardly high: a word more or less, and the
answer jumps two steps. If a label two or more steps more severe is at least :data:`NEAR` times as likely as the answer, one
between them is said: the nearer to the severe one, the likelier that is. Of 3,644 tickets in inner folds 52 were answered so:
critical ones taken for normal or low fell from 80 to 61, answers more than a step off from 155 to 137, accuracy from .847 to
.844. Done the other way round, too (high for what is critical, with normal not far), it would cost recall of critical.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import TrainingError

_GRID = np.linspace(0.0, 2.0, 41)
"""Tried as natural logarithms of a weight: 1 to 7.4."""

_FOLDS = 4
_SWEEPS = 2
_LEAST_GAIN = 0.01
"""Gain of accuracy + macro-F1, on tickets the weights were not chosen on, below which the plain answer stays."""


MOST_COST = 100.0


def check_costs(costs: Mapping[str, Mapping[str, float]], heads: Mapping[str, tuple[str, ...]]) -> None:
    """Whether all costs are positive, of labels that there are.

    Raises:
        TrainingError: names the one that is not, and what there is.
    """
    for head, own in costs.items():
        if head not in heads:
            raise TrainingError(f"代价里的 {head} 不是这次训练的一项；有的是：{'、'.join(heads)}", field="cost")
        for label, cost in own.items():
            if label not in heads[head]:
                raise TrainingError(
                    f"代价里的 {head}.{label} 在数据里没有；{head} 有的是：{'、'.join(heads[head])}", field="cost"
                )
            if isinstance(cost, bool) or not isinstance(cost, int | float) or not 1 / MOST_COST <= cost <= MOST_COST:
                raise TrainingError(
                    f"{head}.{label} 的代价应在 {1 / MOST_COST} 与 {MOST_COST:g} 之间（1 是平常）；收到的是 {cost!r}",
                    field="cost",
                )


NEAR = 0.6
"""Tried on inner folds, 0.8 to 0.2: every tenth less finds a few more of the critical ones and costs a little more accuracy."""


def answers(
    probabilities: NDArray[np.floating[Any]], weights: NDArray[np.float64], *, ordinal: bool = False
) -> NDArray[np.int64]:
    """(n,) index of the label said, of (n, labels) probabilities and (labels,) positive weights.

    Args:
        ordinal: the labels go from the most severe to the least.
    """
    priced = probabilities * weights
    best: NDArray[np.int64] = priced.argmax(axis=1)
    return between(priced, best) if ordinal else best


def between(priced: NDArray[np.floating[Any]], best: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """(n,) ``best``, and a more severe label where one beyond the next is nearly as likely; labels from the most severe on.

    Args:
        priced: (n, labels) probabilities times weights; ``best``: (n,) index of their largest.
    """
    labels = np.arange(priced.shape[1])
    severe = np.where(labels <= best[:, None] - 2, priced, -1.0)
    there = severe.argmax(axis=1)
    every = np.arange(len(best))
    share = severe[every, there] / np.maximum(priced[every, best], 1e-300)
    near = np.log(np.clip(share, NEAR, 1.0)) / np.log(NEAR)  # 0: as likely as the answer, 1: only just near
    steps = np.ceil((best - there - 1) * (1.0 - near)).astype(np.int64)
    return np.where(share >= NEAR, best - np.maximum(steps, 1), best).astype(np.int64)


def merit(answer: NDArray[np.integer[Any]], truth: NDArray[np.integer[Any]], k: int) -> float:
    """Accuracy plus macro-F1 of the labels that occur."""
    hit = np.bincount(truth[answer == truth], minlength=k)
    seen = np.bincount(truth, minlength=k)
    said = np.bincount(answer, minlength=k)
    occurs = seen > 0
    return float((answer == truth).mean() + (2 * hit[occurs] / (seen + said)[occurs]).mean())


def fit_weights(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    *,
    groups: NDArray[np.integer[Any]] | None = None,
    seed: int = 0,
) -> NDArray[np.float64]:
    """(labels,) weights, at least 1; all 1 where others do not pay.

    Args:
        probabilities: (n, labels) calibrated, of tickets the model had not seen.
        truth: (n,) index of the true label.
        groups: (n,) near-duplicates share one and are judged together; None: there are none.
    """
    n, k = probabilities.shape
    plain = np.ones(k)
    log_p = np.log(np.maximum(probabilities, 1e-12))
    _, member = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    fold = (np.random.default_rng(seed).permutation(int(member.max()) + 1) % _FOLDS)[member]
    told = np.empty(n, np.int64)
    for f in range(_FOLDS):
        kept = fold != f
        told[~kept] = (log_p[~kept] + _search(log_p[kept], truth[kept])).argmax(axis=1)
    if merit(told, truth, k) < merit(log_p.argmax(axis=1), truth, k) + _LEAST_GAIN:
        return plain
    return np.asarray(np.exp(_search(log_p, truth)), np.float64)


def _search(log_p: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """(labels,) logarithms of the weights, by coordinate ascent over a grid smoothed against luck; the smallest is 0."""
    k = log_p.shape[1]
    shift = np.zeros(k)
    best = merit(log_p.argmax(axis=1), truth, k)
    for _ in range(_SWEEPS):
        before = best
        for c in range(k):
            others = log_p + shift
            others[:, c] = -np.inf
            rival, gap = others.argmax(axis=1), others.max(axis=1) - log_p[:, c]
            gains = np.array([merit(np.where(gap < step, c, rival), truth, k) for step in _GRID])
            smooth = np.convolve(np.pad(gains, 2, mode="edge"), np.full(5, 0.2), "valid")
            at = int(smooth.argmax())
            if smooth[at] > best:
                shift[c], best = _GRID[at], float(smooth[at])
        if best <= before:
            break
    out: NDArray[np.float64] = shift - shift.min()
    return out
