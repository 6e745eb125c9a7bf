"""Hashes of stretches of letters, a table of them, and where they stand: compiled, every letter of every ticket goes through.

A *symbol* is a letter, or a whole run of digits; a *window* is a stretch of so many symbols.
"""

from __future__ import annotations

import numpy as np
from numba import njit

DIGITS = 0x30
"""The symbol of a run of digits: another number is the same symbol."""

BASE = np.uint64(0x5851F42D4C957F2D)


@njit(cache=True)
def fill_table(keys, shares, size):  # type: ignore[no-untyped-def]
    held = np.zeros(size, np.uint64)
    of = np.zeros(size, np.float32)
    for k in range(keys.shape[0]):
        at = np.int64(keys[k] & np.uint64(size - 1))
        while of[at] > 0:
            at = (at + 1) & (size - 1)
        held[at] = keys[k]
        of[at] = shares[k]
    return held, of


@njit(cache=True, inline="always")
def look_up(held, of, key):  # type: ignore[no-untyped-def]
    last = held.shape[0] - 1
    at = np.int64(key & np.uint64(last))
    while of[at] > 0:
        if held[at] == key:
            return of[at]
        at = (at + 1) & last
    return np.float32(0)


@njit(cache=True, inline="always")
def mixed(x):  # type: ignore[no-untyped-def]
    """SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    x = np.uint64(x) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True)
def fill_symbols(codes, start, end, symbols, at):  # type: ignore[no-untyped-def]
    """Fills ``symbols`` (code points, a run of digits as one 0) and ``at`` (where each begins); how many there are."""
    n = 0
    digit = False
    for i in range(start, end):
        code = codes[i]
        if DIGITS <= code < DIGITS + 10:
            if digit:
                continue
            digit = True
            code = DIGITS
        else:
            digit = False
        symbols[n] = code
        at[n] = i
        n += 1
    return n


@njit(cache=True)
def text_hashes(codes, bounds):  # type: ignore[no-untyped-def]
    """(n,) uint64 of the symbols of each text."""
    texts = bounds.shape[0] - 1
    longest = 0
    for t in range(texts):
        longest = max(longest, bounds[t + 1] - bounds[t])
    symbols, at = np.empty(longest, np.uint32), np.empty(longest, np.int64)
    out = np.zeros(texts, np.uint64)
    for t in range(texts):
        value = np.uint64(1)
        for i in range(fill_symbols(codes, bounds[t], bounds[t + 1], symbols, at)):
            value = value * BASE + np.uint64(symbols[i])
        out[t] = mixed(value)
    return out


@njit(cache=True)
def fill_hashes(symbols, n, size, out):  # type: ignore[no-untyped-def]
    """Fills ``out`` with the hashes of all windows of ``size`` symbols (Karp, Rabin, 1987); how many there are."""
    if n < size:
        return 0
    power = np.uint64(1)
    for _ in range(size):
        power *= BASE
    value = np.uint64(0)
    for i in range(n):
        value = value * BASE + np.uint64(symbols[i])
        if i >= size:
            value -= power * np.uint64(symbols[i - size])
        if i >= size - 1:
            out[i - size + 1] = mixed(value ^ np.uint64(size))
    return n - size + 1


@njit(cache=True)
def all_windows(codes, starts, ends, size):  # type: ignore[no-untyped-def]
    """(w,) hashes of all windows of the texts, and (w,) the text each is of."""
    total = 0
    longest = 0
    for t in range(starts.shape[0]):
        total += ends[t] - starts[t]
        longest = max(longest, ends[t] - starts[t])
    symbols, at, found = np.empty(longest, np.uint32), np.empty(longest, np.int64), np.empty(longest, np.uint64)
    out, owner = np.empty(total, np.uint64), np.empty(total, np.int64)
    filled = 0
    for t in range(starts.shape[0]):
        n = fill_symbols(codes, starts[t], ends[t], symbols, at)
        for i in range(fill_hashes(symbols, n, size, found)):
            out[filled] = found[i]
            owner[filled] = t
            filled += 1
    return out[:filled], owner[:filled]


@njit(cache=True)
def mark_frames(symbols, n, held, of, edge, lengths, windows, share, good, frame):  # type: ignore[no-untyped-def]
    """Sets ``frame[:n]``: which symbols of one text belong to a frame. Whether any does.

    From one letter to the next the share of texts that hold the window falls where a frame ends, and rises where one begins.
    Windows across such an edge are of both sides and belong to neither.
    """
    frame[:n] = False
    any_frame = False
    for size in lengths:
        many = fill_hashes(symbols, n, size, windows)
        hit = False
        for i in range(many):
            share[i] = look_up(held, of, windows[i])
            good[i] = share[i] > 0
            hit = hit or good[i]
        if not hit:
            continue
        for way in range(2):
            most = np.float32(0)
            skip = 0
            for j in range(many):
                i = j if way == 0 else many - 1 - j
                if skip > 0:
                    skip -= 1
                    good[i] = False
                elif share[i] < edge * most:
                    good[i] = False
                    skip = size - 2
                    most = np.float32(0)
                else:
                    most = max(most, share[i])
        for i in range(many):
            if good[i]:
                any_frame = True
                frame[i : i + size] = True
    return any_frame


@njit(cache=True)
def words_beside(codes, starts, ends, held, of, edge, lengths):  # type: ignore[no-untyped-def]
    """(n,) hash and (n,) number of the letters of each text that stand beside its frames; digits are none."""
    longest = 0
    for t in range(starts.shape[0]):
        longest = max(longest, ends[t] - starts[t])
    symbols, at, windows = np.empty(longest, np.uint32), np.empty(longest, np.int64), np.empty(longest, np.uint64)
    share, good, frame = np.empty(longest, np.float32), np.empty(longest, np.bool_), np.empty(longest, np.bool_)
    hashes, size = np.zeros(starts.shape[0], np.uint64), np.zeros(starts.shape[0], np.int64)
    for t in range(starts.shape[0]):
        n = fill_symbols(codes, starts[t], ends[t], symbols, at)
        mark_frames(symbols, n, held, of, edge, lengths, windows, share, good, frame)
        value = np.uint64(1)
        for i in range(n):
            if not frame[i] and symbols[i] != DIGITS:
                value = value * BASE + np.uint64(symbols[i])
                size[t] += 1
        hashes[t] = mixed(value)
    return hashes, size


@njit(cache=True)
def cover_texts(codes, bounds, held, of, edge, lengths):  # type: ignore[no-untyped-def]
    """What counts, the stretches that do not, and a hash of each."""
    longest = 0
    for t in range(bounds.shape[0] - 1):
        longest = max(longest, bounds[t + 1] - bounds[t])
    symbols, at, windows = np.empty(longest, np.uint32), np.empty(longest + 1, np.int64), np.empty(longest, np.uint64)
    share, good, frame = np.empty(longest, np.float32), np.empty(longest, np.bool_), np.empty(longest, np.bool_)
    rest = np.ones(codes.shape[0], np.bool_)
    stretches, names = (
        np.empty((codes.shape[0] // min(lengths) + 1, 3), np.int64),
        np.empty(codes.shape[0] // min(lengths) + 1, np.uint64),
    )
    filled = 0
    for t in range(bounds.shape[0] - 1):
        n = fill_symbols(codes, bounds[t], bounds[t + 1], symbols, at)
        if not mark_frames(symbols, n, held, of, edge, lengths, windows, share, good, frame):
            continue
        says = False
        for i in range(n):
            says = says or (not frame[i] and symbols[i] != DIGITS)
        if not says:
            continue
        at[n] = bounds[t + 1]
        i = 0
        while i < n:
            if not frame[i]:
                i += 1
                continue
            first = i
            value = np.uint64(1)
            while i < n and frame[i]:
                value = value * BASE + np.uint64(symbols[i])
                i += 1
            rest[at[first] : at[i]] = False
            stretches[filled] = (t, at[first] - bounds[t], at[i] - 1 - bounds[t])
            names[filled] = mixed(value)
            filled += 1
    return rest, stretches[:filled], names[:filled]
