"""From shares per character to a few readable words, with offsets into the raw text."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.hashing import Batch
from features.reading import FILLING, as_shown
from triage.prediction import Evidence

_UNSEEN = FILLING + "\u200b\u200c\u200d\u2060\ufeff"
"""What may stand behind a stretch and shows nothing: the places of markup, and signs without width between or behind them."""

MOST_SPANS = 4
"""Stretches shown per head; more than a handful is not read."""

_LEAST_SHARE = 0.2
"""A word is shown when it weighs at least this share of the heaviest word."""

_LONGEST = 12
"""Neighbouring words are joined up to this many characters."""


def spans(batch: Batch, shares: NDArray[np.float32], heads: Sequence[str]) -> list[tuple[Evidence, ...]]:
    """Evidence of every text of a batch: per head at most :data:`MOST_SPANS` stretches, heaviest first.

    Args:
        shares: (heads, n) of :class:`models.core.weight_table.BatchScores`; a word's weight is the exact sum over its characters.
    """
    f = batch.folded
    text, head, start, stop, weight = _spans(f.codes, f.offsets, f.bounds, batch.ends, shares, _dull())
    starts = start.tolist()
    words = [batch.texts[t][a:b].rstrip(_UNSEEN) for t, a, b in zip(text.tolist(), starts, stop.tolist(), strict=True)]
    stops = [a + len(w) for a, w in zip(starts, words, strict=True)]  # without the blanks behind a text's last word
    names = map(tuple(heads).__getitem__, head.tolist())
    weights = weight.astype(np.float64).round(4).tolist()
    found = list(map(Evidence, names, starts, stops, map(as_shown, words), weights))
    ends = np.cumsum(np.bincount(text, minlength=batch.size)).tolist()
    return [tuple(found[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


@functools.cache
def _dull() -> NDArray[np.bool_]:
    """(0x10000,) which code points explain nothing to a reader, though they carry weight: blanks, pauses, brackets, quotes
    (Unicode punctuation), mathematical signs, what could not be read. Shown are ! and ?, for tone lives there, and emoji."""
    categories = [unicodedata.category(chr(c)) for c in range(0x10000)]
    out = np.array([c[0] in "PZ" or c in ("Sm", "Sk", "Cc") for c in categories])
    out[[ord("!"), ord("?")]] = False
    out[0xFFFD] = True
    return out


@njit(cache=True, nogil=True, inline="always")
def _sign(c):  # type: ignore[no-untyped-def]
    """Neither Chinese nor letter nor digit: such a word is shown with its like, never joined to another."""
    return not (0x4E00 <= c <= 0x9FFF or 0x30 <= c <= 0x39 or 0x61 <= c <= 0x7A)


@njit(cache=True, nogil=True)
def _spans(codes, index, bounds, ends, shares, dull):  # type: ignore[no-untyped-def]
    texts = bounds.shape[0] - 1
    heads = shares.shape[0]
    size = texts * heads * MOST_SPANS
    out_text = np.empty(size, np.int32)
    out_head = np.empty(size, np.int32)
    out_start = np.empty(size, np.int32)
    out_stop = np.empty(size, np.int32)
    out_weight = np.empty(size, np.float32)
    longest = 0
    for t in range(texts):
        longest = max(longest, bounds[t + 1] - bounds[t])
    words = np.empty(longest + 1, np.float32)
    first = np.empty(longest + 1, np.int64)
    last = np.empty(longest + 1, np.int64)
    joined = np.empty(longest + 1, np.float32)
    n = 0
    w = 0
    for t in range(texts):
        a = bounds[t]
        b = bounds[t + 1] - 1
        begin = w
        while w < ends.shape[0] and ends[w] <= b:
            w += 1
        for h in range(heads):
            at = a
            top = np.float32(0.0)
            for k in range(begin, w):
                total = np.float32(0.0)
                for c in range(at, ends[k]):
                    total += shares[h, c]
                words[k - begin] = np.float32(0.0) if codes[at] < dull.shape[0] and dull[codes[at]] else total
                top = max(top, words[k - begin])
                at = ends[k]
            if top <= 0.0:
                continue
            count = 0
            at = a
            for k in range(begin, w):
                if words[k - begin] >= _LEAST_SHARE * top:
                    near = count > 0 and last[count - 1] == at and ends[k] - first[count - 1] <= _LONGEST
                    if near and (codes[at] == codes[at - 1] or not (_sign(codes[at]) or _sign(codes[at - 1]))):
                        last[count - 1] = ends[k]
                        joined[count - 1] += words[k - begin]
                    else:
                        first[count], last[count], joined[count] = at, ends[k], words[k - begin]
                        count += 1
                at = ends[k]
            for _ in range(min(count, MOST_SPANS)):
                best = 0
                for k in range(count):
                    if joined[k] > joined[best]:
                        best = k
                out_text[n], out_head[n], out_weight[n] = t, h, joined[best]
                out_start[n], out_stop[n] = index[first[best]], index[last[best]]
                joined[best] = np.float32(-1.0)
                n += 1
        w += 1  # the separator
    return out_text[:n], out_head[:n], out_start[:n], out_stop[:n], out_weight[:n]
