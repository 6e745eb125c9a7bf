"""The weight table of a linear model: one row for every known feature, one column for every label of every head.

All heads are scored in one walk over a ticket's features. A row is found by open addressing on the feature's 64-bit key,
so a feature costs one probe and one cache line or two, whatever the number of heads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.hashing import Batch, Counts, FeatureSettings, emit, is_char, most_features, weight
from triage.errors import TrainingError


class Vocabulary(NamedTuple):
    """Known features. ``keys``: (v,) uint64, ascending; ``idf``: (v,) float32."""

    keys: NDArray[np.uint64]
    idf: NDArray[np.float32]


class Matrix(NamedTuple):
    """A sparse float32 matrix in CSR parts, (texts, v), each block of each row scaled to unit length."""

    data: NDArray[np.float32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]


def build_vocabulary(counts: Counts, min_df: int = 2) -> Vocabulary:
    """Features that stand in at least ``min_df`` texts, with smoothed IDF ln((1 + n) / (1 + df)) + 1."""
    keys, df = np.unique(counts.keys, return_counts=True)
    kept = df >= min_df
    texts = counts.indptr.shape[0] - 1
    idf = np.log((1.0 + texts) / (1.0 + df[kept])) + 1.0
    return Vocabulary(keys[kept], idf.astype(np.float32))


def to_matrix(counts: Counts, vocabulary: Vocabulary) -> Matrix:
    """Weighs counted features for fitting."""
    position = np.searchsorted(vocabulary.keys, counts.keys)
    position[position == len(vocabulary.keys)] = 0
    known = vocabulary.keys[position] == counts.keys if len(vocabulary.keys) else np.zeros(len(position), bool)
    row = np.repeat(np.arange(len(counts.indptr) - 1), np.diff(counts.indptr))[known]
    column = position[known].astype(np.int32)
    value = (1.0 + np.log(counts.counts[known])) * vocabulary.idf[column]
    block = row * 2 + is_char(counts.keys[known])
    norm = np.sqrt(np.bincount(block, weights=value**2, minlength=2 * (len(counts.indptr) - 1)))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(counts.indptr) - 1))])
    return Matrix((value / norm[block]).astype(np.float32), column, indptr.astype(np.int64))


class Table(NamedTuple):
    """Ready to score, laid out so that a feature costs two cache misses and not four.

    Attributes:
        slots: (2^m,) uint64; the key's upper 40 bits and the row number plus one in the lower 24; 0 is empty. With the
            address from the key's low bits, two features are confused only when 59 or more of 64 bits agree.
        lines: (v, 1 + outputs) float32; IDF, then the weights of every output.
        bias: (outputs,) float32.
    """

    slots: NDArray[np.uint64]
    lines: NDArray[np.float32]
    bias: NDArray[np.float32]


MOST_ROWS = (1 << 24) - 2
"""Most features a table can hold."""


def build_table(vocabulary: Vocabulary, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> Table:
    """Lays the vocabulary out for probing, at most half full. ``weights``: (v, outputs)."""
    if len(vocabulary.keys) > MOST_ROWS:
        raise TrainingError(
            f"特征有 {len(vocabulary.keys):,} 个，上限是 {MOST_ROWS:,}；请减少工单或提高最小出现次数", field="text"
        )
    slots = np.zeros(1 << max(19, int(2 * len(vocabulary.keys)).bit_length()), np.uint64)
    _fill(vocabulary.keys, slots)
    lines = np.ascontiguousarray(np.hstack([vocabulary.idf[:, None], weights]), np.float32)
    return Table(slots, lines, bias.astype(np.float32))


class Heads(NamedTuple):
    """Where each head's outputs stand, and what makes scores comparable.

    Attributes:
        groups: (heads + 1,) int64; head ``h`` owns the columns ``groups[h]:groups[h + 1]``.
        scale: (heads,) float64 and shift: (outputs,) float64 of the calibration; the answer of a head is the column with the
            largest ``scale * score + shift``.
    """

    groups: NDArray[np.int64]
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]


class Scored(NamedTuple):
    """What one pass over a batch gives.

    Attributes:
        scores: (texts, outputs) float32.
        best: (texts, heads) int32 index of the answer within its head.
        known: (texts,) int32 how many distinct known features each text has.
        shares: (heads, code points) float32, empty unless asked for: what each folded code point adds to
            ``score[answer] - mean(scores of the head)``. Summed over a text it is that difference without the biases: a
            feature's part is divided evenly over its occurrences, an occurrence's evenly over its characters.
    """

    scores: NDArray[np.float32]
    best: NDArray[np.int32]
    known: NDArray[np.int32]
    shares: NDArray[np.float32]


def score(batch: Batch, settings: FeatureSettings, table: Table, heads: Heads, *, explain: bool = False) -> Scored:
    """Scores a read batch, all heads in one pass; with ``explain`` the scores are also split over the characters."""
    f = batch.folded
    return Scored(
        *_score(
            f.codes, f.runs, f.bounds, batch.ends, settings.word_ngram, settings.char_ngram, *table, *heads, explain
        )
    )


_ROW_BITS = np.uint64((1 << 24) - 1)


@njit(cache=True, nogil=True)
def _fill(keys, slots):  # type: ignore[no-untyped-def]
    mask = np.uint64(slots.shape[0] - 1)
    for row in range(keys.shape[0]):
        at = keys[row] & mask
        while slots[at] != np.uint64(0):
            at = (at + np.uint64(1)) & mask
        slots[at] = (keys[row] & ~_ROW_BITS) | np.uint64(row + 1)


@njit(cache=True, nogil=True, inline="always")
def _row(key, slots):  # type: ignore[no-untyped-def]
    """Row of ``key`` or -1. The key is a finished hash, so its low bits are the address."""
    mask = np.uint64(slots.shape[0] - 1)
    at = key & mask
    name = key & ~_ROW_BITS
    while slots[at] != np.uint64(0):
        if (slots[at] & ~_ROW_BITS) == name:
            return np.int32(slots[at] & _ROW_BITS) - np.int32(1)
        at = (at + np.uint64(1)) & mask
    return np.int32(-1)


@njit(cache=True, nogil=True)
def _distinct(keys, first, last, slots, seen, place, found, times, of, n):  # type: ignore[no-untyped-def]
    """Counts the distinct known rows among keys[first:last] into found/times from place ``n`` on; returns the next place.

    ``of[i]`` becomes the place in found/times of feature ``i``, -1 when it is unknown. ``seen``/``place`` is a small
    open-addressing set, left clean.
    """
    start = n
    small = np.int32(seen.shape[0] - 1)
    for i in range(first, last):
        row = _row(keys[i], slots)
        if row < 0:
            of[i] = -1
            continue
        at = (row * np.int32(40503)) & small
        while seen[at] != -1 and seen[at] != row:
            at = (at + 1) & small
        if seen[at] == row:
            times[place[at]] += 1
        else:
            seen[at] = row
            place[at] = n
            found[n] = row
            times[n] = 1
            n += 1
        of[i] = place[at]
    for k in range(start, n):  # clean up only what was used, probing as it was filled
        at = (found[k] * np.int32(40503)) & small
        while seen[at] != -1:
            seen[at] = -1
            at = (at + 1) & small
    return n


@njit(cache=True, nogil=True)
def _scratch(size):  # type: ignore[no-untyped-def]
    """Room for one text of at most ``size`` features: keys, starts, stops, found, times, of, seen, place."""
    room = 16
    while room < 2 * size:
        room *= 2
    return (
        np.empty(size, np.uint64),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.full(room, -1, np.int32),
        np.empty(room, np.int32),
    )


@njit(cache=True, nogil=True)
def _score(  # type: ignore[no-untyped-def]
    codes, runs, bounds, ends, word_ngram, char_ngram, slots, lines, bias, groups, scale, shift, explain
):
    texts = bounds.shape[0] - 1
    heads = groups.shape[0] - 1
    outputs = lines.shape[1] - 1
    out = np.empty((texts, outputs), np.float32)
    best = np.empty((texts, heads), np.int32)
    known = np.empty(texts, np.int32)
    shares = np.zeros((heads, codes.shape[0] if explain else 0), np.float32)
    size = most_features(bounds, word_ngram, char_ngram)
    keys, starts, stops, found, times, of, seen, place = _scratch(size)
    value = np.empty(size, np.float32)
    share = np.empty((size if explain else 0, heads), np.float32)
    block = np.empty(outputs, np.float32)
    w = 0
    for t in range(texts):
        n, words, w = emit(
            codes, runs, bounds[t], bounds[t + 1] - 1, ends, w, word_ngram, char_ngram, keys, starts, stops
        )
        for k in range(outputs):
            out[t, k] = bias[k]
        m = 0
        for part in range(2):
            begin = m
            first, last = (0, words) if part == 0 else (words, n)
            m = _distinct(keys, first, last, slots, seen, place, found, times, of, begin)
            block[:] = np.float32(0.0)
            norm = np.float32(0.0)
            for i in range(begin, m):
                row = found[i]
                v = weight(times[i], lines[row, 0])
                value[i] = v
                norm += v * v
                for k in range(outputs):
                    block[k] += v * lines[row, 1 + k]
            if norm > 0.0:
                unit = np.float32(1.0) / np.sqrt(norm)
                for k in range(outputs):
                    out[t, k] += unit * block[k]
                for i in range(begin, m):
                    value[i] *= unit
        known[t] = m
        for h in range(heads):
            top = -np.inf
            for k in range(groups[h], groups[h + 1]):
                z = scale[h] * np.float64(out[t, k]) + shift[k]
                if z > top:
                    top = z
                    best[t, h] = k - groups[h]
        if explain:
            for i in range(m):
                for h in range(heads):
                    mean = np.float32(0.0)
                    for k in range(groups[h], groups[h + 1]):
                        mean += lines[found[i], 1 + k]
                    mean /= np.float32(groups[h + 1] - groups[h])
                    share[i, h] = value[i] / np.float32(times[i]) * (lines[found[i], 1 + groups[h] + best[t, h]] - mean)
            for f in range(n):
                if of[f] >= 0:
                    each = np.float32(1.0) / np.float32(stops[f] - starts[f])
                    for h in range(heads):
                        piece = each * share[of[f], h]
                        for c in range(starts[f], stops[f]):
                            shares[h, c] += piece
    return out, best, known, shares
