"""The customer's own words: what in a raw text is not the customer speaking now, one file a kind of region.

:data:`FINDERS` is the order in which regions are looked for. Each finder sees what the ones before it left: an envelope holds
a mail in HTML, which quotes a history, in which somebody pasted a transcript. The list is gone through until nothing
changes any more, so that what was read once reads the same again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from features.own_words import (
    bbcode,
    envelope,
    form,
    html,
    links,
    markdown,
    quoted,
    signature,
    transcript,
)
from features.own_words.region import JOINER, Finder, View, overwrite, view
from triage.own_words import Unread

FINDERS: tuple[Finder, ...] = (
    envelope.FINDER,
    html.FINDER,
    bbcode.FINDER,
    markdown.FINDER,
    quoted.FINDER,
    transcript.FINDER,
    signature.FINDER,
    form.FINDER,
    links.FINDER,
)
"""All kinds, in the order in which they are looked for."""

MOST_ROUNDS = 6
"""Rounds until nothing changes. Real texts need two or three (the last one finds nothing); what needs more was made to."""


class Marked(NamedTuple):
    """A text with all that is not the customer's own overwritten; same length.

    Attributes:
        settled: False when it still changed in the last round; then nothing was overwritten.
    """

    text: str
    unread: tuple[Unread, ...]
    settled: bool


_HINTS = re.compile("|".join(sorted({re.escape(hint) for finder in FINDERS for hint in finder.hints} | {JOINER})))


def may_have_regions(text: str) -> bool:
    """One cheap look: False for most tickets, and then there is nothing to mark."""
    return text.count("：") + text.count(":") > 1 or _HINTS.search(text) is not None


def mark(text: str) -> Marked:
    """Overwrites regions until there are none."""
    kinds = bytearray(len(text))
    now, seen = text, view(text)
    for _ in range(MOST_ROUNDS):
        before = now
        for number, finder in enumerate(FINDERS, 1):
            if finder.may(seen.text):
                changed = _overwritten(now, seen, finder, number, kinds)
                if changed != now:
                    now, seen = changed, view(changed)
        if now == before:
            return Marked(now, _unread(text, kinds), True)
    return Marked(text, (), False)


def _overwritten(text: str, seen: View, finder: Finder, number: int, kinds: bytearray) -> str:
    out: list[str] = []
    at = 0
    for start, end, now, silent in overwrite(seen, finder.find(seen.text)):
        out += (text[at:start], now)
        at = end
        piece = text[start:end].strip()
        if not silent and piece:
            start += text[start:end].index(piece[0])
            kinds[start : start + len(piece)] = bytes((number,)) * len(piece)
    return "".join((*out, text[at:])) if out else text


def _unread(text: str, kinds: bytearray) -> tuple[Unread, ...]:
    """Stretches of one kind, those joined that only blanks part."""
    found: list[Unread] = []
    for match in re.finditer(rb"([^\0])\1*+", kinds):
        start, end = match.span()
        kind = FINDERS[kinds[start] - 1].kind
        if found and found[-1].kind == kind and not text[found[-1].end : start].strip():
            start = found.pop().start
        found.append(Unread(start, end, kind))
    return tuple(found)
