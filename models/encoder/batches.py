"""Tickets of like length together, so that little is padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_POOL = 50
"""Batches that are drawn together and sorted by length among themselves."""

_GRAIN = 8
"""Sizes that texts are padded to are multiples of this."""


def plan(lengths: NDArray[np.int64], rows: NDArray[np.int64], batch: int, seed: int) -> list[NDArray[np.int64]]:
    """A random order of ``rows`` in batches of near-equal lengths; each row once. A pure function of its arguments."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(rows)
    out = []
    for start in range(0, len(order), batch * _POOL):
        pool = order[start : start + batch * _POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        out += [pool[i : i + batch] for i in range(0, len(pool), batch)]
    return [out[i] for i in rng.permutation(len(out))]


def by_length(lengths: NDArray[np.int64], tokens: int) -> Iterator[NDArray[np.int64]]:
    """All rows, shortest first, in batches of at most ``tokens`` padded tokens (a single text may have more)."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    for stop in range(1, len(order) + 1):
        if stop == len(order) or (stop + 1 - start) * int(lengths[order[stop]]) > tokens:
            yield order[start:stop]
            start = stop


def by_size(lengths: NDArray[np.int64], longest: int, tokens: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """All rows in batches of at most ``tokens`` padded tokens, with the size that each text of the batch is padded to.

    The size follows from a text's own length alone, and texts of the greatest length (which need no padding, so that the
    attention takes another path) are kept apart: a text is computed the same way whatever texts stand beside it.
    """
    sizes = np.minimum((lengths // _GRAIN + 1) * _GRAIN, longest)
    for kind in np.unique(sizes + (lengths == longest)).tolist():
        rows = np.flatnonzero(sizes + (lengths == longest) == kind)
        size = min(int(kind), longest)
        step = max(1, tokens // size)
        for start in range(0, len(rows), step):
            yield rows[start : start + step], size


def pad(ids: Sequence[NDArray[np.int32]], filler: int) -> tuple[Tensor, Tensor]:
    """b texts -> ids (b, t) int64 and mask (b, t) bool, t the longest length."""
    longest = max(len(i) for i in ids)
    out = np.full((len(ids), longest), filler, np.int64)
    mask = np.zeros((len(ids), longest), bool)
    for row, i in enumerate(ids):
        out[row, : len(i)] = i
        mask[row, : len(i)] = True
    return torch.from_numpy(out), torch.from_numpy(mask)
