"""Chinese word segmentation: jieba's algorithm and dictionaries, compiled.

jieba (https://github.com/fxsjy/jieba) finds the most probable path through the words of its dictionary and reads what the
dictionary does not know with a hidden Markov model. The same arithmetic is done here by a kernel over code points, in the
same order of operations, so that the words are jieba's own, word for word (a test proves it on 68,000 public texts), for a
hundredth of the time. The Rust port ``rjieba`` is fast too, but where two paths are equally probable (a character repeated
three times and more) it takes another one than jieba does; it is the peer in ``benchmarks/``.

Only runs of Chinese characters are segmented. Latin words, numbers and signs are split by kind, which is what a ticket's
order numbers and sizes need, and where jieba's own rule depends on its regular expressions.
"""

from __future__ import annotations

import functools
import itertools
import math
from importlib import resources
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

HAN_FIRST, HAN_LAST = 0x4E00, 0x9FD5
"""The range that jieba's own regular expressions take for Chinese."""

_MIN_FLOAT = -3.14e100
_BASE = np.uint64(0x100000001B3)
_SLOTS = 1 << 20
_STATES = "BMES"


class Lexicon(NamedTuple):
    """jieba's dictionary with our own words, as arrays that a kernel can walk.

    Attributes:
        keys: (2^20,) uint64 open-addressing table of the hashes of all words and their prefixes; 0 is empty.
        logs: (2^20,) float64 log frequency of the word in that slot; NaN for a mere prefix.
        log_total: log of the sum of all frequencies.
        start: (4,), trans: (4, 4), emit: (4, HAN) float64 log probabilities of the hidden Markov model, states BMES.
    """

    keys: NDArray[np.uint64]
    logs: NDArray[np.float64]
    log_total: float
    start: NDArray[np.float64]
    trans: NDArray[np.float64]
    emit: NDArray[np.float64]


def user_words() -> dict[str, int]:
    """Our own e-commerce words and their frequencies, from ``features/userdict.txt`` (one ``word frequency`` a line)."""
    text = resources.files("features").joinpath("userdict.txt").read_text(encoding="utf-8")
    pairs = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {word: int(frequency) for word, frequency in pairs}


@functools.cache
def load_lexicon() -> Lexicon:
    """jieba's default dictionary, our words added as ``jieba.add_word(word, frequency)`` would add them."""
    import jieba
    from jieba.finalseg import emit_P, start_P, trans_P

    with jieba.Tokenizer().get_dict_file() as file:
        data = np.frombuffer(file.read(), dtype=np.uint8)
    keys = np.zeros(_SLOTS, np.uint64)
    counts = np.zeros(_SLOTS, np.int64)
    total, filled = _insert_dictionary(data, keys, counts)
    for word, frequency in user_words().items():
        codes = np.array([ord(c) for c in word], dtype=np.uint32)
        filled += _insert_word(codes, np.int64(frequency), keys, counts)
        total += frequency
    if filled > _SLOTS * 3 // 4:
        raise ValueError(f"the dictionary has {filled:,} prefixes; enlarge _SLOTS ({_SLOTS:,})")
    # math.log, once per distinct frequency: NumPy's vectorised log may differ in the last bit, and jieba uses math.log.
    distinct, inverse = np.unique(counts, return_inverse=True)
    logs = np.array([math.log(c) if c > 0 else math.nan for c in distinct.tolist()])[inverse]
    emit = np.full((4, HAN_LAST - HAN_FIRST + 1), _MIN_FLOAT)
    for row, state in enumerate(_STATES):
        for char, value in emit_P[state].items():
            if HAN_FIRST <= ord(char) <= HAN_LAST:
                emit[row, ord(char) - HAN_FIRST] = value
    trans = np.array([[trans_P[a].get(b, _MIN_FLOAT) for b in _STATES] for a in _STATES])
    start = np.array([start_P[s] for s in _STATES])
    return Lexicon(keys, logs, math.log(total), start, trans, emit)


def segment(text: str) -> list[str]:
    """Words of ``text``, which concatenate to ``text``; Chinese runs exactly as jieba cuts them."""
    from features.normalise import code_points

    ends = word_ends(code_points(text), load_lexicon())
    starts = [0, *ends.tolist()]
    return [text[a:b] for a, b in itertools.pairwise(starts)]


def word_ends(codes: NDArray[np.uint32], lexicon: Lexicon) -> NDArray[np.int32]:
    """(words,) int32 end offsets of the words of one long text or of a batch joined by separators."""
    out: NDArray[np.int32] = _word_ends(codes, *lexicon)
    return out


@njit(cache=True, nogil=True, inline="always")
def _is_han(c):  # type: ignore[no-untyped-def]
    return HAN_FIRST <= c <= HAN_LAST


@njit(cache=True, nogil=True, inline="always")
def _kind(c):  # type: ignore[no-untyped-def]
    """1 digit, 2 Latin letter, 0 a sign of its own."""
    if 0x30 <= c <= 0x39:
        return 1
    if 0x61 <= c <= 0x7A or 0x41 <= c <= 0x5A:
        return 2
    return 0


@njit(cache=True, nogil=True, inline="always")
def _slot(key, keys):  # type: ignore[no-untyped-def]
    """Slot of ``key``, or of the empty place where it would go."""
    mask = np.uint64(keys.shape[0] - 1)
    h = (key ^ (key >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    at = (h ^ (h >> np.uint64(32))) & mask
    while keys[at] != np.uint64(0) and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@njit(cache=True, nogil=True)
def _insert_word(codes, frequency, keys, counts):  # type: ignore[no-untyped-def]
    """Adds a word and its prefixes; returns how many slots were newly filled. A word's later frequency replaces its first."""
    key = np.uint64(0)
    new = 0
    for i in range(codes.shape[0]):
        key = (key + np.uint64(codes[i])) * _BASE
        at = _slot(key, keys)
        if keys[at] == np.uint64(0):
            keys[at] = key
            new += 1
    counts[at] = frequency
    return new


@njit(cache=True, nogil=True)
def _insert_dictionary(data, keys, counts):  # type: ignore[no-untyped-def]
    """Reads jieba's ``dict.txt`` (UTF-8 bytes, ``word frequency tag`` a line). Words that are not purely Chinese can never
    match inside a Chinese run, so only their frequency counts (in the total)."""
    codes = np.empty(64, np.uint32)
    total = np.int64(0)
    filled = 0
    i = 0
    while i < data.shape[0]:
        n = 0
        pure = True
        while i < data.shape[0] and data[i] != 0x20 and data[i] != 0x0A:
            b = np.uint32(data[i])
            if b < 0x80:
                c, step = b, 1
            elif b < 0xE0:
                c, step = np.uint32(0), 2
            elif b < 0xF0:
                c = (
                    ((b & np.uint32(15)) << np.uint32(12))
                    | ((np.uint32(data[i + 1]) & np.uint32(63)) << np.uint32(6))
                    | (np.uint32(data[i + 2]) & np.uint32(63))
                )
                step = 3
            else:
                c, step = np.uint32(0), 4
            pure = pure and _is_han(c) and n < 64
            if n < 64:
                codes[n] = c
            n += 1
            i += step
        frequency = np.int64(0)
        i += 1
        while i < data.shape[0] and 0x30 <= data[i] <= 0x39:
            frequency = frequency * 10 + np.int64(data[i] - 0x30)
            i += 1
        while i < data.shape[0] and data[i] != 0x0A:
            i += 1
        i += 1
        total += frequency
        if pure and n > 0:
            filled += _insert_word(codes[:n], frequency, keys, counts)
    return total, filled


@njit(cache=True, nogil=True)
def _word_ends(codes, keys, logs, log_total, start, trans, emit):  # type: ignore[no-untyped-def]
    n = codes.shape[0]
    ends = np.empty(n, np.int32)
    longest = 0
    i = 0
    while i < n:  # the longest Chinese run sizes the scratch space
        j = i
        while j < n and _is_han(codes[j]):
            j += 1
        longest = max(longest, j - i)
        i = j + 1
    best = np.empty(longest + 1, np.float64)
    step = np.empty(longest + 1, np.int32)
    back = np.empty((longest + 1, 4), np.int8)
    out = 0
    i = 0
    while i < n:
        if _is_han(codes[i]):
            j = i
            while j < n and _is_han(codes[j]):
                j += 1
            out = _cut_run(codes, i, j, keys, logs, log_total, start, trans, emit, best, step, back, ends, out)
            i = j
            continue
        kind = _kind(codes[i])
        j = i + 1
        while kind > 0 and j < n and _kind(codes[j]) == kind:
            j += 1
        ends[out] = j
        out += 1
        i = j
    return ends[:out]


@njit(cache=True, nogil=True)
def _cut_run(codes, a, b, keys, logs, log_total, start, trans, emit, best, step, back, ends, out):  # type: ignore[no-untyped-def]
    """Cuts the Chinese run codes[a:b] and writes word ends; jieba's ``calc`` and ``__cut_DAG``."""
    size = b - a
    best[size] = 0.0
    for k in range(size - 1, -1, -1):
        key = np.uint64(0)
        found = False
        top = 0.0
        top_end = k
        for x in range(k, size):
            key = (key + np.uint64(codes[a + x])) * _BASE
            at = _slot(key, keys)
            if keys[at] == np.uint64(0):
                break
            if not math.isnan(logs[at]):
                score = logs[at] - log_total + best[x + 1]
                if not found or score >= top:  # equal scores: jieba's max() of (score, end) takes the longer word
                    found, top, top_end = True, score, x
        if not found:
            top = 0.0 - log_total + best[k + 1]
        best[k] = top
        step[k] = top_end + 1
    x = 0
    single = 0  # how many one-character words stand unread before x
    while x < size:
        y = step[x]
        if y - x == 1:
            single += 1
        else:
            out = _cut_unknown(codes, a + x - single, a + x, keys, logs, start, trans, emit, back, ends, out)
            single = 0
            ends[out] = a + y
            out += 1
        x = y
    return _cut_unknown(codes, b - single, b, keys, logs, start, trans, emit, back, ends, out)


@njit(cache=True, nogil=True)
def _cut_unknown(codes, a, b, keys, logs, start, trans, emit, back, ends, out):  # type: ignore[no-untyped-def]
    """One-character words in a row: kept apart when together they are a known word, else read by the Markov model."""
    if b - a < 2:
        if b > a:
            ends[out] = b
            out += 1
        return out
    key = np.uint64(0)
    for i in range(a, b):
        key = (key + np.uint64(codes[i])) * _BASE
    at = _slot(key, keys)
    if keys[at] != np.uint64(0) and not math.isnan(logs[at]):
        for i in range(a, b):
            ends[out] = i + 1
            out += 1
        return out
    # Viterbi; states B M E S = 0 1 2 3, possible predecessors in jieba's order of names, ties to the later name.
    before = ((3, 2), (0, 1), (0, 1), (2, 3))
    prob = np.empty(4, np.float64)
    fresh = np.empty(4, np.float64)
    for y in range(4):
        prob[y] = start[y] + emit[y, codes[a] - HAN_FIRST]
    for i in range(a + 1, b):
        for y in range(4):
            e = emit[y, codes[i] - HAN_FIRST]
            p, q = before[y]
            first = prob[p] + trans[p, y] + e
            second = prob[q] + trans[q, y] + e
            later = _NAME[q] > _NAME[p]
            if second > first or (second == first and later):
                fresh[y] = second
                back[i - a, y] = q
            else:
                fresh[y] = first
                back[i - a, y] = p
        prob[:] = fresh
    state = 3 if prob[3] >= prob[2] else 2
    first_out = out
    for i in range(b - 1, a - 1, -1):  # walked backwards; ends are written backwards, then turned round
        if state == 2 or state == 3 or i == b - 1:
            ends[out] = i + 1
            out += 1
        if i > a:
            state = back[i - a, state]
    low = first_out
    high = out - 1
    while low < high:
        ends[low], ends[high] = ends[high], ends[low]
        low += 1
        high -= 1
    return out


_NAME = (66, 77, 69, 83)  # "B", "M", "E", "S"
