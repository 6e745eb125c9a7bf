"""Which answers may go out without a person, so that of those at most a stated share is wrong.

The user states a target error for a head. Calibrated probabilities say, without looking at a single label, where each
class's limit has to be so that the answers above it would be wrong in a share ``e``; a small ``e`` gives strict limits, a
large one loose ones. The levels are then *tested* on held-out labels, from strict to loose, each by the exact binomial
bound of all answers above the limits together (Clopper, Pearson 1934), until one fails. Testing in one order that was fixed
beforehand and stopping at the first failure keeps the stated confidence for the level that is chosen in the end, however
many were tried (fixed-sequence testing; Angelopoulos et al. 2021, "Learn then Test").

So every class has its own limit and the promise is about the head: of all its automatic answers at most the target is
wrong. A class that must keep a promise of its own is given a target of its own and tested alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.9
"""How sure a promise is: over many data sets, at least this share of the promises hold."""

SUGGEST = 0.5
"""From this confidence on an answer that may not go out alone is still worth showing as a proposal."""

LEAST_OF_CLASS = 20
"""With fewer held-out answers above its limit a class cannot promise anything, however few of them were wrong."""

_LEVELS = np.concatenate([np.arange(0.05, 1.5, 0.05), np.arange(1.5, 3.01, 0.1)])
"""Tried as expected error, in shares of the target. They go past 1: the probabilities may be too modest."""


class Limits(NamedTuple):
    """What was chosen for one head with k labels.

    Attributes:
        auto: (k,) float64 least confidence to act alone, NaN for "cannot promise".
        seen: (k,) int64 held-out answers above the limit; ``errors``: (k,) int64 wrong ones among them.
        target: (k,) float64 the error that is promised, of all classes with the same ``pool`` together.
        pool: (k,) int64 classes of one number share one promise; 0 is the head's.
    """

    auto: NDArray[np.float64]
    seen: NDArray[np.int64]
    errors: NDArray[np.int64]
    target: NDArray[np.float64]
    pool: NDArray[np.int64]

    def bound(self, pool: int = 0) -> float:
        """Upper bound of the error of a pool's automatic answers, with :data:`CONFIDENCE`; 1.0 where there are none."""
        mine = self.pool == pool
        return upper_bound(int(self.errors[mine].sum()), int(self.seen[mine].sum()))


def upper_bound(errors: int, n: int, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper–Pearson upper bound of an error rate after ``errors`` among ``n``; 1.0 when ``n`` is 0."""
    from scipy.special import betaincinv

    return 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, confidence))


def lower_bound(errors: int, n: int, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper–Pearson lower bound; 0.0 when there are no errors."""
    from scipy.special import betaincinv

    return 0.0 if errors == 0 else float(betaincinv(errors, n - errors + 1, 1 - confidence))


def fit_limits(
    confidence: NDArray[np.floating[Any]],
    answer: NDArray[np.integer[Any]],
    truth: NDArray[np.integer[Any]],
    k: int,
    target_error: float,
    own: Mapping[int, float] | None = None,
) -> Limits:
    """Chooses the limits of one head.

    Args:
        confidence: (n,) calibrated probability of the answer, by a model and a calibration that had not seen the ticket.
        answer: (n,) index of the label that would be said.
        truth: (n,) index of the true label.
        k: number of labels.
        target_error: promised share of wrong answers among the automatic ones, in (0, 1).
        own: label -> target of a class with a promise of its own.
    """
    own = dict(own or {})
    pool = np.zeros(k, np.int64)
    target = np.full(k, target_error)
    for number, (label, promise) in enumerate(own.items(), start=1):
        pool[label], target[label] = number, promise
    auto = np.full(k, np.nan)
    seen = np.zeros(k, np.int64)
    errors = np.zeros(k, np.int64)
    classes = [_Class(confidence[answer == c], (truth != answer)[answer == c]) for c in range(k)]
    for number in range(len(own) + 1):
        mine = np.flatnonzero(pool == number)
        if len(mine):
            for c, n in zip(mine, _accepted([classes[c] for c in mine], float(target[mine[0]])), strict=True):
                if n:
                    auto[c], seen[c], errors[c] = classes[c].confidence[n - 1], n, classes[c].wrong[n]
    return Limits(auto, seen, errors, target, pool)


class _Class:
    """Held-out answers of one class, the surest first.

    Attributes:
        confidence: (n,) descending.
        wrong: (n + 1,) wrong ones among the first so many; ``expected``: (n + 1,) how many the confidences expect.
        cuts: places where a limit may fall: tickets of equal confidence pass or stay together.
    """

    def __init__(self, confidence: NDArray[np.floating[Any]], wrong: NDArray[np.bool_]) -> None:
        order = np.argsort(-confidence, kind="stable")
        self.confidence = confidence[order].astype(np.float64)
        self.wrong = np.concatenate([[0], np.cumsum(wrong[order])])
        self.expected = np.concatenate([[0.0], np.cumsum(1.0 - self.confidence)])
        ends = np.flatnonzero(np.diff(self.confidence, append=-1.0) != 0.0) + 1
        self.cuts = ends[ends >= LEAST_OF_CLASS]

    def size(self, level: float) -> int:
        """How many may pass so that the confidences expect a share ``level`` of them to be wrong; 0: too few to say."""
        fits = self.cuts[self.expected[self.cuts] <= level * self.cuts]
        return int(fits[-1]) if len(fits) else 0


def _accepted(classes: list[_Class], target: float) -> list[int]:
    """How many answers of each class pass at the loosest level whose test, and every stricter one's, succeeded."""
    levels = [[c.size(float(share * target)) for c in classes] for share in _LEVELS]
    sizes = np.array([sum(one) for one in levels])
    expected = np.array([sum(c.expected[n] for c, n in zip(classes, one, strict=True)) for one in levels])
    none = [0] * len(classes)
    if not sizes.any():
        return none
    # Where to start is chosen without labels, too: where the probabilities expect the test to succeed most easily. Starting
    # at the strictest level would let one early error among a hundred answers end the search.
    hope = [upper_bound(math.ceil(e), int(n)) / target if n else np.inf for e, n in zip(expected, sizes, strict=True)]
    chosen = none
    for one in levels[int(np.argmin(hope)) :]:
        wrong = sum(int(c.wrong[n]) for c, n in zip(classes, one, strict=True))
        if upper_bound(wrong, sum(one)) > target:
            break
        chosen = one
    return [_tightened(c, n, target) for c, n in zip(classes, chosen, strict=True)]


def _tightened(one: _Class, n: int, target: float) -> int:
    """Fewer of a class that is shown to be worse than the promise: no queue shall carry the errors of all. What is taken
    away is worse than the rest, so the head's promise is only helped."""
    while n and lower_bound(int(one.wrong[n]), n) > target:
        below = one.cuts[one.cuts < n * 0.9]
        n = int(below[-1]) if len(below) else 0
    return n
