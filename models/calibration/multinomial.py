"""Multinomial logistic regression on the scores, its off-diagonal weights shrunk (Kull et al., NeurIPS 2019).

The form is matrix scaling (Guo et al., ICML 2017); the shrinkage of off-diagonal weights and biases (ODIR) is that of
Dirichlet calibration. Here the weights are pulled towards temperature scaling's instead of zero, so that with few tickets
the other labels' scores count for little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.loss import SHRINK, Doubles, log_loss, minimise, softmax
from models.calibration.numbers import floats, only
from models.calibration.temperature import Temperature, fit_temperature

PULL = 0.25
"""L2 pull, in tickets, on a label's weight on its own score towards temperature scaling's; scores in units of their spread."""

PULL_OTHERS = 8.0
"""The same on its weights on the other labels' scores, of which there are many. Of 2, 8, 32, 128 this had the lowest
held-out log loss on average over nine heads of the training data (2 to 13 labels); between 2 and 32 little changes."""


@dataclass(frozen=True, slots=True, eq=False)
class Multinomial:
    """``softmax(weights @ score + bias)``. ``weights``: (k, k) float64, a row a label; ``bias``: (k,), summing to 0."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    method: ClassVar[str] = "multinomial"

    def apply(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n, k) scores -> (n, k) float64 probabilities; each row sums to 1."""
        return softmax(scores.astype(np.float64) @ self.weights.T + self.bias)

    @property
    def affine(self) -> None:
        """A label's probability depends on all scores: no scale and shift of its own keeps the order."""
        return None

    def to_mapping(self) -> dict[str, Any]:
        return {"method": self.method, "weights": self.weights.tolist(), "bias": self.bias.tolist()}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], k: int) -> Multinomial:
        """Reads what :meth:`to_mapping` wrote, for ``k`` labels.

        Raises:
            ValueError: not that.
        """
        only(mapping, "weights", "bias")
        return cls(floats(mapping["weights"], (k, k), "weights"), floats(mapping["bias"], (k,), "bias"))


def fit_multinomial(
    scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], start: Temperature | None = None
) -> Multinomial:
    """Weights and biases by penalised maximum likelihood.

    Args:
        scores: (n, k) held-out scores.
        labels: (n,) index of the true label.
        start: temperature scaling fitted on the same tickets, where there is one.
    """
    common = start or fit_temperature(scores, labels)
    x = np.ascontiguousarray(scores.T, np.float64)
    k, n = x.shape
    logits = common.scale * x + common.bias[:, None]
    centre = x.mean(axis=1)
    x -= centre[:, None]
    unit = float(x.std()) or 1.0
    x /= unit
    size, basis = np.linalg.eigh(x @ x.T / n)
    # One-against-rest scores fall together; with their spread made equal in all directions a tenth of the steps is enough.
    whiten = (basis / np.sqrt(np.maximum(size, 0.0) + PULL_OTHERS / n)) @ basis.T
    spread = whiten @ x
    theta = minimise(lambda t: loss(t, logits, spread, whiten, labels), np.zeros(k * k + k))
    away = theta[: k * k].reshape(k, k) @ whiten / unit
    bias = common.bias + theta[k * k :] - away @ centre
    return Multinomial(common.scale * np.eye(k) + away, bias - bias.mean())


def loss(
    theta: Doubles, logits: Doubles, spread: Doubles, whiten: Doubles, labels: NDArray[np.integer[Any]]
) -> tuple[float, Doubles]:
    """Penalised mean log loss and its gradient.

    Args:
        theta: (k * k + k,) weights on ``spread`` row by row, then biases: what is added to temperature scaling.
        logits: (k, n) temperature scaling's.
        spread: (k, n) ``whiten`` times the centred scores in units of their spread.
        whiten: (k, k); the pull is on the weights as they are without it.
    """
    k, n = logits.shape
    weights, bias = theta[: k * k].reshape(k, k), theta[k * k :]
    value, delta = log_loss(logits + weights @ spread + bias[:, None], labels)
    away = weights @ whiten
    pull = np.where(np.eye(k, dtype=bool), PULL, PULL_OTHERS) / n * away
    value += float(np.vdot(pull, away)) + SHRINK / n * float(bias @ bias)
    by_weights = delta @ spread.T + 2 * pull @ whiten.T
    return value, np.concatenate([by_weights.ravel(), delta.sum(axis=1) + 2 * SHRINK / n * bias])
