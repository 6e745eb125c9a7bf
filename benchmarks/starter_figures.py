"""Figures of one head on one set of tickets: scores, intervals, and whether two models differ.

Intervals: percentile bootstrap (Efron & Tibshirani 1993, ch. 13) that draws whole units (contrast sets, near-duplicates)
and not single tickets, because tickets of a unit are not independent. McNemar's test: exact, two-sided (binomial over the
tickets that exactly one of the two got right).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from training.judge import metrics

DRAWS = 2000


class Answers(NamedTuple):
    """Truth and answers of one head, each (n,): label indices in taxonomy order, confidence, whether it was ``auto``."""

    truth: NDArray[np.int64]
    answer: NDArray[np.int64]
    confidence: NDArray[np.float64]
    auto: NDArray[np.bool_]
    k: int

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Answers:
        """Those tickets only: a mask, or row numbers in the wanted order."""
        return Answers(self.truth[which], self.answer[which], self.confidence[which], self.auto[which], self.k)

    @property
    def correct(self) -> NDArray[np.bool_]:
        return np.equal(self.truth, self.answer)

    @property
    def matrix(self) -> metrics.Ints:
        return metrics.confusion(self.truth, self.answer, self.k)

    @property
    def accuracy(self) -> float:
        return float(self.correct.mean())

    @property
    def macro_f1(self) -> float:
        return metrics.macro_f1(self.matrix)

    @property
    def ece(self) -> float:
        return metrics.ece(metrics.reliability(self.confidence, self.correct))

    @property
    def coverage(self) -> float:
        return float(self.auto.mean())

    @property
    def auto_error(self) -> float | None:
        """Share of the automatic answers that were wrong; None when there were none."""
        return float((~self.correct[self.auto]).mean()) if self.auto.any() else None

    def error_of_surest(self, share: float) -> float | None:
        """Share of wrong answers among the surest ``share`` of all; None when that is no ticket,
        or when there is no confidence."""
        count = round(share * len(self.truth))
        if not count or np.isnan(self.confidence).any():
            return None
        return float((~self.correct[np.argsort(-self.confidence, kind="stable")[:count]]).mean())


def join(parts: list[Answers]) -> Answers:
    """Several sets of tickets as one."""
    return Answers(
        np.concatenate([p.truth for p in parts]),
        np.concatenate([p.answer for p in parts]),
        np.concatenate([p.confidence for p in parts]),
        np.concatenate([p.auto for p in parts]),
        parts[0].k,
    )


class Interval(NamedTuple):
    low: float
    high: float


def bootstrap(
    units: NDArray[np.int64], figures: Callable[[NDArray[np.int64]], tuple[float, ...]], seed: int, draws: int = DRAWS
) -> list[Interval]:
    """95 % intervals. ``figures`` takes (n,) integer weights of the tickets and gives the figures to be bracketed."""
    rng = np.random.default_rng(seed)
    names, member = np.unique(units, return_inverse=True)
    drawn = [
        figures(np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[member])
        for _ in range(draws)
    ]
    return [Interval(*np.quantile(column, (0.025, 0.975)).tolist()) for column in np.array(drawn).T]


def weighted(one: Answers, weight: NDArray[np.int64]) -> tuple[float, float]:
    """(accuracy, macro-F1) with each ticket counted ``weight`` times."""
    matrix = np.bincount(one.truth * one.k + one.answer, weights=weight, minlength=one.k**2).reshape(one.k, one.k)
    return float(np.trace(matrix) / matrix.sum()), metrics.macro_f1(matrix.astype(np.int64))


class McNemar(NamedTuple):
    """``only_a``, ``only_b``: tickets that exactly one of the two got right; ``p``: exact and two-sided."""

    only_a: int
    only_b: int
    p: float


def mcnemar(a: Answers, b: Answers) -> McNemar:
    only_a, only_b = int((a.correct & ~b.correct).sum()), int((~a.correct & b.correct).sum())
    p = float(binomtest(only_a, only_a + only_b, 0.5).pvalue) if only_a + only_b else 1.0
    return McNemar(only_a, only_b, p)
