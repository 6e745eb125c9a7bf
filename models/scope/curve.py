"""What training tickets of a given length have on average, and how widely they differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_ENOUGH = 200
"""Tickets from which on mean and spread follow the length; fewer tell only a mean."""

_LEAST_SPREAD = 0.02
"""Smallest standard deviation of a share: tickets that are all alike must not make one slip look impossible."""

_STEPS = 20
"""Scoring steps; a handful is enough, and each costs one small least squares."""

_FREE = np.array([0.0, 0.0, 1.0, 0.0])
"""Standard deviations that each measure may fall short for nothing. The share of Chinese characters is there for what is
no Chinese text; counted in full, tickets with many numbers would take up the ranks that another business should get."""

_COUNTS = np.sqrt([1.0, 1.0, 1.0, 3.0])
"""What a standard deviation of each measure counts: the contrast, where there is one, tells more than the others together
(its square counted 1 to 4 times was tried; from 2 on it makes little difference)."""


class Curves(NamedTuple):
    """Expectation and spread of each measure by ``u = ln(1 + length)``.

    Attributes:
        range: (2,) float64 smallest and largest ``u`` that was fitted; beyond, the means go on level.
        mean: (measures, 3) float64 polynomial in ``u``, constant first.
        spread: (measures, 2) float64 the same of the log variance.
    """

    range: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    def distance(self, x: NDArray[np.float64], length: NDArray[np.int64]) -> NDArray[np.float64]:
        """(texts,) by how many standard deviations the measures ``x`` (texts, measures) fall short, as a root of squares."""
        u = np.log1p(length)
        mean = _basis(np.clip(u, *self.range)) @ self.mean.T
        k = x.shape[1]
        short = np.minimum((x - mean) / np.sqrt(self._variance(u)) + _FREE[:k], 0.0) * _COUNTS[:k]
        out: NDArray[np.float64] = np.sqrt((short**2).sum(axis=1))
        return out

    def _variance(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """(texts, measures); it goes on growing for texts shorter than any: of a single word all or nothing is known."""
        logs = _basis(np.minimum(u, self.range[1]))[:, :2] @ self.spread.T
        found: NDArray[np.float64] = np.exp(np.clip(logs, 2 * np.log(_LEAST_SPREAD), 0.0))
        return found


def fit_curves(x: NDArray[np.float64], length: NDArray[np.int64]) -> Curves:
    """Least squares for the mean, then maximum likelihood for the log variance of the residuals, by scoring from a start by
    least squares (Harvey, Econometrica 1976). That start alone is biased: its floor flattens the curve.

    Args:
        x: (texts, measures) shares.
        length: (texts,) lengths.
    """
    n, k = x.shape
    mean, spread = np.zeros((k, 3)), np.zeros((k, 2))
    if n == 0:
        return Curves(np.zeros(2), mean, spread)
    u = np.log1p(length)
    ends = np.quantile(u, [0.005, 0.995])
    basis = _basis(np.clip(u, *ends))
    bends, slopes = (3, 2) if n >= _ENOUGH else (1, 1)
    mean[:, :bends] = np.linalg.lstsq(basis[:, :bends], x, rcond=None)[0].T
    squares = (x - basis @ mean.T) ** 2
    part = basis[:, :slopes]
    spread[:, :slopes] = np.linalg.lstsq(part, np.log(squares + _LEAST_SPREAD**2), rcond=None)[0].T
    for _ in range(_STEPS):
        fitted = np.exp(np.clip(part @ spread[:, :slopes].T, 2 * np.log(_LEAST_SPREAD), 0.0))
        spread[:, :slopes] += np.linalg.lstsq(part, squares / fitted - 1.0, rcond=None)[0].T.clip(-1.0, 1.0)
    rising = spread[:, 1] > 0  # longer texts do not differ more, and ones shorter than any must not differ less
    level = np.log(squares.mean(axis=0) + _LEAST_SPREAD**2)
    spread[rising] = np.stack([level, np.zeros(k)], axis=1)[rising]
    return Curves(ends, mean, spread)


def _basis(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(u), u, u * u], axis=1)
