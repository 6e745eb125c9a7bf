"""The error of automatic answers from a random sample of them, with 95 % intervals. Pure.

Every answer that was looked at stands for ``1 / rate`` answers (Horvitz, Thompson 1952), and the error is the weighted share
of wrong ones (Hájek 1971). Three intervals, each for its case:

- one rate, number of all answers known: exact, from the hypergeometric distribution (Konijn 1973; Wright 1991). When all were
  looked at it is a point;
- one rate, number unknown: exact, from the binomial distribution (Clopper, Pearson 1934), which is wider than it need be;
- several rates: Clopper–Pearson on an effective sample size (Korn, Graubard 1998), which is here the smaller one of theirs
  (from the estimate's variance) and of Kish's (1965, from the weights alone). Theirs alone is too bold while the rarely
  drawn part has shown no error yet.

Answers are taken as independent of each other. Audits that nobody answered are taken as missing by chance *within* each rate;
how many there are is always said beside the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
_TAIL = (1 - LEVEL) / 2

EstimateMethod = Literal["hypergeometric", "clopper_pearson", "korn_graubard", "none"]

Interval = tuple[float, float]
Floats = NDArray[np.float64]


class ShareJson(TypedDict):
    """``wrong`` of ``n`` with its interval; ``error``, ``low`` and ``high`` are None where nothing was looked at."""

    n: int
    wrong: int
    error: float | None
    low: float | None
    high: float | None


class EstimateJson(ShareJson):
    """An :class:`Estimate` as plain data."""

    population: int | None
    effective: float
    method: EstimateMethod


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of wrong answers; ``error``, ``low`` and ``high`` are None where nothing was looked at.

    Attributes:
        n: answers that were looked at; ``wrong``: those among them that were wrong.
        population: all answers they stand for; None where that is not known.
        effective: how many answers of one rate would say as much.
        method: by which the interval was computed.
    """

    n: int
    wrong: int
    error: float | None
    low: float | None
    high: float | None
    population: int | None
    effective: float
    method: EstimateMethod

    def to_json(self) -> EstimateJson:
        """Plain data; shares keep six decimals."""
        return {
            "n": self.n,
            "wrong": self.wrong,
            "error": _rounded(self.error),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "population": self.population,
            "effective": round(self.effective, 1),
            "method": self.method,
        }


def weights(rates: Floats, answered: NDArray[np.bool_]) -> Floats:
    """(n,) what each drawn answer stands for: ``1 / rate``, raised for those of the same rate that nobody looked at.

    Not answered: 0. (Weighting-class adjustment; Oh, Scheuren 1983.)
    """
    out = np.zeros(len(rates))
    for rate in np.unique(rates):
        drawn = rates == rate
        share = float(answered[drawn].mean())
        if share > 0:
            out[drawn & answered] = 1 / (rate * share)
    return out


def estimate(wrong: NDArray[np.bool_], weight: Floats, population: int | None = None) -> Estimate:
    """The error of the answers that the sample stands for.

    Args:
        wrong: (n,) whether each answer was wrong.
        weight: (n,) what each stands for, above 0; see :func:`weights`.
        population: how many answers there are in all, where that is known.
    """
    n = len(wrong)
    if n == 0:
        return Estimate(0, 0, None, None, None, population, 0.0, "none")
    errors = int(wrong.sum())
    if float(np.ptp(weight)) <= 1e-9 * float(weight.max()):
        if population is not None and population >= n:
            low, high = finite_interval(errors, n, population)
            return Estimate(n, errors, errors / n, low, high, population, float(n), "hypergeometric")
        low, high = interval(errors, n)
        return Estimate(n, errors, errors / n, low, high, population, float(n), "clopper_pearson")
    share = float(np.average(wrong, weights=weight))
    size = _effective(wrong, weight, share)
    low, high = interval(share * size, size)
    return Estimate(n, errors, share, low, high, population, size, "korn_graubard")


def interval(errors: float, n: float) -> Interval:
    """Exact interval of a share (Clopper, Pearson 1934); ``n`` above 0, neither need be whole (Korn, Graubard 1998)."""
    from scipy.special import betaincinv

    low = 0.0 if errors <= 0 else float(betaincinv(errors, n - errors + 1, _TAIL))
    high = 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, 1 - _TAIL))
    return low, high


def finite_interval(errors: int, n: int, population: int) -> Interval:
    """Exact interval of the share of wrong answers among ``population``, ``n`` of which were drawn without replacement.

    The share of every number of wrong ones under which what was seen is not in a tail of 2.5 % (Konijn 1973).
    """
    least, most = errors, population - (n - errors)
    low = _first(least, most, lambda d: 1 - _cdf(errors - 1, d, n, population) > _TAIL)
    high = _first(least, most + 1, lambda d: d > most or _cdf(errors, d, n, population) <= _TAIL) - 1
    return low / population, max(high, least) / population


def worst(errors: int, n: int, missing: int) -> Interval:
    """The share if all that nobody looked at were right, and if all were wrong (Manski 1989): no assumption at all."""
    drawn = n + missing
    return (errors / drawn, (errors + missing) / drawn) if drawn else (0.0, 1.0)


def _first(low: int, high: int, true: Any) -> int:
    """The smallest number in [low, high] for which ``true`` holds, which it does from there on and at ``high``."""
    while low < high:
        middle = (low + high) // 2
        if true(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _cdf(k: int, bad: int, n: int, population: int) -> float:
    """P(at most ``k`` of ``n`` drawn are bad) when ``bad`` of ``population`` are."""
    from scipy.special import gammaln

    first = max(0, n - (population - bad))
    if k < first:
        return 0.0
    x = np.arange(first, min(k, bad, n) + 1)

    def choose(a: Any, b: Any) -> Any:
        return gammaln(a + 1) - gammaln(b + 1) - gammaln(a - b + 1)

    logs = choose(bad, x) + choose(population - bad, n - x) - choose(population, n)
    return min(1.0, float(np.exp(logs).sum()))


def _effective(wrong: NDArray[np.bool_], weight: Floats, share: float) -> float:
    total = float(weight.sum())
    kish = total**2 / float((weight**2).sum())
    spread = float(((weight * (wrong - share)) ** 2).sum()) / total**2
    return kish if spread == 0 else min(kish, share * (1 - share) / spread)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
