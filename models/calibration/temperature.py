"""Bias-corrected temperature scaling (Guo et al., ICML 2017; Alexandari, Kundaje, Shrikumar, ICML 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.loss import SHRINK, Doubles, log_loss, minimise, scale_of, softmax
from models.calibration.numbers import floats, only


@dataclass(frozen=True, slots=True, eq=False)
class Temperature:
    """``softmax(scale * score + bias)``. ``scale``: positive float; ``bias``: (k,) float64, summing to 0."""

    scale: float
    bias: NDArray[np.float64]

    method: ClassVar[str] = "temperature"

    def apply(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n, k) scores -> (n, k) float64 probabilities; each row sums to 1."""
        return softmax(self.scale * scores.astype(np.float64) + self.bias)

    @property
    def affine(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scale and shift, each (k,): ``scale * score + shift`` orders the labels as the probabilities do."""
        return np.full(len(self.bias), self.scale), self.bias

    def to_mapping(self) -> dict[str, Any]:
        return {"method": self.method, "scale": self.scale, "bias": self.bias.tolist()}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], k: int) -> Temperature:
        """Reads what :meth:`to_mapping` wrote, for ``k`` labels.

        Raises:
            ValueError: not that.
        """
        only(mapping, "scale", "bias")
        scale = float(floats(mapping["scale"], (), "scale"))
        if scale <= 0:
            raise ValueError(f"校准的 scale 应大于 0；收到的是 {scale}")
        return cls(scale, floats(mapping["bias"], (k,), "bias"))


def fit_temperature(scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> Temperature:
    """Scale and biases by penalised maximum likelihood.

    Args:
        scores: (n, k) held-out scores.
        labels: (n,) index of the true label.
    """
    by_label = np.ascontiguousarray(scores.T, np.float64)
    theta = minimise(lambda t: loss(t, by_label, labels), np.zeros(len(by_label) + 1))
    bias = theta[1:] - theta[1:].mean()
    return Temperature(float(scale_of(theta[0])), bias)


def loss(theta: Doubles, scores: Doubles, labels: NDArray[np.integer[Any]]) -> tuple[float, Doubles]:
    """Penalised mean log loss and its gradient at ``theta`` = (ln scale, biases); ``scores``: (k, n)."""
    scale, bias = scale_of(theta[0]), theta[1:, None]
    value, delta = log_loss(scale * scores + bias, labels)
    pull = SHRINK / len(labels)
    value += pull * float(theta @ theta)
    return value, np.concatenate([[scale * np.vdot(delta, scores)], delta.sum(axis=1)]) + 2 * pull * theta
