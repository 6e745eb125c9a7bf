"""The compiled inner loops: one pass over a ticket's features, counted for training or scored for an answer.

They stand in one file on purpose. Numba keeps compiled code until *the file of that function* changes and does not look
at what it calls elsewhere; were the hashing in another file, an update of it would leave the old one inside the
compiled scoring, silently. A test holds every compiled function of the project to this rule.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_BASE = np.uint64(0x9E3779B97F4A7C15)
CHAR_BLOCK = np.uint64(1 << 63)
TONE_BLOCK = np.uint64(1 << 62)
_KEY_BITS = np.uint64((1 << 63) - 1)
_TONED_KEY_BITS = np.uint64((1 << 62) - 1)


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
    return longest * (word_ngram + char_ngram + 4) + 3


@njit(cache=True, nogil=True)
def emit(codes, runs, signs, often, places, a, b, ends, w, word_ngram, char_ngram, keys, starts, stops):  # type: ignore[no-untyped-def]
    """Writes the features of the text codes[a:b], whose first word is number ``w``.

    Args:
        codes: (n,) uint32; what is 0 is no part of any word or n-gram, neighbours reach over it.
        signs, often, places: (n,) marks and emoji, see :class:`features.tone.Layers`; empty: they stand among ``codes``.

    Returns (number of features, number of them in the word block, number of them in the word and character blocks, first
    word of the next text); words come first, characters next, tone last. ``starts``/``stops`` are offsets into ``codes`` of
    what the feature stands on.
    """
    n = 0
    toned = signs.shape[0] > 0
    bits = _TONED_KEY_BITS if toned else _KEY_BITS
    previous = np.uint64(0)
    previous_at = -1
    at = a
    while at < b:
        end = ends[w]
        w += 1
        first = codes[at]
        if first == 0x20 or first == 0:
            at = end
            continue
        h = np.uint64(1)
        for i in range(at, end):
            h = (h ^ np.uint64(codes[i])) * _BASE
            h ^= h >> np.uint64(29)
        keys[n] = _mix(h + np.uint64(1)) & bits
        starts[n], stops[n] = at, end
        n += 1
        if end - at >= 3 and 0x30 <= first <= 0x39:  # the size of a number: 1299 and 3588 are both "thousands"
            keys[n] = _mix(np.uint64(0xD161700 + end - at)) & bits
            starts[n], stops[n] = at, end
            n += 1
        if word_ngram > 1 and previous_at >= 0:
            keys[n] = _mix(previous * np.uint64(31) + h + np.uint64(2)) & bits
            starts[n], stops[n] = previous_at, end
            n += 1
        previous, previous_at = h, at
        at = end
    for i in range(a, b):
        if runs[i] > 0 and codes[i] != 0:  # "？？？？？？": the sign, and about how often
            keys[n] = _mix(np.uint64(0x5275_0000_0000) + (np.uint64(codes[i]) << np.uint64(8)) + _size(runs[i])) & bits
            starts[n], stops[n] = i, i + 1
            n += 1
    words = n
    for i in range(a, b):
        if codes[i] == 0:
            continue
        h = np.uint64(3)
        length = 0
        for j in range(i, b):
            if codes[j] == 0:
                continue
            if length == char_ngram:
                break
            length += 1
            h = (h ^ np.uint64(codes[j])) * _BASE
            h ^= h >> np.uint64(29)
            if i == j and codes[i] == 0x20:
                continue
            keys[n] = _mix(h + np.uint64(3)) | CHAR_BLOCK
            starts[n], stops[n] = i, j + 1
            n += 1
    plain = n
    last = np.uint64(0)
    last_at = a
    for i in range(a, b if toned else a):
        if often[i] == 0:
            if codes[i] != 0:
                last = np.uint64(0)
            continue
        last, last_at = np.uint64(signs[i]), i
        for size in (np.uint64(0), _size(often[i])):  # the sign, and the sign about that often
            keys[n] = (_mix(np.uint64(0x546F_0000_0000) + (last << np.uint64(8)) + size) & bits) | TONE_BLOCK
            starts[n], stops[n] = i, i + places[i]
            n += 1
    if last != 0:  # what the text ends with
        keys[n] = (_mix(np.uint64(0x456E_0000_0000) + last) & bits) | TONE_BLOCK
        starts[n], stops[n] = last_at, last_at + places[last_at]
        n += 1
    return n, words, plain, w + 1  # the separator is a word of its own


@njit(cache=True, nogil=True, inline="always")
def _size(times):  # type: ignore[no-untyped-def]
    """How many binary digits a count has: 1, 2-3, 4-7, 8-15 …"""
    size = np.uint64(0)
    while times > 0:
        times >>= 1
        size += np.uint64(1)
    return size


@njit(cache=True, nogil=True)
def count_features(codes, runs, signs, often, places, bounds, ends, word_ngram, char_ngram):  # type: ignore[no-untyped-def]
    texts = bounds.shape[0] - 1
    size = most_features(bounds, word_ngram, char_ngram)
    keys = np.empty(size, np.uint64)
    starts = np.empty(size, np.int32)
    stops = np.empty(size, np.int32)
    capacity = codes.shape[0] * (word_ngram + char_ngram + 3) + 2 + texts
    out_keys = np.empty(capacity, np.uint64)
    out_counts = np.empty(capacity, np.int32)
    indptr = np.zeros(texts + 1, np.int64)
    out = 0
    w = 0
    for t in range(texts):
        n, _, _, w = emit(
            codes,
            runs,
            signs,
            often,
            places,
            bounds[t],
            bounds[t + 1] - 1,
            ends,
            w,
            word_ngram,
            char_ngram,
            keys,
            starts,
            stops,
        )
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


TONE_SHARE = np.float32(0.3)
"""Length of the tone block beside the other two, whose length is 1: chosen on inner folds, 0.15 to 1.0 tried (tone alone sets the
sentiment of a short text otherwise)."""


@njit(cache=True, nogil=True, inline="always")
def weight(count, idf):  # type: ignore[no-untyped-def]
    """Sublinear TF x IDF: (1 + ln count) * idf (Manning, Raghavan, Schütze 2008, section 6.4.1)."""
    return np.float32((1.0 + math.log(count)) * idf)


_ROW_BITS = np.uint64((1 << 24) - 1)


@njit(cache=True, nogil=True)
def fill_slots(keys, slots):  # type: ignore[no-untyped-def]
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
def score_texts(  # type: ignore[no-untyped-def]
    codes, runs, signs, often, places, bounds, ends, word_ngram, char_ngram, slots, lines, bias, groups, scale, shift,
    more, more_bias, parent, offset, given, explain,
):  # fmt: skip
    """See :func:`models.core.weight_table.score`; a head with an ``offset`` is conditional on the head ``parent`` (:mod:`models.linear.conditional`)."""
    texts = bounds.shape[0] - 1
    heads = groups.shape[0] - 1
    outputs = lines.shape[1] - 1
    out = np.empty((texts, outputs), np.float32)
    best = np.empty((texts, heads), np.int32)
    known = np.zeros(texts, np.int32)
    walked = np.zeros((texts, 4), np.int64)
    shares = np.zeros((heads, codes.shape[0] if explain else 0), np.float32)
    size = most_features(bounds, word_ngram, char_ngram)
    keys, starts, stops, found, times, of, seen, place = _scratch(size)
    value = np.empty(size, np.float32)
    share = np.empty((size if explain else 0, heads), np.float32)
    block = np.empty(outputs, np.float32)
    at = np.full(heads, -1, np.int64)
    w = 0
    for t in range(texts):
        n, words, plain, w = emit(
            codes,
            runs,
            signs,
            often,
            places,
            bounds[t],
            bounds[t + 1] - 1,
            ends,
            w,
            word_ngram,
            char_ngram,
            keys,
            starts,
            stops,
        )
        for k in range(outputs):
            out[t, k] = bias[k]
        m = 0
        for part in range(3):
            begin = m
            first = 0 if part == 0 else words if part == 1 else plain
            last = words if part == 0 else plain if part == 1 else n
            if first == last:
                continue
            m = _distinct(keys, first, last, slots, seen, place, found, times, of, begin)
            if part < 2:
                walked[t, 2 * part] = last - first
                walked[t, 2 * part + 1] = times[begin:m].sum()
                known[t] = m
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
                unit = (TONE_SHARE if part == 2 else np.float32(1.0)) / np.sqrt(norm)
                for k in range(outputs):
                    out[t, k] += unit * block[k]
                for i in range(begin, m):
                    value[i] *= unit
        for h in range(heads):
            if offset[h] < 0:
                continue
            first, width = groups[parent[h]], groups[h + 1] - groups[h]
            said = first
            for k in range(first + 1, groups[parent[h] + 1]):
                if out[t, k] > out[t, said]:
                    said = k
            at[h] = offset[h] + (said - first) * width
            for k in range(width):
                block[k] = more_bias[at[h] + k]
            for i in range(m):
                for k in range(width):
                    block[k] += value[i] * more[found[i], at[h] + k]
            for k in range(width):
                out[t, groups[h] + k] = block[k]
        for h in range(heads):
            if given.shape[0] > 0:
                best[t, h] = given[t, h]
                continue
            top = -np.inf
            for k in range(groups[h], groups[h + 1]):
                z = scale[k] * np.float64(out[t, k]) + shift[k]
                if z > top:
                    top = z
                    best[t, h] = k - groups[h]
        if explain:
            for i in range(m):
                for h in range(heads):
                    width = groups[h + 1] - groups[h]
                    line = lines[found[i], 1 + groups[h] :] if at[h] < 0 else more[found[i], at[h] :]
                    mean = np.float32(0.0)
                    for k in range(width):
                        mean += line[k]
                    mean /= np.float32(width)
                    share[i, h] = value[i] / np.float32(times[i]) * (line[best[t, h]] - mean)
            for f in range(n):
                if of[f] >= 0:
                    each = np.float32(1.0) / np.float32(stops[f] - starts[f])
                    for h in range(heads):
                        piece = each * share[of[f], h]
                        for c in range(starts[f], stops[f]):
                            shares[h, c] += piece
    return out, best, known, shares, walked
