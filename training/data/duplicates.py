"""Near-duplicate tickets -> groups, so that a ticket and its copy never stand on both sides of a split.

Two texts are near-duplicates when the Jaccard similarity of their sets of character 3-grams (folded text without blanks
and punctuation, and without what many texts share: :mod:`training.data.frames`) is at least 0.5, or when they are equal as a
whole; groups are the connected components of that relation. The join is exact, not sampled:
prefix filtering (Chaudhuri, Ganti, Kaushik, ICDE 2006; Bayardo, Ma, Srikant, WWW 2007), size and positional filtering
(Xiao et al., PPJoin, WWW 2008), and one shortcut that components allow: a pair already in one group is never compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.data.frames import NO_FRAMES, NOTHING_SHARED, Frames, SharedWords, cover, find, shared_words
from training.data.letters import Letters, letters

THRESHOLD = 0.5

_BITS = 21
"""A Unicode code point has at most 21 bits, so three fit one int64 key."""

_EPS = 1e-9


class Shingles(NamedTuple):
    """Sets of character 3-grams. Ids are ranks by frequency over all texts: a text's first ids are its rarest.

    Attributes:
        ids: (m,) int64, ascending within each text, none twice.
        bounds: (n + 1,) int64; the set of text ``t`` is ``ids[bounds[t] : bounds[t + 1]]``.
    """

    ids: NDArray[np.int64]
    bounds: NDArray[np.int64]


class Grouping(NamedTuple):
    """What :func:`grouping` gives.

    Attributes:
        groups: (n,) int64; for each text the index of the first text of its group; equal numbers are one group.
        frames: what was found, and was known, not to count. ``shared``: the same in words.
    """

    groups: NDArray[np.int64]
    frames: Frames = NO_FRAMES
    shared: SharedWords = NOTHING_SHARED


def group(texts: Sequence[str], threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """The groups of :func:`grouping` alone."""
    return grouping(texts, threshold).groups


def grouping(texts: Sequence[str], threshold: float = THRESHOLD, *, known: Frames = NO_FRAMES) -> Grouping:
    """Groups near-duplicates.

    Args:
        known: frames of other texts (of those that a model has learned from): too few texts show none of their own.
    """
    if not 0.0 < threshold <= 1.0:
        raise ValueError(f"threshold must be in (0, 1], got {threshold}")
    if not texts:
        return Grouping(np.zeros(0, np.int64))
    found = letters(texts)
    frames = find(found, len(texts)).joined(known)
    covered = cover(found, len(texts), frames)
    rest = found.where(covered.rest) if covered.framed.any() else found
    return Grouping(_grouped(rest, len(texts), threshold), frames, shared_words(texts, covered))


def group_whole(texts: Sequence[str], threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """The groups when all words count, frames too: as models from before were made, and what is measured against."""
    return _grouped(letters(texts), len(texts), threshold)


def _grouped(found: Letters, texts: int, threshold: float) -> NDArray[np.int64]:
    sets = _sets(found, texts)
    order = np.argsort(np.diff(sets.bounds), kind="stable")
    groups: NDArray[np.int64] = _join(sets.ids, sets.bounds, order, threshold)
    return groups


def shingles(texts: Sequence[str]) -> Shingles:
    """The 3-gram sets of ``texts``. A text of one or two characters is one shingle; one of signs only keeps its signs."""
    return _sets(letters(texts), len(texts))


def _sets(found: Letters, texts: int) -> Shingles:
    owner = found.owner
    keys = found.codes.astype(np.int64)
    last = (
        np.searchsorted(owner, owner, side="right") - np.arange(len(owner)) - 1
    )  # characters of the same text to come
    short = np.bincount(owner, minlength=texts)[owner] < 3
    second = np.where(last >= 1, np.append(keys[1:], 0), 0)
    third = np.where(last >= 2, np.append(keys[2:], (0, 0))[: len(keys)], 0)
    start = (last >= 2) | (short & (np.diff(owner, prepend=-1) != 0))
    grams = (keys | second << _BITS | third << (2 * _BITS))[start]
    names, inverse = np.unique(grams, return_inverse=True)
    pairs = np.unique(owner[start] * len(names) + inverse)  # (text, 3-gram), each once
    frequency = np.bincount(pairs % len(names), minlength=len(names))
    rank = np.empty(len(names), np.int64)
    rank[np.argsort(frequency, kind="stable")] = np.arange(len(names))
    text = pairs // len(names)
    ids = np.sort(text * len(names) + rank[pairs % len(names)]) - text * len(names)  # ``text`` ascends before and after
    bounds = np.concatenate(([0], np.cumsum(np.bincount(text, minlength=texts))))
    return Shingles(ids, bounds.astype(np.int64))


@njit(cache=True, nogil=True)
def _join(ids, bounds, order, threshold):  # type: ignore[no-untyped-def]
    """Kernel of :func:`group`: texts in ascending order of set size look for partners among those before them."""
    n = bounds.shape[0] - 1
    parent = np.arange(n)
    seen = np.full(n, -1, np.int64)  # the last text that compared itself with this one
    tokens = 0
    for k in range(ids.shape[0]):
        tokens = max(tokens, ids[k] + 1)
    # Posting lists: token -> (text, position of the token in it), for the prefix of a set that must hold a shared token.
    start = np.zeros(tokens + 1, np.int64)
    for t in range(n):
        for k in range(bounds[t], bounds[t] + _index_prefix(bounds[t + 1] - bounds[t], threshold)):
            start[ids[k] + 1] += 1
    for token in range(tokens):
        start[token + 1] += start[token]
    head = start[:-1].copy()  # entries before it belong to texts that are too small for all texts to come
    tail = start[:-1].copy()
    texts = np.empty(start[tokens], np.int64)
    places = np.empty(start[tokens], np.int64)
    single = np.ones(tokens, np.bool_)  # all entries of the list are known to be of one group

    for t in order:
        size = bounds[t + 1] - bounds[t]
        least = int(np.ceil(threshold * size - _EPS))
        for i in range(size - least + 1):
            token = ids[bounds[t] + i]
            while head[token] < tail[token] and bounds[texts[head[token]] + 1] - bounds[texts[head[token]]] < least:
                head[token] += 1
            if head[token] == tail[token]:
                continue
            root = _find(parent, t)
            if single[token] and _find(parent, texts[tail[token] - 1]) == root:
                continue
            for k in range(head[token], tail[token]):
                other = texts[k]
                if seen[other] != t and _find(parent, other) != root:
                    seen[other] = t
                    if _similar(ids, bounds, t, i, other, places[k], threshold):
                        root = _unite(parent, t, other)
            together = True
            for k in range(head[token], tail[token]):
                if _find(parent, texts[k]) != root:
                    together = False
                    break
            single[token] = together
        for i in range(_index_prefix(size, threshold)):
            token = ids[bounds[t] + i]
            if tail[token] > head[token] and _find(parent, texts[tail[token] - 1]) != _find(parent, t):
                single[token] = False
            elif tail[token] == head[token]:
                single[token] = True
            texts[tail[token]] = t
            places[tail[token]] = i
            tail[token] += 1
    for t in range(n):
        parent[t] = _find(parent, t)
    return parent


@njit(cache=True, inline="always")
def _index_prefix(size, threshold):  # type: ignore[no-untyped-def]
    """How many of a set's rarest tokens must be indexed, given that only sets of at least its size look it up."""
    return size - int(np.ceil(2.0 * threshold / (1.0 + threshold) * size - _EPS)) + 1 if size else 0


@njit(cache=True)
def _similar(ids, bounds, a, i, b, j, threshold):  # type: ignore[no-untyped-def]
    """Whether Jaccard(a, b) >= threshold, given that their smallest common token is a's number i and b's number j."""
    end_a = bounds[a + 1]
    end_b = bounds[b + 1]
    needed = int(np.ceil(threshold / (1.0 + threshold) * (end_a - bounds[a] + end_b - bounds[b]) - _EPS))
    p = bounds[a] + i + 1
    q = bounds[b] + j + 1
    common = 1
    while common < needed:
        if common + min(end_a - p, end_b - q) < needed:
            return False
        if ids[p] == ids[q]:
            common += 1
            p += 1
            q += 1
        elif ids[p] < ids[q]:
            p += 1
        else:
            q += 1
    return True


@njit(cache=True)
def _find(parent, t):  # type: ignore[no-untyped-def]
    while parent[t] != t:
        parent[t] = parent[parent[t]]
        t = parent[t]
    return t


@njit(cache=True)
def _unite(parent, a, b):  # type: ignore[no-untyped-def]
    """The smaller index becomes the root, so that a group is named after its first text."""
    a = _find(parent, a)
    b = _find(parent, b)
    low = min(a, b)
    parent[a] = low
    parent[b] = low
    return low
