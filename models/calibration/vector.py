"""Vector scaling: a scale and a bias for each label (Guo et al., ICML 2017), shrunk towards temperature scaling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.loss import SHRINK, Doubles, log_loss, minimise, scale_of, softmax
from models.calibration.numbers import floats, only
from models.calibration.temperature import Temperature, fit_temperature

PULL = 1.0
"""L2 pull, in tickets, of each label's ln scale towards the common one: a label of a few tickets keeps the common scale."""


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """``softmax(scale * score + bias)``. ``scale``: (k,) float64, positive; ``bias``: (k,) float64, summing to 0."""

    scale: NDArray[np.float64]
    bias: NDArray[np.float64]

    method: ClassVar[str] = "vector"

    def apply(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n, k) scores -> (n, k) float64 probabilities; each row sums to 1."""
        return softmax(self.scale * scores.astype(np.float64) + self.bias)

    @property
    def affine(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scale and shift, each (k,): ``scale * score + shift`` orders the labels as the probabilities do."""
        return self.scale, self.bias

    def to_mapping(self) -> dict[str, Any]:
        return {"method": self.method, "scale": self.scale.tolist(), "bias": self.bias.tolist()}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], k: int) -> Vector:
        """Reads what :meth:`to_mapping` wrote, for ``k`` labels.

        Raises:
            ValueError: not that.
        """
        only(mapping, "scale", "bias")
        scale = floats(mapping["scale"], (k,), "scale")
        if (scale <= 0).any():
            raise ValueError(f"校准的 scale 都应大于 0；收到的有 {scale.min()}")
        return cls(scale, floats(mapping["bias"], (k,), "bias"))


def fit_vector(
    scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], start: Temperature | None = None
) -> Vector:
    """Scales and biases by penalised maximum likelihood.

    Args:
        scores: (n, k) held-out scores.
        labels: (n,) index of the true label.
        start: temperature scaling fitted on the same tickets, where there is one.
    """
    common = start or fit_temperature(scores, labels)
    x = common.scale * np.ascontiguousarray(scores.T, np.float64)
    k = len(x)
    centre = x.mean(axis=1)
    x -= centre[:, None]
    theta = minimise(lambda t: loss(t, x, centre + common.bias, labels), np.zeros(2 * k))
    stretch = scale_of(theta[:k])
    bias = common.bias + theta[k:] + centre - stretch * centre
    return Vector(common.scale * stretch, bias - bias.mean())


def loss(theta: Doubles, x: Doubles, shift: Doubles, labels: NDArray[np.integer[Any]]) -> tuple[float, Doubles]:
    """Penalised mean log loss and its gradient.

    Args:
        theta: (2 k,) ln scales, then biases: what is added to temperature scaling.
        x: (k, n) scores times the common scale, centred (so that scale and bias do not stand in for each other).
        shift: (k,) what the centre and temperature scaling's bias come to.
    """
    k, n = x.shape
    stretched = scale_of(theta[:k, None]) * x
    value, delta = log_loss(stretched + (shift + theta[k:])[:, None], labels)
    pull = np.repeat([PULL / n, SHRINK / n], k)
    value += float(pull @ theta**2)
    return value, np.concatenate([np.einsum("ij,ij->i", delta, stretched), delta.sum(axis=1)]) + 2 * pull * theta
