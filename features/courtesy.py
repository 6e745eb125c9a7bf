"""Finds what a ticket says out of courtesy: greetings, thanks, "could you have a look".

Such a phrase is nobody's matter, and yet in a ticket of nine characters it is half of what a model reads: with 在吗 in front,
a battery that burns a hand was no longer ``critical``. From feature version 2 on it leaves the words' layer (see
:mod:`features.tone`) and stands among the signs of tone.

A phrase is a chain of :data:`_ATOMS`, one of them a courtesy (:data:`_CORES`), the others what usually stands beside it (客服,
一下, 帮我). It is left out

* where it is a whole clause: "您好，", "麻烦帮我看一下，", "谢谢你们！";
* at the start of a clause where it opens it: "请问" in "请问发货了吗", "你好" in "你好我的快递没到";
* at the end of one: "谢谢" in "帮我改成后天送谢谢";

never inside ("说声谢谢都没有"), and never where nothing else would remain. "订单号：" in front of a number that
:mod:`features.mask` has hidden goes the same way.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

_CORE, _ENDS, _OPENS, _CLOSES = 1, 2, 4, 8


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


_GREETINGS = _listed(
    "您好|你好|你们好|您们好|大家好|各位好|老师好|hi|hello|嗨|哈喽|哈啰|在吗|在么|在不在|在嘛|有人吗|有人么|有人没|早上好|上午好|"
    "中午好|下午好|晚上好|早安|晚安|打扰|打搅|不好意思|请问|请教|想问|劳驾|劳烦|有劳|烦请|麻烦"
)
"""Courtesies that may open a clause."""

_THANKS = _listed("谢谢|谢了|谢啦|感谢|多谢|谢过|感恩|辛苦|拜托|麻烦|劳驾|有劳|thanks|thx|thankyou")
"""Courtesies that may close one."""

_ALONE = _listed("帮忙|帮帮忙|帮我|帮下忙|协助|亲|谢|dear|尊敬的|亲爱的|盼复|望回复|候复|拜谢|叩谢|祝生意兴隆")
"""Courtesies of a clause that holds nothing else."""

_CLOSINGS = _listed("此致|敬礼|祝好|顺颂商祺|顺祝商祺|商祺|敬上|regards|sincerely|bestwishes|cheers")
"""Courtesies that close a letter; what stands below is a name."""

_CORES = tuple(dict.fromkeys([*_CLOSINGS, *_GREETINGS, *_THANKS, *_ALONE]))
"""Their order is part of version 2."""

_BESIDE = _listed(
    "客服|人工客服|人工|在线客服|售后|售后客服|售前|卖家|店家|店主|商家|老板|老板娘|掌柜的|掌柜|店小二|小二|小姐姐|小哥哥|小姐|先生|"
    "亲亲|美女|帅哥|各位|大家|同事|团队|工作人员|老师|朋友|你们|你|您|您们|贵店|们|非常|十分|万分|多多|先|提前|再次|再|请|想|"
    "我|我想|有|有人|在|好|好的|嗯|那个|哎|all|team|there|so|much|very|you|and|sir|best|kind|yours|warm"
)
_TAILS = _listed(
    "了|啦|啊|呀|哦|喔|呢|哈|嘞|吧|吗|么|一下|下|帮我|帮忙|帮|看看|看一下|看下|瞅瞅|问一下|问下|问问|问|咨询一下|咨询下|"
    "处理一下|处理下|查一下|查下|查查|核实一下|核实下|回复一下|回复下|解决一下|解决下|协助一下"
)
"""What may stand between a courtesy and the matter; words that already belong to the matter (你们, 我) may not."""

_LABELS = _listed("订单编号|订单号码|订单号|订单|单号|编号|交易号|order|no")
"""What stands in front of an order's number; a waybill's (运单号) says that a parcel is on its way, and stays."""

_LONGEST = 24
"""Code points of a clause that can be courtesy as a whole."""

_LONGEST_NAME = 32
"""Code points of who signs below a closing: a name, a post, a company."""

_KEEPS_BEFORE = "的不很太没说声句么怎真好这那个是"
_KEEPS_BEHIND = "的死得地不"
"""Beside these a word of courtesy is meant: 太麻烦了, 说声谢谢, 麻烦死了, 麻烦的是."""

COURTESY_SIGN = 0xE200
"""First of the private-use code points that stand for courtesies among the signs of tone."""


class Atoms(NamedTuple):
    """What phrases are made of, for a kernel.

    Attributes:
        first: (0x10000,) int32 row of the first atom that begins with a code point, -1 for none.
        codes: (atoms, longest) uint32 folded code points, 0 behind; rows that begin alike stand together, the longest first.
        roles: (atoms,) int8 bits: a courtesy, may end what opens a clause, opens one, closes one.
        signs: (atoms,) uint32 of courtesies.
        labels: (labels, longest) uint32.
        closings: the first so many signs are of courtesies that close a letter.
        before, behind: code points beside which a courtesy is meant.
    """

    first: NDArray[np.int32]
    codes: NDArray[np.uint32]
    roles: NDArray[np.int8]
    signs: NDArray[np.uint32]
    labels: NDArray[np.uint32]
    closings: int
    before: NDArray[np.uint32]
    behind: NDArray[np.uint32]


@functools.cache
def atoms() -> Atoms:
    """The tables."""
    roles = dict.fromkeys([*_CORES, *_BESIDE, *_TAILS], 0)
    for group, bits in (
        (_CORES, _CORE),
        (_GREETINGS, _OPENS | _ENDS),
        (_THANKS, _CLOSES),
        (_TAILS, _ENDS),
    ):
        for name in group:
            roles[name] |= bits
    names = sorted(roles, key=lambda name: (name[0], -len(name), name))
    codes = _rows(names)
    first = np.full(0x10000, -1, np.int32)
    for row in range(len(names) - 1, -1, -1):
        first[codes[row, 0]] = row
    signs = [COURTESY_SIGN + _CORES.index(name) if name in _CORES else 0 for name in names]
    return Atoms(
        first,
        codes,
        np.array([roles[name] for name in names], np.int8),
        np.array(signs, np.uint32),
        _rows(_LABELS),
        len(_CLOSINGS),
        np.array([ord(char) for char in _KEEPS_BEFORE], np.uint32),
        np.array([ord(char) for char in _KEEPS_BEHIND], np.uint32),
    )


def _rows(names: Sequence[str]) -> NDArray[np.uint32]:
    out = np.zeros((len(names), max(map(len, names))), np.uint32)
    for row, name in enumerate(names):
        out[row, : len(name)] = [ord(char) for char in name]
    return out


@njit(cache=True, nogil=True)
def leave_out(  # type: ignore[no-untyped-def]
    raw, bounds, part, codes, signs, often, places, first, names, roles, core_signs, labels, closings, before, behind
):  # fmt: skip
    """Takes courtesies out of a batch.

    Args:
        raw, bounds: of :class:`features.normalise.Folded`.
        part: (n,) int8 see :mod:`features.tone`; becomes -1 of what is left out. ``codes``: (n,) becomes 0 there.
        signs, often, places: (n,) get a sign for each courtesy.
        first, names, roles, core_signs, labels, closings, before, behind: :class:`Atoms`.
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
        while start > 0 and (raw[start - 1] in (0x20, 0x3A, 0x662F, 0x4E3A, 0x23) and part[start - 1] != 5):
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
    if _chain(raw, part, p, q, reach, first, names, roles) == q:
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
            if j > i and (j < q or i > p) and _chain(raw, part, i, j, reach, first, names, roles) == j:
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
        if closes and _chain(raw, part, i, q, reach, first, names, roles) == q:
            _take(raw, part, codes, signs, often, places, i, q, first, names, core_signs)
            found = True
            break
    return found


@njit(cache=True, nogil=True)
def _chain(raw, part, p, q, reach, first, names, roles):  # type: ignore[no-untyped-def]
    """``q`` where raw[p:q] is a chain of atoms with a courtesy in it, else -1."""
    if q - p > _LONGEST:
        return -1
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
    return q if reach[q - p] == 2 else -1


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
