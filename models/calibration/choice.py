"""Which calibration? The one with the lowest log loss on tickets it was not fitted on, and the simplest where that is moot.

Cross-validation over scores that are themselves out of fold, so the tickets are unseen twice over: by the scoring model
and by the calibration. A more complex method has to be better by more than one standard error of the paired difference
(the one-standard-error rule, Breiman et al. 1984) and by more than :data:`MOOT`, or it is not taken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.calibration.isotonic import fit_isotonic
from models.calibration.methods import Calibrator
from models.calibration.multinomial import fit_multinomial
from models.calibration.temperature import fit_temperature
from models.calibration.vector import fit_vector
from models.core.reliability import brier, ece, log_losses, reliability

FOLDS = 5

LEAST = 100
"""With fewer groups of tickets than this temperature scaling is taken, whatever the comparison says: it says more of chance
than of the methods, and what a wrong pick costs there is far more than what a right one brings."""

ENOUGH = 20_000
"""With more tickets than this the methods are compared on a sample of :data:`SAMPLE`; the chosen one is fitted on all."""

SAMPLE = 10_000

MOOT = 0.005
"""Share of the log loss that is not worth a more complex method, however sure it is: two nearly equal methods have a
standard error of nearly nothing."""


class Chosen(NamedTuple):
    """Attributes:
    calibration: fitted on all tickets.
    method: its name.
    comparison: method, simplest first -> held-out ``log_loss``, its standard error ``log_loss_se``, ``brier``, ``ece``
        and ``accuracy``; empty when all tickets are of one group, so that nothing can be held out (temperature then).
    """

    calibration: Calibrator
    method: str
    comparison: dict[str, dict[str, float]]


def choose_calibration(
    scores: NDArray[np.floating[Any]],
    labels: NDArray[np.integer[Any]],
    *,
    groups: NDArray[np.integer[Any]] | None = None,
    seed: int = 0,
) -> Chosen:
    """Compares all methods and fits the best.

    Args:
        scores: (n, k) by models that had not seen the tickets.
        labels: (n,) index of the true label.
        groups: (n,) tickets of one group (near-duplicates) stay in one fold and count as one in the standard errors.
    """
    _, group = np.unique(np.arange(len(labels)) if groups is None else groups, return_inverse=True)
    rows = _sample(group, seed)
    fold = _folds(labels[rows], group[rows], seed)
    folds = int(fold.max()) + 1
    if folds < 2:
        return Chosen(fit_temperature(scores, labels), "temperature", {})
    held: dict[str, NDArray[np.float64]] = {}
    for f in range(folds):
        kept, out = rows[fold != f], fold == f
        for method, one in _fit_all(scores[kept], labels[kept]).items():
            held.setdefault(method, np.empty((len(rows), scores.shape[1])))[out] = one.apply(scores[rows[out]])
    truth, member = labels[rows], group[rows]
    losses = {method: log_losses(p, truth) for method, p in held.items()}
    method = _simplest(losses, member) if group.max() + 1 >= LEAST else "temperature"
    comparison = {name: _figures(held[name], truth, losses[name], member) for name in held}
    return Chosen(fit_method(method, scores, labels), method, comparison)


def _fit_all(scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> dict[str, Calibrator]:
    """Every method, simplest first."""
    start = fit_temperature(scores, labels)
    return {
        "temperature": start,
        "vector": fit_vector(scores, labels, start),
        "multinomial": fit_multinomial(scores, labels, start),
        "isotonic": fit_isotonic(scores, labels, start),
    }


def fit_method(method: str, scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> Calibrator:
    if method == "temperature":
        return fit_temperature(scores, labels)
    if method == "vector":
        return fit_vector(scores, labels)
    return fit_multinomial(scores, labels) if method == "multinomial" else fit_isotonic(scores, labels)


def _simplest(losses: dict[str, NDArray[np.float64]], member: NDArray[np.int64]) -> str:
    """The first method that the best one does not clearly beat and that no simpler one beats."""
    mean = {method: float(loss.mean()) for method, loss in losses.items()}
    best = min(mean, key=lambda method: mean[method])
    least = np.inf
    for method, loss in losses.items():
        close = max(_error(loss - losses[best], member), MOOT * mean[best])
        if mean[method] <= least and mean[method] - mean[best] <= close:
            return method
        least = min(least, mean[method])
    return best


def _figures(
    p: NDArray[np.float64], truth: NDArray[np.integer[Any]], loss: NDArray[np.float64], member: NDArray[np.int64]
) -> dict[str, float]:
    right = p.argmax(axis=1) == truth
    return {
        "log_loss": float(loss.mean()),
        "log_loss_se": _error(loss, member),
        "brier": brier(p, truth),
        "ece": ece(reliability(p.max(axis=1), right)),
        "accuracy": float(right.mean()),
    }


def _error(value: NDArray[np.float64], member: NDArray[np.int64]) -> float:
    """Standard error of the mean of ``value`` (n,), groups being independent of each other and tickets of one not."""
    count = np.bincount(member)
    away = np.bincount(member, weights=value - value.mean())[count > 0]
    g = len(away)
    return float(np.sqrt(np.sum(away**2) * g / (g - 1)) / len(value))


def _sample(group: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """(m,) rows to compare on: all, or whole groups at random until there are :data:`SAMPLE`."""
    n = len(group)
    if n <= ENOUGH:
        return np.arange(n)
    size = np.bincount(group)
    order = np.random.default_rng(seed).permutation(len(size))
    kept = np.zeros(len(size), bool)
    kept[order[: int(np.searchsorted(np.cumsum(size[order]), SAMPLE)) + 1]] = True
    return np.flatnonzero(kept[group])


def _folds(labels: NDArray[np.integer[Any]], group: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """(n,) fold of each ticket: whole groups, dealt out by the label of their first ticket."""
    rng = np.random.default_rng(seed)
    _, first, member = np.unique(group, return_index=True, return_inverse=True)
    shuffled = rng.permutation(len(first))
    order = shuffled[np.argsort(labels[first][shuffled], kind="stable")]
    fold = np.empty(len(first), np.int64)
    fold[order] = np.arange(len(first)) % min(FOLDS, len(first))
    return fold[member]
