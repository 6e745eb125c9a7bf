"""Statistics of two systems on the same tickets: intervals and tests, pure functions of numbers.

Tickets that belong together (near-duplicates, one customer's) form a *unit*; units are taken as independent, tickets are not.

* Bootstrap: percentile (Efron, Tibshirani 1993, ch. 13), whole units drawn, the same draws for every system, so that
  differences are paired.
* Whether one is worse: McNemar's test, exact (a binomial of the units in which exactly one of the two did better).
* How large the difference of two paired shares is: the score interval of Tango (Statistics in Medicine 17, 1998, 891-908),
  which holds its level for few units and shares near 0 or 1, where Wald's interval and the bootstrap do not.
* Many tests at once: Holm (Scandinavian Journal of Statistics 6, 1979): whatever depends on what, at most the stated share of
  the comparisons of equals raises any alarm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.judge import metrics
from training.judge.metrics import Floats, Ints

DRAWS = 2000
LEVEL = 0.95

_AT_ONCE = 2_000_000
"""Units drawn at a time: 16 MB an array."""


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


def ratios(columns: Floats, units: Ints, ratio: Callable[[Floats], Floats], *, seed: int, draws: int = DRAWS) -> Floats:
    """(d,) a figure of sums, per draw of units.

    Args:
        columns: (n, m) what is summed over the tickets.
        ratio: (d, m) sums -> (d,) figure; NaN where a draw has none.
    """
    rng = np.random.default_rng(seed)
    names, member = np.unique(units, return_inverse=True)
    sums = np.stack([np.bincount(member, weights=column, minlength=len(names)) for column in columns.T], axis=1)
    step = max(1, _AT_ONCE // max(len(names), 1))
    found = []
    for start in range(0, draws, step):
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=min(step, draws - start))
        found.append(ratio(np.asarray(drawn @ sums, np.float64)))
    return np.concatenate(found)


class McNemar(NamedTuple):
    """``only_a``, ``only_b``: tickets that exactly one of the two got right; two-sided p, exact and mid-p."""

    only_a: int
    only_b: int
    exact: float
    mid_p: float


def mcnemar(right_a: NDArray[np.bool_], right_b: NDArray[np.bool_]) -> McNemar:
    """Whether two systems differ in accuracy, from (n,) masks of what each got right.

    Exact and mid-p (Fagerland, Lydersen, Laake, BMC Medical Research Methodology 2013, who recommend mid-p).
    """
    from scipy.stats import binom

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


class Paired(NamedTuple):
    """Two paired shares, as units saw them.

    Attributes:
        units: how many there are.
        better, worse: units in which the second system did better, or worse, than the first.
        difference: second minus first, over tickets.
        low, high: limits of it, each one-sided at :data:`LEVEL` (together two-sided 90 %).
        p: chance of at least so many worse units, were both equally good (exact, one-sided).
        two_sided: exact McNemar of the units.
    """

    units: int
    better: int
    worse: int
    difference: float
    low: float
    high: float
    p: float
    two_sided: float


def paired(first: NDArray[np.bool_], second: NDArray[np.bool_], units: Ints) -> Paired:
    """Compares two shares of the same n >= 1 tickets. A unit of several tickets is one voice, that of its balance.

    Tango's interval takes the tickets' counts scaled to the number of units: tickets of a unit say the same thing twice at
    worst, and then this is exact; where they differ it is on the wide side.
    """
    from scipy.stats import binom

    _, member = np.unique(units, return_inverse=True)
    balance = np.bincount(member, weights=second.astype(np.float64) - first)
    better, worse = int((balance > 0).sum()), int((balance < 0).sum())
    p = float(binom.cdf(better, better + worse, 0.5)) if better + worse else 1.0
    two = min(1.0, 2 * float(binom.cdf(min(better, worse), better + worse, 0.5))) if better + worse else 1.0
    n, scale = len(first), len(balance) / len(first)
    gained, lost = int((second & ~first).sum()), int((first & ~second).sum())
    low, high = tango(gained * scale, lost * scale, n * scale)
    return Paired(len(balance), better, worse, (gained - lost) / n, low, high, p, two)


def tango(gained: float, lost: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Limits of the difference of two paired shares, each one-sided at ``level``; [-1, 1] at most.

    Args:
        gained, lost: pairs that only the second, only the first, of both had; of ``n`` > 0 pairs.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    z = float(norm.ppf(level))
    seen = (gained - lost) / n

    def score(d: float) -> float:
        """Tango's statistic for the difference ``d``; falls as ``d`` grows."""
        a = 2 * n
        b = -gained - lost + (2 * n - gained + lost) * d
        c = -lost * d * (1 - d)
        q = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)  # share lost, most likely under d
        spread = n * (2 * q + d * (1 - d))
        return (gained - lost - n * d) / math.sqrt(max(spread, 1e-300))

    edge = 1 - 1e-9
    low = -1.0 if seen <= -edge or score(-edge) < z else float(brentq(lambda d: score(d) - z, -edge, seen))
    high = 1.0 if seen >= edge or score(edge) > -z else float(brentq(lambda d: score(d) + z, seen, edge))
    return low, high


def holm(p: Sequence[float], alpha: float) -> list[bool]:
    """Which of the hypotheses are rejected, so that the chance of any wrong rejection is at most ``alpha``."""
    out = [False] * len(p)
    for place, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[i] > alpha / (len(p) - place):
            break
        out[i] = True
    return out


def least_units(tests: int, alpha: float) -> int:
    """With fewer units a class cannot fail a test among ``tests``, even if every one of them got worse."""
    return math.ceil(math.log2(max(tests, 1) / alpha) - 1e-12)
