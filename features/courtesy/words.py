"""What courtesies are made of: the lists, and the same as tables for a kernel."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
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
