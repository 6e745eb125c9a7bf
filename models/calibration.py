"""From scores to probabilities that mean what they say.

Bias-corrected temperature scaling (Guo et al. 2017; Alexandari, Kundaje, Shrikumar 2020): ``softmax(scale * score + bias)``,
fitted by maximum likelihood on scores of tickets that the scoring model had not seen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SHRINK = 1e-2
"""L2 pull of the biases towards 0 and of the scale towards 1; keeps a handful of tickets from claiming certainty."""


class Calibration(NamedTuple):
    """``scale``: positive float; ``bias``: (labels,) float64, summing to 0."""

    scale: float
    bias: NDArray[np.float64]

    def apply(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n, labels) scores -> (n, labels) float64 probabilities; each row sums to 1."""
        z = self.scale * scores.astype(np.float64) + self.bias
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        return z


def fit_calibration(scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> Calibration:
    """Fits scale and biases by penalised maximum likelihood (L-BFGS).

    Args:
        scores: (n, labels) held-out scores.
        labels: (n,) index of the true label.
    """
    from scipy.optimize import minimize

    n, k = scores.shape
    hot = np.zeros((n, k))
    hot[np.arange(n), labels] = 1.0
    result = minimize(_loss, np.zeros(k + 1), args=(scores.astype(np.float64), hot), jac=True, method="L-BFGS-B")
    bias = result.x[1:] - result.x[1:].mean()
    return Calibration(float(np.exp(result.x[0])), bias)


def _loss(
    theta: NDArray[np.float64], scores: NDArray[np.float64], hot: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Penalised mean log loss and its gradient at ``theta`` = (ln scale, biases); ``hot``: (n, labels) one-hot truth."""
    n = len(scores)
    scale, bias = np.exp(theta[0]), theta[1:]
    z = scale * scores + bias
    z -= z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    delta = (np.exp(log_p) - hot) / n
    pull = _SHRINK / n
    value = -float((hot * log_p).sum()) / n + pull * float(theta @ theta)
    gradient = np.concatenate([[scale * float((delta * scores).sum())], delta.sum(axis=0)]) + 2 * pull * theta
    return value, gradient
