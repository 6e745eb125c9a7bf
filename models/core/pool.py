"""Several scorers, one opinion: log-linear pooling with weights learned on held-out scores.

``sum over members of weight * score``, weights not negative (Genest, Zidek 1986; stacking, Wolpert 1992): a member that adds
nothing gets 0 and need not be asked. What comes out is a score like any other and is calibrated like one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def pool(scores: list[NDArray[np.floating[Any]]], weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """(n, labels) pooled scores of one (n, labels) array per member."""
    return np.asarray(sum(w * s for w, s in zip(weights.tolist(), scores, strict=True)), np.float32)


def fit_pool(scores: list[NDArray[np.floating[Any]]], truth: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """(members,) weights, >= 0, that maximise the likelihood of the held-out labels (L-BFGS-B, with a bias per label).

    Args:
        scores: per member (n, labels), of tickets it had not seen.
        truth: (n,) index of the true label.
    """
    from scipy.optimize import minimize

    n, k = scores[0].shape
    members = len(scores)
    spread = np.array([float(s.std()) or 1.0 for s in scores])
    z = np.stack([s.astype(np.float64) / d for s, d in zip(scores, spread, strict=True)])  # (members, n, k)
    hot = np.zeros((n, k))
    hot[np.arange(n), truth] = 1.0

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logit = np.tensordot(theta[:members], z, axes=1) + theta[members:]  # (n, k)
        logit -= logit.max(axis=1, keepdims=True)
        log_p = logit - np.log(np.exp(logit).sum(axis=1, keepdims=True))
        delta = (np.exp(log_p) - hot) / n
        pull = 1e-2 / n
        value = -float((hot * log_p).sum()) / n + pull * float(theta @ theta)
        slope = np.concatenate([np.tensordot(z, delta, axes=([1, 2], [0, 1])), delta.sum(axis=0)])
        return value, slope + 2 * pull * theta

    start = np.concatenate([np.full(members, 1.0), np.zeros(k)])
    bounds = [(0.0, None)] * members + [(None, None)] * k
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x[:members]
    return np.asarray(found / spread, np.float64)
