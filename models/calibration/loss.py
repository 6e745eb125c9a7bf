"""What the fitted calibrations share: the log loss with its gradient, and the softmax that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

SHRINK = 1e-2
"""L2 pull, in tickets, on biases and on the logarithm of the scale; keeps a handful of tickets from claiming certainty."""

_REACH = 30.0
"""The largest logarithm of a scale; e^30 is more than any score needs."""


def softmax(z: Doubles) -> Doubles:
    """(n, k) logits -> probabilities by row, in place."""
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


def log_loss(z: Doubles, labels: NDArray[np.integer[Any]]) -> tuple[float, Doubles]:
    """Mean log loss of the softmax, and its gradient by the logits.

    Args:
        z: (k, n) logits, one *column* a ticket (sums over labels then run along memory); overwritten.
        labels: (n,) index of the true label.

    Returns:
        The loss, and (k, n) (probability − truth) / n.
    """
    n = z.shape[1]
    tickets = np.arange(n)
    z -= z.max(axis=0)
    own = z[labels, tickets]
    np.exp(z, out=z)
    total = z.sum(axis=0)
    value = float((np.log(total) - own).sum()) / n
    z /= total * n
    z[labels, tickets] -= 1.0 / n
    return value, z


def scale_of(logarithm: Doubles) -> Doubles:
    """e to its power, held finite: a bold step of the search must cost much, not overflow."""
    return np.asarray(np.exp(np.minimum(logarithm, _REACH)))


def minimise(loss: Callable[[Doubles], tuple[float, Doubles]], start: Doubles) -> Doubles:
    """The parameters where ``loss`` (value and gradient) is least; L-BFGS."""
    from scipy.optimize import minimize

    # A hundred-millionth of the loss is far below what any number of tickets can tell apart.
    options = {"ftol": 1e-8, "maxiter": 500}
    found: Doubles = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return found
