"""What a finder of regions returns, and the view of a text that it looks at.

A region is a stretch that is not read as it stands. It is overwritten in place, so offsets never move: by blanks, by a line
break and blanks, or by the one character that it means. What then remains of it is filled with :data:`JOINER`, a mark
without width that folding drops (:mod:`features.normalise`), so that ``\\u9000\\u8d27`` is read as 退货 and not as 退 货.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.normalise import code_points, fold_table
from triage.own_words import Kind

JOINER = "\u2060"
"""WORD JOINER: fills what stands inside a word. Folding drops it, a reader does not see it."""

_CJK = range(0x3400, 0xA000)
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_WORD = re.compile(r"[^\W_]")
_SPOKEN = re.compile(r"[^\W_]|[?!？！…]|。\u2060*。|[\u2600-\u27bf\U0001f000-\U0001faff]")


class Region(NamedTuple):
    """A stretch ``start:end`` of a view and how it is read.

    Attributes:
        put: what is read in its place, not longer than the stretch; empty: nothing.
        fill: what the rest is overwritten with, a blank or :data:`JOINER`.
        silent: True for what the customer did say, only written otherwise (``&lt;``): it is read, so not reported unread.
    """

    start: int
    end: int
    put: str = ""
    fill: str = " "
    silent: bool = False


class Finder(NamedTuple):
    """One kind of region.

    Attributes:
        kind: its name in the answer.
        hints: a text that holds none of these strings has no region of this kind, unless it has two colons and ``colons``
            is True; the cheapest look, so few and rare ones.
        may: the same, more precise and still cheap: asked once any hint of any kind was found.
        find: regions of a view, in any order; of two that overlap the one that begins first (then the longer) counts.
        colons: two colons are a hint.
    """

    kind: Kind
    hints: tuple[str, ...]
    may: Callable[[str], object]
    find: Callable[[str], Iterable[Region]]
    colons: bool = False


class View(NamedTuple):
    """A text as finders look at it: in simplified characters, without joiners, one blank where several stand.

    ``at``: where each of its characters stands; None: at its own place.
    """

    text: str
    at: NDArray[np.int64] | None


class Line(NamedTuple):
    """A line that is not blank: ``text`` without the blanks around it, which begins at ``start``; ``end`` of the whole line."""

    text: str
    start: int
    end: int


@functools.cache
def _simplified() -> dict[int, int]:
    """Traditional -> simplified, character by character as folding has it, so that finders know one form of a word."""
    # As plain integers: a range looks a NumPy integer up by comparing its members one by one, which took seconds.
    table = fold_table()[_CJK.start : _CJK.stop].tolist()
    return {code: to for code, to in zip(_CJK, table, strict=True) if code != to and to in _CJK}


def view(text: str) -> View:
    """The view of a text: what earlier finders overwrote does not part what belongs together."""
    if JOINER not in text and "  " not in text:
        return View(text.translate(_simplified()), None)
    codes = code_points(text)
    at = np.flatnonzero(codes != ord(JOINER))
    blank = codes[at] == ord(" ")
    blank[1:] &= blank[:-1]
    blank[:1] = False
    at = at[~blank]
    return View(codes[at].tobytes().decode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass").translate(_simplified()), at)


def vocabulary(words: str) -> frozenset[str]:
    """A set of words that are written with blanks between them."""
    return frozenset(words.split())


def overwrite(seen: View, regions: Iterable[Region]) -> Iterator[tuple[int, int, str, bool]]:
    """Yields (start, end, what stands there now, silent) in offsets of the text seen: in order, apart, length kept."""
    last = 0
    for start, end, put, fill, silent in sorted(regions, key=lambda region: (region[0], -region[1])):
        if start < last or end <= start:
            continue
        last = end
        if seen.at is not None:
            start, end = int(seen.at[start]), int(seen.at[end - 1]) + 1
        yield start, end, put + fill * (end - start - len(put)), silent


def blanked(text: str, regions: Iterable[Region]) -> str:
    """``text`` with its regions overwritten."""
    out: list[str] = []
    at = 0
    for start, end, now, _ in overwrite(View(text, None), regions):
        out += (text[at:start], now)
        at = end
    return "".join((*out, text[at:]))


def lines(text: str) -> list[Line]:
    """The lines of a text that are not blank."""
    out = []
    for match in _LINE.finditer(text):
        whole = match.group()
        stripped = whole.strip()
        if stripped:
            start = match.start() + len(whole) - len(whole.lstrip())
            out.append(Line(stripped, start, match.end()))
    return out


def words(text: str) -> int:
    """How many letters, digits and Chinese characters a text has."""
    return len(_WORD.findall(text))


def says_something(text: str) -> bool:
    """Whether a text has anything to read: a letter, a digit, a question or exclamation mark, an emoji."""
    return _SPOKEN.search(text) is not None
