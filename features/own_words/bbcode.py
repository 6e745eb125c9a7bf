"""BBCode of forums and QQ's CQ codes: ``[img]…[/img]``, ``[url=…]…[/url]``, ``[b]…[/b]``, ``[CQ:image,file=…]``.

Only pairs count: a lone ``[S]`` is a size. What a picture's or a film's tags enclose is an address, what ``[quote]`` encloses
another's words; what the others enclose is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.own_words.region import JOINER, Finder, Region, blanked, says_something

_NAMES = (
    "b|i|u|s|img|url|quote|size|color|font|list|email|video|audio|media|flash|emoji|em|face|at|align|center|left|right|table|tr|td|th|"
    "indent|attach|attachment|hide|spoiler|code|backcolor|float|p|sub|sup|user|mask"
)
_TAG = re.compile(rf"\[(?P<close>/?)(?P<name>{_NAMES})(?P<value>[ =][^\[\]\n]{{0,500}})?\]", re.IGNORECASE)
_CQ = re.compile(r"\[CQ:(?P<name>[a-z]{1,20})(?:,[^\[\]\n]{0,1000})?\]")
_ENCLOSED = frozenset({"img", "video", "audio", "media", "flash", "attach", "attachment", "emoji", "em", "face"})


def find(text: str) -> Iterator[Region]:
    """Tags that come in pairs, what some of them enclose, and CQ codes."""
    regions = [Region(*match.span()) for match in _CQ.finditer(text)]
    quotes: list[Region] = []
    open_at: dict[str, list[re.Match[str]]] = {}
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if not tag["close"]:
            open_at.setdefault(name, []).append(tag)
            continue
        if not open_at.get(name):
            continue
        begin = open_at[name].pop()
        if name in _ENCLOSED:
            regions.append(Region(begin.start(), tag.end()))
        elif name == "quote":
            quotes.append(Region(begin.start(), tag.end(), "\n"))
        fill = "\n" if name in ("quote", "list", "table", "tr", "td", "p", "align", "center") else ""
        regions += [
            Region(*begin.span(), fill, " " if fill else JOINER),
            Region(*tag.span(), fill, " " if fill else JOINER),
        ]
    if quotes and says_something(blanked(text, [*regions, *quotes])):
        regions += quotes
    yield from regions


_SIGN = re.compile(r"\[(?:/[a-zA-Z]|CQ:)")
FINDER = Finder("bbcode", ("[",), _SIGN.search, find)
