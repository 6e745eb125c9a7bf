"""Parts what a ticket says from how loudly it says it.

From feature version 2 on, marks and emoji stand in a layer of their own, which only the heads of tone read
(:data:`TONE_HEADS`): "收到了！！！！！！" and "收到了" are the same words, so they get the same queue and the same urgency, and
differ in tone alone. In the words' own layer every mark that ends or parts a sentence is a comma, and so is an emoji; a run of
them is one, at either end of a text there is none; a question mark stays, once. Masked numbers and telephone numbers, which
say only *which* order, leave it altogether.

In version 1 everything stands among the words. Its models are read as they always were.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.courtesy.leave_out import leave_out
from features.courtesy.words import atoms
from features.normalise import Folded

TONE_HEADS: tuple[str, ...] = ("sentiment",)
"""Heads that see the layer of tone; for the others a mark has no weight, whatever they learned from."""

VERSIONS: tuple[int, ...] = (1, 2)
"""Feature versions that can be read."""

_OTHER, _PAUSE, _EMOJI, _QUESTION, _BLANK = range(5)

_PAUSES = "!~。…‼,;"
_QUESTIONS = "?⁇⁈⁉"

_SPEAKING = "🔥💥🆘🚑🚒🚨🩸💊⚡☠⚠"
"""Emoji that people write instead of a word of danger; they stay among the words."""

_EMOTICONS: str = (
    "微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|惊讶|难过|囧|抓狂|吐|偷笑|愉快|白眼|傲慢|困|惊恐|憨笑|悠闲|"
    "咒骂|疑问|嘘|晕|衰|骷髅|敲打|再见|擦汗|抠鼻|鼓掌|坏笑|右哼哼|鄙视|委屈|快哭了|阴险|亲亲|可怜|笑脸|生病|脸红|破涕为笑|恐惧|失望|"
    "无语|嘿哈|捂脸|奸笑|机智|皱眉|耶|吃瓜|加油|汗|天啊|社会社会|旺柴|好的|打脸|哇|翻白眼|让我看看|叹气|苦涩|裂开|嘴唇|爱心|心碎|"
    "拥抱|强|弱|握手|胜利|抱拳|勾引|拳头|合十|啤酒|咖啡|蛋糕|玫瑰|凋谢|菜刀|便便|月亮|太阳|庆祝|礼物|红包|发|福|烟花|爆竹|猪头|"
    "允悲|哈哈|嘻嘻|泪|怒|费解|思考|摊手|跪了|作揖|笑哭|怒骂|哼|抱抱|爱你|可爱|馋嘴|拜拜|生气|伤心|心|赞|给力|悲伤|偷乐|酷|鬼脸|飞吻|"
    "色迷迷|开心|大笑|呆|拜托|感谢|谢谢|花|玫瑰花|送花|doge|ok|二哈"
)
"""Emoji as chat windows write them out: ``[微笑]``. Their order is part of version 2."""

_DROPPED = ("手机号", "电话", "订单号")
_KEPT = ("身份证号", "银行卡号", "邮箱", "税号", "地址")
"""Kinds of masks (see :mod:`features.mask`): which order or telephone it is says nothing; that an address stands there does."""

_EMOTICON_SIGN = 0xE100
_MASK_SIGN = 0xE010
_NAME_LENGTH = 4


class Layers(NamedTuple):
    """A folded batch in two layers, both as long as ``Folded.codes``.

    Attributes:
        codes: (n,) uint32 what the words and n-grams are made of; 0: nothing of it.
        runs: (n,) int32 as in :class:`features.normalise.Folded`.
        signs: (n,) uint32 at the first code point of a run of one sign: that sign; ``often``: (n,) int32 how long the run was,
            ``places``: (n,) int32 how many code points it takes here; else 0. All three are empty in version 1.
    """

    codes: NDArray[np.uint32]
    runs: NDArray[np.int32]
    signs: NDArray[np.uint32]
    often: NDArray[np.int32]
    places: NDArray[np.int32]


def layers(folded: Folded, version: int) -> Layers:
    """The layers of a batch as ``version`` reads it."""
    if version == 1:
        none = np.empty(0, np.int32)
        return Layers(folded.codes, folded.runs, np.empty(0, np.uint32), none, none)
    codes, signs, often, places, part = _signs(folded.codes, folded.runs, folded.bounds, _kinds(), *_bracketed())
    leave_out(folded.codes, folded.bounds, part, codes, signs, often, places, *atoms())
    _settle(folded.bounds, part, codes)
    return Layers(codes, folded.runs, signs, often, places)


@functools.cache
def _kinds() -> NDArray[np.int8]:
    """(0x20000,) what part each folded code point plays among marks."""
    kinds = np.full(0x20000, _OTHER, np.int8)
    kinds[0x2600:0x27C0] = _EMOJI
    kinds[0x1F000:0x1FB00] = _EMOJI
    kinds[[0x2B50, 0x2B55, 0x2B1B, 0x2B1C, 0x203F, 0x263A]] = _EMOJI
    kinds[0x1F100:0x1F1E6] = _OTHER  # letters and digits in circles and squares
    for signs, kind in ((_PAUSES, _PAUSE), (_QUESTIONS, _QUESTION), (_SPEAKING, _OTHER)):
        kinds[[ord(sign) for sign in signs]] = kind
    kinds[0x20] = _BLANK
    kinds.setflags(write=False)
    return kinds


@functools.cache
def _bracketed() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(names, 4) folded code points of what may stand in square brackets, 0 behind; (names,) the sign of each, 0: leave out."""
    rows = [(name, _EMOTICON_SIGN + i) for i, name in enumerate(_EMOTICONS.split("|"))]
    rows += [(name, 0) for name in _DROPPED]
    rows += [(name, _MASK_SIGN + i) for i, name in enumerate(_KEPT)]
    names = np.zeros((len(rows), _NAME_LENGTH), np.uint32)
    for row, (name, _) in enumerate(rows):
        names[row, : len(name)] = [ord(char) for char in name]
    return names, np.array([sign for _, sign in rows], np.uint32)


@njit(cache=True, nogil=True, inline="always")
def _kind(c, kinds):  # type: ignore[no-untyped-def]
    return kinds[c] if c < kinds.shape[0] else np.int8(0)


@njit(cache=True, nogil=True, inline="always")
def _latin(c):  # type: ignore[no-untyped-def]
    return 0x30 <= c <= 0x39 or 0x61 <= c <= 0x7A


@njit(cache=True, nogil=True)
def _in_brackets(codes, i, b, names):  # type: ignore[no-untyped-def]
    """Row of the name that stands in the brackets that open at ``i``, or -1."""
    for row in range(names.shape[0]):
        n = 0
        while n < names.shape[1] and names[row, n] != 0 and i + 1 + n < b and codes[i + 1 + n] == names[row, n]:
            n += 1
        if (n == names.shape[1] or names[row, n] == 0) and i + 1 + n < b and codes[i + 1 + n] == 0x5D:
            return row
    return -1


@njit(cache=True, nogil=True)
def _named(codes, i, b, names):  # type: ignore[no-untyped-def]
    """Length of the longest emoticon's name that stands at ``i``, 0 for none; what is hidden has no stroke in front."""
    best = 0
    for row in range(names.shape[0]):
        n = 0
        while n < names.shape[1] and names[row, n] != 0 and i + n < b and codes[i + n] == names[row, n]:
            n += 1
        if n > best and (n == names.shape[1] or names[row, n] == 0):
            best = n
    return best


@njit(cache=True, nogil=True)
def _face(codes, i, b):  # type: ignore[no-untyped-def]
    """Length of the face of signs that stands at ``i`` (T_T, ^_^, >_<, or anything in brackets without a word), else 0."""
    if codes[i] == 0x28:
        end = i + 1
        while end < b and end < i + 12 and codes[end] != 0x29:
            c = codes[end]
            if _latin(c) or 0x3400 <= c <= 0x9FFF or c in (0x20, 0x3F, 0x2E, 0x2C, 0xE000):
                return 0
            end += 1
        return end + 1 - i if end < b and codes[end] == 0x29 and end > i + 2 else 0
    if i + 2 >= b or codes[i + 1] != 0x5F:
        return 0
    eye, other = codes[i], codes[i + 2]
    alike = eye == other and eye in (0x74, 0x5E, 0x2D, 0x6F, 0x71, 0x3B, 0x40)
    return 3 if alike or (eye == 0x3E and other == 0x3C) else 0


@njit(cache=True, nogil=True)
def _signs(raw, runs, bounds, kinds, names, meant):  # type: ignore[no-untyped-def]
    """What part each code point plays: 0 words, 1 a mark, 2 an emoji, 3 a question mark, 4 a blank, -1 nothing; and the signs of tone."""
    out = raw.copy()
    signs = np.zeros(raw.shape[0], np.uint32)
    often = np.zeros(raw.shape[0], np.int32)
    places = np.zeros(raw.shape[0], np.int32)
    part = np.zeros(raw.shape[0], np.int8)
    for t in range(bounds.shape[0] - 1):
        a, b = bounds[t], bounds[t + 1] - 1
        i = a
        while i < b:
            c = raw[i]
            kind = _kind(c, kinds)
            if c == 0x2E:  # a point between digits or letters belongs to a number or an address
                inside = i > a and i + 1 < b and _latin(raw[i - 1]) and _latin(raw[i + 1])
                kind = np.int8(0) if inside else np.int8(1)
            face = _face(raw, i, b)
            if c == 0x2F:  # an emoji written out behind a stroke: /难过
                named = _named(raw, i + 1, b, names)
                face = 1 + named if named > 1 else 0
            if face > 0:
                for k in range(i, i + face):
                    out[k], part[k] = 0, -1
                part[i] = 2
                signs[i], often[i], places[i] = raw[i] if c != 0x2F else raw[i + 1], 1, face
                i += face
                continue
            row = _in_brackets(raw, i, b, names) if c == 0x5B else -1
            if row >= 0:
                end = i
                while raw[end] != 0x5D:
                    out[end] = 0
                    part[end] = -1
                    end += 1
                out[end] = 0
                part[end] = -1
                end += 1
                if meant[row] >= 0xE100:  # an emoji written out
                    part[i] = 2
                    signs[i], often[i], places[i] = meant[row], 1, end - i
                else:
                    out[i] = meant[row]
                    part[i] = 0 if meant[row] != 0 else -1
                    while end < b and raw[end] == 0x2A:
                        out[end] = 0
                        part[end] = -1
                        end += 1
                i = end
                continue
            part[i] = kind
            if 1 <= kind <= 3:
                first = i
                length = 1
                while i + 1 < b and raw[i + 1] == c:
                    i += 1
                    length += 1
                    part[i] = kind
                signs[first] = c
                often[first] = max(length, runs[i])
                places[first] = length
            i += 1
    return out, signs, often, places, part


@njit(cache=True, nogil=True)
def _settle(bounds, part, out):  # type: ignore[no-untyped-def]
    """Makes a run of marks one of them, a run of blanks one blank; at either end of a text there is none."""
    for t in range(bounds.shape[0] - 1):
        a, b = bounds[t], bounds[t + 1] - 1
        i = a
        last = np.uint32(0)
        while i < b:
            if part[i] == -1:
                i += 1
                continue
            if part[i] == 0:
                last = out[i]
                i += 1
                continue
            place, chosen, end = i, part[i], i
            while end < b and part[end] != 0:
                out[end] = 0
                if part[end] > 0 and (part[end] == 3 or chosen == 4):
                    chosen, place = part[end], end
                end += 1
            if chosen == 3:
                out[place] = 0x3F
            elif last != 0 and end < b:
                out[place] = 0x20 if chosen == 4 else 0x2C
            last = out[place]
            i = end
