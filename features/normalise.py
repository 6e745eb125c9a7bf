"""Folds a text to the form the model reads, and remembers where every character came from.

What is kept apart matters in tickets: emoji and punctuation stay (tone lives there), a run of the same sign is cut to three
but its length is remembered ("？？？？？？" is not "？"), digits stay whole (amounts), a URL becomes one sign.
What is folded: full and half width and other compatibility forms (Unicode NFKC, UAX #15), letter case, traditional to
simplified characters (OpenCC, character by character so that offsets hold), blanks, zero-width marks.

The work is one pass of a compiled kernel over code points with one table, for a whole batch at a time.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

SEPARATOR = 0x0A
"""Code point that stands between the texts of a batch; inside a text every line break is folded to a blank."""

URL_SIGN = 0xE000
"""Private-use code point that stands for a whole URL."""

MAX_RUN = 3
"""A run of one sign or character (digits excepted) is cut to this length; the true length is kept beside it."""

_TABLE_SIZE = 0x20000
_DROP = 0
_BLANK = 0x20
_CJK = range(0x3400, 0xA000)
_NOT_STORABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


class Folded(NamedTuple):
    """A batch of folded texts.

    Attributes:
        codes: (n,) uint32 folded code points of all texts, each text followed by one :data:`SEPARATOR`.
        offsets: (n,) int32 offset of each folded code point in its own raw text; at a separator, the raw length, so that
            ``offsets[i + 1]`` always ends what ``codes[i]`` stands for.
        runs: (n,) int32 length of the run that ends here when it was cut to :data:`MAX_RUN`, else 0.
        bounds: (texts + 1,) int64; text ``t`` is ``codes[bounds[t] : bounds[t + 1] - 1]``.
    """

    codes: NDArray[np.uint32]
    offsets: NDArray[np.int32]
    runs: NDArray[np.int32]
    bounds: NDArray[np.int64]

    def text(self, t: int = 0) -> str:
        """The folded text number ``t`` as a string."""
        part = self.codes[self.bounds[t] : self.bounds[t + 1] - 1]
        return part.astype("<u4").tobytes().decode("utf-32-le")


@functools.cache
def fold_table() -> NDArray[np.uint32]:
    """(0x20000,) uint32: what each code point folds to; 0 means dropped. Higher planes stand for themselves.

    Only foldings of one code point to one are taken, so that a text keeps its length until runs are cut.
    """
    from opencc import OpenCC

    table = np.arange(_TABLE_SIZE, dtype=np.uint32)
    cjk = [chr(c) for c in _CJK]
    simplified = OpenCC("t2s").convert("\n".join(cjk)).split("\n")
    to_simplified = {a: b for a, b in zip(cjk, simplified, strict=True) if len(b) == 1}
    for code in range(_TABLE_SIZE):
        char = chr(code)
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp", "Cc"):
            table[code] = _BLANK
        elif category == "Cf" or 0xFE00 <= code <= 0xFE0F:  # zero-width marks, joiners, variation selectors
            table[code] = _DROP
        elif category == "Cs":  # lone surrogates cannot be encoded; clean() has replaced them, be safe here too
            table[code] = 0xFFFD
        else:
            folded = unicodedata.normalize("NFKC", char)
            char = folded if len(folded) == 1 else char
            char = char.lower() if len(char.lower()) == 1 else char
            char = to_simplified.get(char, char)
            table[code] = _BLANK if char.isspace() else ord(char)
    table.setflags(write=False)
    return table


def clean(text: str) -> str:
    """Makes any Python string storable: lone surrogates become U+FFFD, control characters a blank; the length stays."""
    if text.isprintable() or not _NOT_STORABLE.search(text):
        return text
    out = []
    for char in text:
        category = unicodedata.category(char)
        if category == "Cs":
            out.append("\ufffd")
        elif category == "Cc" and char not in "\n\t\r":
            out.append(" ")
        else:
            out.append(char)
    return "".join(out)


def code_points(text: str) -> NDArray[np.uint32]:
    """(len(text),) uint32 code points of ``text``, lone surrogates included."""
    raw = text.encode("utf-32-le" if sys.byteorder == "little" else "utf-32-be", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32)


def fold(texts: Sequence[str]) -> Folded:
    """Folds a batch of raw texts."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return Folded(*_fold(code_points("".join(texts)), lengths, fold_table()))


@functools.cache
def _same_length_table() -> list[int]:
    """:func:`fold_table` as :meth:`str.translate` takes it fastest; what is dropped there is a blank here."""
    table = fold_table()
    return [_BLANK if code == _DROP else code for code in table.tolist()]


def fold_same_length(text: str) -> str:
    """``text`` with each code point folded, nothing dropped or cut: same length, for matching patterns with offsets."""
    return text.translate(_same_length_table())


@njit(cache=True, nogil=True)
def _fold(raw, lengths, table):  # type: ignore[no-untyped-def]
    """Kernel of :func:`fold`: raw (n,) uint32, lengths (texts,) int64, table (0x20000,) uint32."""
    size = raw.shape[0] + lengths.shape[0]
    codes = np.empty(size, np.uint32)
    index = np.empty(size, np.int32)
    runs = np.zeros(size, np.int32)
    bounds = np.empty(lengths.shape[0] + 1, np.int64)
    bounds[0] = 0
    at = 0
    out = 0
    for t in range(lengths.shape[0]):
        first = out
        length = lengths[t]
        run = 0
        i = 0
        while i < length:
            c = raw[at + i]
            if c < table.shape[0]:
                c = table[c]
            if c == 0:
                i += 1
                continue
            url = _url_length(raw, at + i, at + length, table) if c == 0x68 or c == 0x77 else 0
            if url > 0:
                codes[out] = URL_SIGN
                index[out] = i
                out += 1
                run = 1
                i += url
                continue
            if out > first and codes[out - 1] == c:
                run += 1
                if c == 0x20:
                    i += 1
                    continue
                if run > MAX_RUN and not (0x30 <= c <= 0x39):
                    runs[out - 1] = run
                    i += 1
                    continue
            else:
                run = 1
                if c == 0x20 and out == first:
                    i += 1
                    continue
            codes[out] = c
            index[out] = i
            out += 1
            i += 1
        if out > first and codes[out - 1] == 0x20:
            out -= 1
        codes[out] = SEPARATOR
        index[out] = length
        runs[out] = 0
        out += 1
        at += length
        bounds[t + 1] = out
    return codes[:out], index[:out], runs[:out], bounds


@njit(cache=True, nogil=True)
def _url_length(raw, start, end, table):  # type: ignore[no-untyped-def]
    """Length of the URL that starts at ``start`` (http://, https:// or www.), 0 when none does."""
    http = (0x68, 0x74, 0x74, 0x70)
    www = (0x77, 0x77, 0x77, 0x2E)
    if end - start < 8:
        return 0
    is_http = True
    is_www = True
    for k in range(4):
        c = raw[start + k]
        if c < table.shape[0]:
            c = table[c]
        is_http = is_http and c == http[k]
        is_www = is_www and c == www[k]
    if not (is_http or is_www):
        return 0
    n = 4
    while start + n < end and 0x20 < raw[start + n] < 0x7F:
        n += 1
    return n if n >= 8 else 0
