"""Statistics of ``benchmarks.quality``: intervals and tests, pure functions of numbers.

Intervals: percentile bootstrap (Efron & Tibshirani 1993, ch. 13), whole units drawn (near-duplicates, contrast sets), the same
draws for every system, so that differences are paired. McNemar's test: exact and mid-p (Fagerland, Lydersen, Laake, BMC
Medical Research Methodology 2013, who recommend mid-p). Errors among automatic answers: Clopper & Pearson, Biometrika 1934.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

from training import metrics

DRAWS = 2000
LEVEL = 0.95

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Range(NamedTuple):
    """A figure and its interval."""

    value: float
    low: float
    high: float


class Draws(NamedTuple):
    """Figures of one system: on the test part, and per draw (d,)."""

    accuracy: float
    macro_f1: float
    accuracies: Floats
    macro_f1s: Floats


def resample(
    truth: Ints, answers: Mapping[str, Ints], k: int, units: Ints, *, seed: int, draws: int = DRAWS
) -> dict[str, Draws]:
    """Accuracy and macro-F1 of every system on the same draws of units.

    Args:
        truth: (n,) label numbers 0..k-1; answers: per system (n,).
        units: (n,) numbers; tickets that share one are drawn together.
    """
    rng = np.random.default_rng(seed)
    names, member = np.unique(units, return_inverse=True)
    cells = {name: truth * k + answer for name, answer in answers.items()}
    found = {name: np.empty((2, draws)) for name in answers}
    for draw in range(draws):
        weight = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[member]
        for name, cell in cells.items():
            found[name][:, draw] = _both(
                np.bincount(cell, weights=weight, minlength=k * k).astype(np.int64).reshape(k, k)
            )
    return {
        name: Draws(*_both(np.bincount(cell, minlength=k * k).reshape(k, k)), *found[name])
        for name, cell in cells.items()
    }


def _both(matrix: Ints) -> tuple[float, float]:
    """(accuracy, macro-F1) of a (k, k) table of counts, rows the truth."""
    return metrics.accuracy(matrix), metrics.macro_f1(matrix)


def interval(values: Sequence[float] | Floats, level: float = LEVEL) -> tuple[float, float]:
    """The middle ``level`` of the drawn figures."""
    low, high = np.quantile(np.asarray(values), ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


class McNemar(NamedTuple):
    """``only_a``, ``only_b``: tickets that exactly one of the two got right; two-sided p, exact and mid-p."""

    only_a: int
    only_b: int
    exact: float
    mid_p: float


def mcnemar(right_a: NDArray[np.bool_], right_b: NDArray[np.bool_]) -> McNemar:
    """Whether two systems differ in accuracy, from (n,) masks of what each got right."""
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    n, least = only_a + only_b, min(only_a, only_b)
    if not n:
        return McNemar(0, 0, 1.0, 1.0)
    exact = min(1.0, 2 * float(binom.cdf(least, n, 0.5)))
    # Mid-p takes half of what was observed away on each side; with as many on both sides that leaves 1 - P(X = n / 2),
    # as Fagerland et al. define it.
    mid_p = 2 * float(binom.cdf(least, n, 0.5)) - float(binom.pmf(least, n, 0.5))
    if only_a == only_b:
        mid_p = 1.0 - 0.5 * float(binom.pmf(least, n, 0.5))
    return McNemar(only_a, only_b, exact, min(1.0, mid_p))


def clopper_pearson(wrong: int, n: int, level: float = LEVEL) -> Range | None:
    """Share of wrong answers with its exact interval; None without answers."""
    if not n:
        return None
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, wrong, n - wrong + 1)) if wrong else 0.0
    high = float(beta.ppf(1 - tail, wrong + 1, n - wrong)) if wrong < n else 1.0
    return Range(wrong / n, low, high)
