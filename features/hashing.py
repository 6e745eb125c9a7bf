"""One pass over a read batch gives every feature of every head: word 1-2 and character 1-n, hashed to 64 bits.

A 64-bit hash of the code points *is* the feature's name: no vocabulary of strings is kept, and with a million features the
chance of any collision is below 1e-7 (birthday bound), unlike hashing to 2^20 columns where half of them collide.
The highest bit of a key says its block (0 word, 1 character); each block is scaled to unit length by itself, as a
``FeatureUnion`` of two ``TfidfVectorizer`` would, because long words would otherwise drown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.mask import mask
from features.normalise import Folded, fold
from features.segment import load_lexicon, word_ends

_BASE = np.uint64(0x9E3779B97F4A7C15)
_CHAR_BLOCK = np.uint64(1 << 63)
_KEY_BITS = np.uint64((1 << 63) - 1)


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What is counted. Travels in every model's manifest; a model reads a text exactly as it was trained to.

    Attributes:
        word_ngram: longest word n-gram (1 or 2).
        char_ngram: longest character n-gram (1 to 6).
        version: raised when the code of folding, segmentation or hashing changes what a text is turned into.
    """

    word_ngram: int = 2
    char_ngram: int = 3
    version: int = 1

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


class Batch(NamedTuple):
    """A read batch: the masked texts, their folded form, and the ends of its words (offsets into ``folded.codes``)."""

    texts: tuple[str, ...]
    folded: Folded
    ends: NDArray[np.int32]

    @property
    def size(self) -> int:
        return len(self.texts)


class Counts(NamedTuple):
    """Distinct features of a batch, as the rows of a sparse matrix.

    Attributes:
        indptr: (texts + 1,) int64; text ``t`` has features ``indptr[t]:indptr[t + 1]``.
        keys: (nnz,) uint64, ascending within a text.
        counts: (nnz,) int32 how often the feature stands in the text.
    """

    indptr: NDArray[np.int64]
    keys: NDArray[np.uint64]
    counts: NDArray[np.int32]


def read(texts: Sequence[str]) -> Batch:
    """Masks, folds and segments raw (or already masked) texts. Offsets in the result refer to the given texts."""
    masked = tuple(mask(text) for text in texts)
    folded = fold(masked)
    return Batch(masked, folded, word_ends(folded.codes, load_lexicon()))


def count(batch: Batch, settings: FeatureSettings) -> Counts:
    """Counts the features of each text of a batch."""
    f = batch.folded
    return Counts(*_count(f.codes, f.runs, f.bounds, batch.ends, settings.word_ngram, settings.char_ngram))


def is_char(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which keys belong to the character block."""
    out: NDArray[np.bool_] = (keys & _CHAR_BLOCK) != 0
    return out


@njit(cache=True, nogil=True, inline="always")
def _mix(h):  # type: ignore[no-untyped-def]
    """Finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit."""
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@njit(cache=True, nogil=True)
def most_features(bounds, word_ngram, char_ngram):  # type: ignore[no-untyped-def]
    """Upper bound of the features that :func:`emit` writes for any one text of the batch."""
    longest = 0
    for t in range(bounds.shape[0] - 1):
        longest = max(longest, bounds[t + 1] - bounds[t])
    return longest * (word_ngram + char_ngram + 2) + 2


@njit(cache=True, nogil=True)
def emit(codes, runs, a, b, ends, w, word_ngram, char_ngram, keys, starts, stops):  # type: ignore[no-untyped-def]
    """Writes the features of the text codes[a:b], whose first word is number ``w``.

    Returns (number of features, number of them in the word block – these come first –, first word of the next text).
    ``starts``/``stops`` are offsets into ``codes`` of what the feature stands on.
    """
    n = 0
    previous = np.uint64(0)
    previous_at = -1
    at = a
    while at < b:
        end = ends[w]
        w += 1
        first = codes[at]
        if first == 0x20:
            at = end
            continue
        h = np.uint64(1)
        for i in range(at, end):
            h = (h ^ np.uint64(codes[i])) * _BASE
            h ^= h >> np.uint64(29)
        keys[n] = _mix(h + np.uint64(1)) & _KEY_BITS
        starts[n], stops[n] = at, end
        n += 1
        if end - at >= 3 and 0x30 <= first <= 0x39:  # the size of a number: 1299 and 3588 are both "thousands"
            keys[n] = _mix(np.uint64(0xD161700 + end - at)) & _KEY_BITS
            starts[n], stops[n] = at, end
            n += 1
        if word_ngram > 1 and previous_at >= 0:
            keys[n] = _mix(previous * np.uint64(31) + h + np.uint64(2)) & _KEY_BITS
            starts[n], stops[n] = previous_at, end
            n += 1
        previous, previous_at = h, at
        at = end
    for i in range(a, b):
        if runs[i] > 0:  # "？？？？？？": the sign, and about how often
            size = 0
            while (runs[i] >> size) > 0:
                size += 1
            keys[n] = (
                _mix(np.uint64(0x5275_0000_0000) + (np.uint64(codes[i]) << np.uint64(8)) + np.uint64(size)) & _KEY_BITS
            )
            starts[n], stops[n] = i, i + 1
            n += 1
    words = n
    for i in range(a, b):
        h = np.uint64(3)
        for j in range(i, min(b, i + char_ngram)):
            h = (h ^ np.uint64(codes[j])) * _BASE
            h ^= h >> np.uint64(29)
            if i == j and codes[i] == 0x20:
                continue
            keys[n] = _mix(h + np.uint64(3)) | _CHAR_BLOCK
            starts[n], stops[n] = i, j + 1
            n += 1
    return n, words, w + 1  # the separator is a word of its own


@njit(cache=True, nogil=True)
def _count(codes, runs, bounds, ends, word_ngram, char_ngram):  # type: ignore[no-untyped-def]
    texts = bounds.shape[0] - 1
    size = most_features(bounds, word_ngram, char_ngram)
    keys = np.empty(size, np.uint64)
    starts = np.empty(size, np.int32)
    stops = np.empty(size, np.int32)
    capacity = codes.shape[0] * (word_ngram + char_ngram + 1) + 2
    out_keys = np.empty(capacity, np.uint64)
    out_counts = np.empty(capacity, np.int32)
    indptr = np.zeros(texts + 1, np.int64)
    out = 0
    w = 0
    for t in range(texts):
        n, _, w = emit(codes, runs, bounds[t], bounds[t + 1] - 1, ends, w, word_ngram, char_ngram, keys, starts, stops)
        part = np.sort(keys[:n])
        i = 0
        while i < n:
            j = i + 1
            while j < n and part[j] == part[i]:
                j += 1
            out_keys[out] = part[i]
            out_counts[out] = j - i
            out += 1
            i = j
        indptr[t + 1] = out
    return indptr, out_keys[:out].copy(), out_counts[:out].copy()


@njit(cache=True, nogil=True, inline="always")
def weight(count, idf):  # type: ignore[no-untyped-def]
    """Sublinear TF x IDF: (1 + ln count) * idf (Manning, Raghavan, Schütze 2008, section 6.4.1)."""
    return np.float32((1.0 + math.log(count)) * idf)
