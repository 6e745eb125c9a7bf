"""Made-up answers of two models on the same tickets."""

from __future__ import annotations

import numpy as np

from training.judge.compare import HeadComparison, Side, compare_head
from training.judge.metrics import Ints

LABELS = ("a", "b", "c", "d", "e")


def side(answer: Ints, confidence: float = 0.9, automatic: bool | Ints = True, target: float | None = 0.5) -> Side:
    n = len(answer)
    return Side(
        np.asarray(answer, np.int64),
        np.full(n, confidence),
        np.broadcast_to(np.asarray(automatic, np.bool_), (n,)).copy(),
        target,
        frozenset(LABELS),
    )


def drawn(
    rng: np.random.Generator,
    n: int,
    first: float | list[float],
    second: float | list[float],
    *,
    shared: float = 0.8,
    shares: tuple[float, ...] = (0.4, 0.3, 0.15, 0.1, 0.05),
    copies: int = 1,
    draws: int = 200,
) -> HeadComparison:
    """Two models that are right with these chances (per label), on a share of tickets for the same reasons.

    Args:
        copies: so many tickets a unit, all answered alike.
    """
    k = len(LABELS)
    size = n // copies
    truth = rng.choice(k, size, p=shares)
    luck = rng.random((2, size))
    luck[1] = np.where(rng.random(size) < shared, luck[0], luck[1])
    answers = []
    for chance, one in zip((first, second), luck, strict=True):
        right = one < np.broadcast_to(np.asarray(chance), (k,))[truth]
        answers.append(np.where(right, truth, (truth + 1 + rng.integers(0, k - 1, size)) % k))
    truth, (a, b) = np.repeat(truth, copies), (np.repeat(answer, copies) for answer in answers)
    units = np.repeat(np.arange(size), copies)
    return compare_head("category", LABELS, [LABELS[i] for i in truth], units, side(a), side(b), draws=draws)
