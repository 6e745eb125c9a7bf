"""Statistics of ``benchmarks.quality``: intervals and tests, pure functions of numbers.

Intervals: percentile bootstrap (Efron & Tibshirani 1993, ch. 13), whole units drawn (near-duplicates, contrast sets), the same
draws for every system, so that differences are paired. McNemar's test: exact and mid-p (Fagerland, Lydersen, Laake, BMC
Medical Research Methodology 2013, who recommend mid-p). Errors among automatic answers: Clopper & Pearson, Biometrika 1934.
"""

from __future__ import annotations

from typing import NamedTuple

from scipy.stats import beta

from training.judge.metrics import Ints
from training.judge.paired import DRAWS, LEVEL, Draws, McNemar, interval, mcnemar, resample

__all__ = ["DRAWS", "LEVEL", "Draws", "Ints", "McNemar", "Range", "clopper_pearson", "interval", "mcnemar", "resample"]


class Range(NamedTuple):
    """A figure and its interval."""

    value: float
    low: float
    high: float


def clopper_pearson(wrong: int, n: int, level: float = LEVEL) -> Range | None:
    """Share of wrong answers with its exact interval; None without answers."""
    if not n:
        return None
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, wrong, n - wrong + 1)) if wrong else 0.0
    high = float(beta.ppf(1 - tail, wrong + 1, n - wrong)) if wrong < n else 1.0
    return Range(wrong / n, low, high)
