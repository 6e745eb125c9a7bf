"""Which tickets a score may be trusted on: inner folds, and blocks in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triage.errors import TrainingError

FOLDS = 5
BLOCKS = 5
"""Blocks in time, of equal size; the last three are scored by machines that know only what came before."""

FIRST_LATER = 2
"""First block whose tickets are scored by the past: before it there is too little to learn from."""

LEAST_LATER = 300
"""With fewer tickets of known date, "later" would be a few dozen, and no promise could be tested on them."""

_DATED = 0.8
"""Share of the tickets that must carry a date before time decides."""


def deal(head: str, truth: NDArray[np.int64], groups: NDArray[np.int64], k: int, seed: int) -> NDArray[np.int64]:
    """(n,) fold of each ticket: whole groups are dealt out so that each label is spread over the folds.

    Raises:
        TrainingError: all tickets are near-duplicates of each other.
    """
    rng = np.random.default_rng(seed)
    _, member = np.unique(groups, return_inverse=True)
    count = int(member.max()) + 1
    if count < 2:
        raise TrainingError(
            f"{head} 的 {len(truth)} 条带标签的工单彼此都是重复，至少要有两条不同的才能训练；请补上别的工单", field=head
        )
    folds = min(FOLDS, count)
    first = np.full(count, -1, np.int64)
    first[member[::-1]] = truth[::-1]  # a group is dealt with the label of its first ticket
    out = np.empty(count, np.int64)
    offset = 0
    for c in range(k):
        mine = rng.permutation(np.flatnonzero(first == c))
        out[mine] = (np.arange(len(mine)) + offset) % folds
        offset += len(mine)
    return out[member]


def blocks(when: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """(n,) block in time of each ticket, 0 the oldest; None when too few are dated.

    Args:
        when: (n,) seconds since an epoch, NaN where unknown; tickets without a date come in block 0, to be learned from only.
        groups: (n,) near-duplicates share one and stay together, at the date of the first.
    """
    dated = np.isfinite(when)
    if dated.sum() < max(LEAST_LATER, _DATED * len(when)):
        return None
    _, member = np.unique(groups, return_inverse=True)
    first = np.full(int(member.max()) + 1, np.inf)
    np.minimum.at(first, member[dated], when[dated])
    at = first[member]
    known = np.sort(at[np.isfinite(at)])
    edges = known[[len(known) * b // BLOCKS for b in range(1, BLOCKS)]]
    if len(np.unique(edges)) < len(edges):
        return None  # half the tickets carry one and the same date: no order to speak of
    out = np.searchsorted(edges, at, side="right").astype(np.int64)
    out[~np.isfinite(at)] = 0
    return out
