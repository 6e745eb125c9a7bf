"""One-against-rest isotonic regression on temperature-scaled probabilities, normalised (Zadrozny, Elkan, KDD 2002).

Each label's share of hits rises with its probability and is otherwise free. It is pooled from neighbours (PAV) and read by
straight lines between the pools' centres, so that two tickets of one pool are still told apart. Temperature scaling comes
first because a raw one-against-rest score knows nothing of the other labels' scores.

No certainty is invented: one counter-example is added at each end, a hit at the lowest probability and a miss at the
highest, where a Venn–Abers predictor would put the ticket that is asked about (Vovk, Petej, UAI 2014). After m tickets
without an error the most that a curve claims is m / (m + 1), and nothing is ever 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.numbers import floats, only
from models.calibration.temperature import Temperature, fit_temperature

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Isotonic:
    """Attributes:
    first: temperature scaling, whose probabilities the curves bend.
    curves: for each of k labels its knots, two float64 arrays of one length: probabilities, strictly rising, and shares of
        hits at them, never falling, strictly between 0 and 1; the curve is level beyond its ends.
    """

    first: Temperature
    curves: tuple[Curve, ...]

    method: ClassVar[str] = "isotonic"

    def apply(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n, k) scores -> (n, k) float64 probabilities; each row sums to 1."""
        p = self.first.apply(scores)
        for c, (x, y) in enumerate(self.curves):
            p[:, c] = np.interp(p[:, c], x, y)
        p /= p.sum(axis=1, keepdims=True)
        return p

    @property
    def affine(self) -> None:
        """The curves bend: no scale and shift keeps the order."""
        return None

    def to_mapping(self) -> dict[str, Any]:
        curves = [[x.tolist(), y.tolist()] for x, y in self.curves]
        return {**self.first.to_mapping(), "method": self.method, "curves": curves}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], k: int) -> Isotonic:
        """Reads what :meth:`to_mapping` wrote, for ``k`` labels.

        Raises:
            ValueError: not that.
        """
        only(mapping, "scale", "bias", "curves")
        first = Temperature.from_mapping({key: mapping[key] for key in ("method", "scale", "bias")}, k)
        given = mapping["curves"]
        if not isinstance(given, list) or len(given) != k:
            raise ValueError(f"校准的 curves 应是 {k} 条曲线的列表")
        return cls(first, tuple(_curve(one, c) for c, one in enumerate(given)))


def _curve(given: Any, c: int) -> Curve:
    x, y = floats(given, (2, -1), f"curves[{c}]")
    if (np.diff(x) <= 0).any():
        raise ValueError(f"校准的 curves[{c}] 的横坐标应严格递增")
    if (np.diff(y) < 0).any():
        raise ValueError(f"校准的 curves[{c}] 的概率不应下降")
    if y[0] <= 0 or y[-1] >= 1:
        raise ValueError(f"校准的 curves[{c}] 的概率应在 0 与 1 之间，不含两端")
    return x, y


def fit_isotonic(
    scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], start: Temperature | None = None
) -> Isotonic:
    """One curve a label.

    Args:
        scores: (n, k) held-out scores.
        labels: (n,) index of the true label.
        start: temperature scaling fitted on the same tickets, where there is one.
    """
    first = start or fit_temperature(scores, labels)
    p = first.apply(scores)
    return Isotonic(first, tuple(_fit(p[:, c], labels == c) for c in range(p.shape[1])))


def _fit(said: NDArray[np.float64], hit: NDArray[np.bool_]) -> Curve:
    from scipy.optimize import isotonic_regression

    order = np.argsort(said, kind="stable")
    first = np.flatnonzero(np.diff(said[order], prepend=-np.inf) > 0)  # equal probabilities are one point
    x = said[order][first]
    weight = np.diff(first, append=len(said)).astype(np.float64)
    hits = np.add.reduceat(hit[order].astype(np.float64), first)
    hits[0] += 1  # the counter-examples
    weight[0] += 1
    weight[-1] += 1
    blocks = isotonic_regression(hits / weight, weights=weight).blocks[:-1]
    whole = np.add.reduceat(weight, blocks)
    centre = np.add.reduceat(weight * x, blocks) / whole
    share = np.add.reduceat(hits, blocks) / whole
    apart = np.diff(centre, prepend=-np.inf) > 0  # so close that their centres round to one number
    return centre[apart], np.maximum.accumulate(share[apart])
