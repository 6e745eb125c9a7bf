"""Takes courtesies out of the words' layer. A kernel, and all that it calls: compiled code uses nothing of other files."""

from __future__ import annotations

import numpy as np
from numba import njit

_LONGEST = 24
"""Code points of a clause that can be courtesy as a whole."""

_LONGEST_NAME = 32
"""Code points of who signs below a closing: a name, a post, a company."""


@njit(cache=True, nogil=True)
def leave_out(  # type: ignore[no-untyped-def]
    raw, bounds, part, codes, signs, often, places, first, names, roles, core_signs, labels, closings, before, behind
):  # fmt: skip
    """Takes courtesies out of a batch.

    Args:
        raw, bounds: of :class:`features.normalise.Folded`.
        part: (n,) int8 see :mod:`features.tone`; becomes -1 of what is left out. ``codes``: (n,) becomes 0 there.
        signs, often, places: (n,) get a sign for each courtesy.
        first, names, roles, core_signs, labels, closings, before, behind: :class:`features.courtesy.words.Atoms`.
    """
    longest = 0
    for t in range(bounds.shape[0] - 1):
        longest = max(longest, bounds[t + 1] - bounds[t])
    was_part, was_code = np.empty(longest, np.int8), np.empty(longest, np.uint32)
    reach = np.empty(_LONGEST + 1, np.int8)
    for t in range(bounds.shape[0] - 1):
        a, b = bounds[t], bounds[t + 1] - 1
        was_part[: b - a] = part[a:b]
        was_code[: b - a] = codes[a:b]
        changed = False
        p = a
        while p < b:
            if _hard(raw[p], part[p]):
                p += 1
                continue
            q = p
            while q < b and not _hard(raw[q], part[q]):
                q += 1
            masked = _number(raw, part, codes, p, q, labels)
            gone = _clause(
                raw, part, codes, signs, often, places, p, q, reach, first, names, roles, core_signs, before, behind
            )
            changed = changed or gone or masked
            if _empty(part, p, q) and (gone or masked):
                while q < b and _hard(raw[q], part[q]):
                    part[q], codes[q] = -1, 0
                    q += 1
            p = q
        closed = -1
        for i in range(a, b):
            if 0xE200 <= signs[i] < 0xE200 + closings:
                closed = i + places[i]
        if closed > 0 and b - closed <= _LONGEST_NAME:
            asks = False
            for i in range(closed, b):
                asks = asks or part[i] == 3
            if not asks:
                for i in range(closed, b):
                    part[i], codes[i] = -1, 0
        if changed:
            rest = 0
            for i in range(a, b):
                if part[i] == 0 and _word(raw[i]):
                    rest += 1
            if rest == 0:
                part[a:b] = was_part[: b - a]
                codes[a:b] = was_code[: b - a]
                for i in range(a, b):
                    if signs[i] >= 0xE200 and signs[i] < 0xE300:
                        signs[i], often[i], places[i] = 0, 0, 0


@njit(cache=True, nogil=True, inline="always")
def _hard(c, part):  # type: ignore[no-untyped-def]
    """What ends a clause: a mark, a colon, a pause."""
    return 1 <= part <= 3 or c == 0x3A or c == 0x3001


@njit(cache=True, nogil=True, inline="always")
def _word(c):  # type: ignore[no-untyped-def]
    """Chinese, a letter or a digit, a sign that stands for something."""
    return 0x3400 <= c <= 0x9FFF or 0x30 <= c <= 0x39 or 0x61 <= c <= 0x7A or c >= 0xE000


@njit(cache=True, nogil=True)
def _empty(part, p, q):  # type: ignore[no-untyped-def]
    left = 0
    for i in range(p, q):
        left += part[i] == 0
    return left == 0


@njit(cache=True, nogil=True, inline="always")
def _matches(raw, i, q, names, row):  # type: ignore[no-untyped-def]
    """Length of the atom ``row`` where it stands at ``i``, else 0."""
    n = 0
    while n < names.shape[1] and names[row, n] != 0:
        if i + n >= q or raw[i + n] != names[row, n]:
            return 0
        n += 1
    return n


@njit(cache=True, nogil=True)
def _number(raw, part, codes, p, q, labels):  # type: ignore[no-untyped-def]
    """Leaves out the label in front of each order number of the clause, and the brackets around both."""
    found = False
    i = p
    while i < q:
        if part[i] != -1:
            i += 1
            continue
        end = i
        while end < q and part[end] == -1:
            end += 1
        start = i
        while start > 0 and raw[start - 1] in (0x20, 0x3A, 0x662F, 0x4E3A, 0x23):
            start -= 1
        best = 0
        for row in range(labels.shape[0]):
            n = 0
            while n < labels.shape[1] and labels[row, n] != 0:
                n += 1
            if n > best and start - n >= 0 and _matches(raw, start - n, start, labels, row) == n:
                best = n
        if (
            best > 0 and start - best > 0 and raw[start - best - 1] in (0x8FD0, 0x9012, 0x6D41)
        ):  # 运单号, 快递单号, 物流单号
            best = 0
        if best > 0:
            start -= best
            if start > 1 and raw[start - 1] == 0x7684 and raw[start - 2] == 0x6211:  # 我的
                start -= 2
            for k in range(start, i):
                part[k], codes[k] = -1, 0
            if start > 0 and end < q and raw[start - 1] == 0x28 and raw[end] == 0x29:
                part[start - 1], codes[start - 1] = -1, 0
                part[end], codes[end] = -1, 0
            found = True
        i = end
    return found


@njit(cache=True, nogil=True)
def _clause(raw, part, codes, signs, often, places, p, q, reach, first, names, roles, core_signs, before, behind):  # type: ignore[no-untyped-def]
    """Leaves the courtesies of the clause raw[p:q] out; whether there was one."""
    while q > p and (raw[q - 1] == 0x20 or part[q - 1] == -1):
        q -= 1
    while p < q and (raw[p] == 0x20 or part[p] == -1):
        p += 1
    if p >= q:
        return False
    if _chain(raw, part, p, q, reach, first, names, roles):
        _take(raw, part, codes, signs, often, places, p, q, first, names, core_signs)
        return True
    found = False
    i = p
    while i < q:  # what stands between blanks, several in a row as one
        j = i
        stop = i
        while j < q and j - i <= _LONGEST:
            while j < q and raw[j] != 0x20:
                j += 1
            if j > i and (j < q or i > p) and _chain(raw, part, i, j, reach, first, names, roles):
                stop = j
            j += 1
        if stop > i:
            _take(raw, part, codes, signs, often, places, i, stop, first, names, core_signs)
            found = True
            i = stop + 1
            continue
        while i < q and raw[i] != 0x20:
            i += 1
        i += 1
    while p < q and (raw[p] == 0x20 or part[p] == -1):
        p += 1
    while q > p and (raw[q - 1] == 0x20 or part[q - 1] == -1):
        q -= 1
    stop = _opening(raw, part, p, q, reach, first, names, roles)
    if p < stop < q and raw[stop] not in behind:
        _take(raw, part, codes, signs, often, places, p, stop, first, names, core_signs)
        found = True
        p = stop
    for i in range(max(p + 1, q - 12), q):
        row = first[raw[i]] if raw[i] < first.shape[0] else -1
        if row < 0 or raw[i - 1] in before:
            continue
        closes = False
        while row < names.shape[0] and names[row, 0] == raw[i]:
            closes = closes or (roles[row] & 8 != 0 and _matches(raw, i, q, names, row) > 0)
            row += 1
        if closes and _chain(raw, part, i, q, reach, first, names, roles):
            _take(raw, part, codes, signs, often, places, i, q, first, names, core_signs)
            found = True
            break
    return found


@njit(cache=True, nogil=True)
def _chain(raw, part, p, q, reach, first, names, roles):  # type: ignore[no-untyped-def]
    """Whether raw[p:q] is a chain of atoms with a courtesy in it."""
    if q - p > _LONGEST:
        return False
    reach[: q - p + 1] = 0
    reach[0] = 1
    for i in range(p, q):
        state = reach[i - p]
        if state == 0:
            continue
        if raw[i] == 0x20 or part[i] == -1:
            reach[i + 1 - p] = max(reach[i + 1 - p], state)
            continue
        row = first[raw[i]] if raw[i] < first.shape[0] else -1
        while 0 <= row < names.shape[0] and names[row, 0] == raw[i]:
            n = _matches(raw, i, q, names, row)
            if n > 0:
                then = 2 if roles[row] & 1 != 0 else state
                reach[i + n - p] = max(reach[i + n - p], then)
            row += 1
    return reach[q - p] == 2


@njit(cache=True, nogil=True)
def _opening(raw, part, p, q, reach, first, names, roles):  # type: ignore[no-untyped-def]
    """Where the longest chain ends that opens the clause with a courtesy and may stand before a matter; ``p`` if none does."""
    size = min(q - p, _LONGEST)
    reach[: size + 1] = 0
    reach[0] = 1
    best = p
    for i in range(p, p + size):
        state = reach[i - p]
        if state == 0:
            continue
        if raw[i] == 0x20 or part[i] == -1:
            reach[i + 1 - p] = max(reach[i + 1 - p], state)
            continue
        row = first[raw[i]] if raw[i] < first.shape[0] else -1
        while 0 <= row < names.shape[0] and names[row, 0] == raw[i]:
            n = _matches(raw, i, p + size, names, row)
            if n > 0:
                then = 2 if roles[row] & 4 != 0 else state
                reach[i + n - p] = max(reach[i + n - p], then)
                if then == 2 and roles[row] & 2 != 0:
                    best = max(best, i + n)
            row += 1
    return best


@njit(cache=True, nogil=True)
def _take(raw, part, codes, signs, often, places, p, q, first, names, core_signs):  # type: ignore[no-untyped-def]
    """Leaves raw[p:q] out; its courtesies become signs."""
    i = p
    while i < q:
        step = 1
        row = first[raw[i]] if raw[i] < first.shape[0] else -1
        while 0 <= row < names.shape[0] and names[row, 0] == raw[i]:
            n = _matches(raw, i, q, names, row)
            if n > 0:  # the longest stands first
                step = n
                if core_signs[row] != 0:
                    signs[i], often[i], places[i] = core_signs[row], 1, n
                break
            row += 1
        i += step
    for i in range(p, q):
        part[i], codes[i] = -1, 0
