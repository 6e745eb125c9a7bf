"""What is counted of a text to tell whether it looks like a ticket: known features, and Chinese characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureCounts, is_char
from features.segment import HAN_FIRST, HAN_LAST

MIN_DF = 2
"""In how many tickets a feature stands to be known, as in :func:`models.core.weight_table.build_vocabulary`."""


def measures(walked: NDArray[np.int64], han: NDArray[np.int64], signs: NDArray[np.int64]) -> NDArray[np.float64]:
    """(texts, 3) known share of word features, of character features, share of Chinese characters; of nothing it is 0."""
    part = np.stack([walked[:, 1], walked[:, 3], han], axis=1)
    whole = np.stack([walked[:, 0], walked[:, 2], signs], axis=1)
    out: NDArray[np.float64] = part / np.maximum(whole, 1)
    return out


def script(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(texts,) Chinese characters and (texts,) signs of any kind, after folding."""
    codes, bounds = batch.folded.codes, batch.folded.bounds
    so_far = np.concatenate([[0], np.cumsum((codes >= HAN_FIRST) & (codes <= HAN_LAST))])
    return so_far[bounds[1:]] - so_far[bounds[:-1]], np.diff(bounds) - 1


def tally(counts: FeatureCounts, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(texts, 4), see :meth:`Scope.walk`, of counted features of which some are known."""
    char = is_char(counts.keys)
    columns = (~char, ~char & known, char, char & known)
    so_far = [np.concatenate([[0], np.cumsum(counts.counts * column)]) for column in columns]
    return np.stack([total[counts.indptr[1:]] - total[counts.indptr[:-1]] for total in so_far], axis=1)


def stands_in(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which ``keys`` are among ``known``, which ascend."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: NDArray[np.bool_] = known[at] == keys
    return found


def seen_by_others(counts: FeatureCounts, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(nnz,) which features of a text would be known had nobody seen its group: tickets that have it, less its group's."""
    _, inverse, df = np.unique(counts.keys, return_inverse=True, return_counts=True)
    _, group, size = np.unique(groups, return_inverse=True, return_counts=True)
    owner = np.repeat(group, np.diff(counts.indptr))
    own = np.ones(len(inverse), np.int64)
    twins = size[owner] > 1
    pair = owner[twins] * np.int64(len(df)) + inverse[twins]
    _, which, times = np.unique(pair, return_inverse=True, return_counts=True)
    own[twins] = times[which]
    out: NDArray[np.bool_] = df[inverse] - own >= MIN_DF
    return out
