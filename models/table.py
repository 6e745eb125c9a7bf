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
    """Ready to score. ``slots``: (2^m,) uint64 keys; ``rows``: (2^m,) int32; ``idf``: (v,); ``weights``: (v, outputs)
    float32; ``bias``: (outputs,) float32."""

    slots: NDArray[np.uint64]
    rows: NDArray[np.int32]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


def build_table(vocabulary: Vocabulary, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> Table:
    """Lays the vocabulary out for probing, at most half full."""
    size = 1 << max(4, int(2 * len(vocabulary.keys) - 1).bit_length())
    slots = np.zeros(size, np.uint64)
    rows = np.full(size, -1, np.int32)
    _fill(vocabulary.keys, slots, rows)
    return Table(slots, rows, vocabulary.idf, np.ascontiguousarray(weights, np.float32), bias.astype(np.float32))


def score(
    batch: Batch, settings: FeatureSettings, table: Table
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Scores of a read batch: (texts, outputs) float32, and (texts,) int32 how many known features each text has."""
    f = batch.folded
    out: tuple[NDArray[np.float32], NDArray[np.int32]] = _score(
        f.codes, f.runs, f.bounds, batch.ends, settings.word_ngram, settings.char_ngram, *table
    )
    return out


def attribute(
    batch: Batch, settings: FeatureSettings, table: Table, columns: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Splits scores over the characters they came from, exactly.

    Args:
        columns: (texts, heads) the output column to explain for each text and head.
        groups: (heads + 1,) output columns ``groups[h]:groups[h + 1]`` belong to head ``h``.

    Returns:
        (heads, n) float32: for each folded code point its share of ``score[column] - mean(score of the head)``. Summed
        over a text it is that difference without the biases: a feature's part is divided evenly over its occurrences,
        and each occurrence's evenly over its characters.
    """
    f = batch.folded
    out: NDArray[np.float32] = _attribute(
        f.codes, f.runs, f.bounds, batch.ends, settings.word_ngram, settings.char_ngram, *table, columns, groups
    )
    return out


@njit(cache=True, nogil=True)
def _fill(keys, slots, rows):  # type: ignore[no-untyped-def]
    mask = np.uint64(slots.shape[0] - 1)
    for row in range(keys.shape[0]):
        at = keys[row] & mask
        while rows[at] >= 0:
            at = (at + np.uint64(1)) & mask
        slots[at] = keys[row]
        rows[at] = row


@njit(cache=True, nogil=True, inline="always")
def _row(key, slots, rows):  # type: ignore[no-untyped-def]
    """Row of ``key`` or -1. The key is a finished hash, so its low bits are the address."""
    mask = np.uint64(slots.shape[0] - 1)
    at = key & mask
    while rows[at] >= 0:
        if slots[at] == key:
            return rows[at]
        at = (at + np.uint64(1)) & mask
    return np.int32(-1)


@njit(cache=True, nogil=True)
def _distinct(keys, first, last, slots, rows, seen, place, found, times, of):  # type: ignore[no-untyped-def]
    """Counts the distinct known rows among keys[first:last] into found/times and returns how many there are.

    ``of[i]`` becomes the place in found/times of feature ``i``, -1 when it is unknown. ``seen``/``place`` is a small
    open-addressing set, left clean.
    """
    n = 0
    small = np.int32(seen.shape[0] - 1)
    for i in range(first, last):
        row = _row(keys[i], slots, rows)
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
    for k in range(n):  # clean up only what was used, probing as it was filled
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
def _score(codes, runs, bounds, ends, word_ngram, char_ngram, slots, rows, idf, weights, bias):  # type: ignore[no-untyped-def]
    texts = bounds.shape[0] - 1
    outputs = weights.shape[1]
    out = np.empty((texts, outputs), np.float32)
    known = np.zeros(texts, np.int32)
    size = most_features(bounds, word_ngram, char_ngram)
    keys, starts, stops, found, times, of, seen, place = _scratch(size)
    block = np.empty(outputs, np.float32)
    w = 0
    for t in range(texts):
        n, words, w = emit(codes, runs, bounds[t], bounds[t + 1] - 1, ends, w, word_ngram, char_ngram, keys, starts, stops)
        for k in range(outputs):
            out[t, k] = bias[k]
        for part in range(2):
            first, last = (0, words) if part == 0 else (words, n)
            m = _distinct(keys, first, last, slots, rows, seen, place, found, times, of)
            known[t] += m
            block[:] = np.float32(0.0)
            norm = np.float32(0.0)
            for i in range(m):
                row = found[i]
                value = weight(times[i], idf[row])
                norm += value * value
                for k in range(outputs):
                    block[k] += value * weights[row, k]
            if norm > 0.0:
                scale = np.float32(1.0) / np.sqrt(norm)
                for k in range(outputs):
                    out[t, k] += scale * block[k]
    return out, known


@njit(cache=True, nogil=True)
def _attribute(codes, runs, bounds, ends, word_ngram, char_ngram, slots, rows, idf, weights, bias, columns, groups):  # type: ignore[no-untyped-def]
    texts = bounds.shape[0] - 1
    heads = groups.shape[0] - 1
    out = np.zeros((heads, codes.shape[0]), np.float32)
    size = most_features(bounds, word_ngram, char_ngram)
    keys, starts, stops, found, times, of, seen, place = _scratch(size)
    share = np.empty((size, heads), np.float32)
    w = 0
    for t in range(texts):
        n, words, w = emit(codes, runs, bounds[t], bounds[t + 1] - 1, ends, w, word_ngram, char_ngram, keys, starts, stops)
        for part in range(2):
            first, last = (0, words) if part == 0 else (words, n)
            m = _distinct(keys, first, last, slots, rows, seen, place, found, times, of)
            norm = np.float32(0.0)
            for i in range(m):
                row = found[i]
                value = weight(times[i], idf[row])
                norm += value * value
                each = value / np.float32(times[i])
                for h in range(heads):
                    mean = np.float32(0.0)
                    for k in range(groups[h], groups[h + 1]):
                        mean += weights[row, k]
                    mean /= np.float32(groups[h + 1] - groups[h])
                    share[i, h] = each * (weights[row, columns[t, h]] - mean)
            if norm <= 0.0:
                continue
            scale = np.float32(1.0) / np.sqrt(norm)
            for f in range(first, last):
                if of[f] < 0:
                    continue
                piece = scale / np.float32(stops[f] - starts[f])
                for h in range(heads):
                    for c in range(starts[f], stops[f]):
                        out[h, c] += piece * share[of[f], h]
    return out
