"""What the tests of calibration share: random scores, scores of a known make, the log loss."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIZES = {"seed": st.integers(0, 2**32 - 1), "n": st.integers(1, 60), "k": st.integers(2, 6)}
SPREAD = st.sampled_from([0.0, 0.01, 1.0, 50.0, 1e4])


def data(seed: int, n: int, k: int, spread: float = 2.0) -> tuple[Floats, Ints]:
    """Scores that say nothing of the labels."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, k)) * spread, rng.integers(0, k, n)


def drawn(p: Floats, seed: int) -> Ints:
    """(n,) a label for each row of probabilities."""
    uniform = np.random.default_rng(seed).random((len(p), 1))
    return np.minimum((p.cumsum(axis=1) < uniform).sum(axis=1), p.shape[1] - 1)


def softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_loss(p: Floats, labels: Ints) -> float:
    return -float(np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-300)).mean())


def are_probabilities(p: Floats, shape: tuple[int, ...]) -> None:
    assert p.dtype == np.float64
    assert p.shape == shape
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    assert np.allclose(p.sum(axis=1), 1.0, atol=1e-12)
