"""From a raw text to what the models read, in one call: personal data masked, the customer's own words kept, length kept.

Letters are decoded first, then personal data is masked, then own words are found. So the masked text, which alone is stored,
says again what was not read: the regions of a stored text are those of the raw one. What is masked only because markup no
longer parts it is then masked in the stored text too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from features.mask import mask
from features.normalise import clean, fold_same_length
from features.own_words import mark, may_have_regions
from features.own_words.region import JOINER, says_something, view
from features.own_words.transfer import decoded
from triage.own_words import Reading, Unread

FILLING = f" \t\n\r{JOINER}"
"""What overwritten stretches are filled with."""

_MOST_ROUNDS = 4


class OwnWords(str):
    """A text that has been read: masked, and nothing in it but the customer's own words. It is not read again."""

    __slots__ = ()


class ReadText(NamedTuple):
    """A text that is masked, and what of it is read. All of one length: an offset means the same character everywhere.

    Attributes:
        masked: what the models read: ``whole`` with all that is not the customer's own overwritten by blanks.
        whole: the whole text, masked: what is stored and shown.
        unread: what was left out, in order, apart; empty when all is read.
        found: what would have been left out when ``reading`` is ``nothing_left``, else the same as ``unread``.
        reading: see :data:`triage.own_words.Reading`.
    """

    masked: OwnWords
    whole: str
    unread: tuple[Unread, ...] = ()
    found: tuple[Unread, ...] = ()
    reading: Reading = "whole"

    @property
    def length(self) -> int:
        """Characters of the raw text."""
        return len(self.masked)

    @property
    def own(self) -> tuple[tuple[int, int], ...]:
        """(start, end) of what is read, in order, without the blanks around it."""
        out = []
        at = 0
        for start, end in [*((part.start, part.end) for part in self.unread), (self.length, self.length)]:
            piece = self.whole[at:start]
            if piece.strip():
                first = at + len(piece) - len(piece.lstrip())
                out.append((first, first + len(piece.strip())))
            at = end
        return tuple(out)


def read(text: str) -> ReadText:
    """Masks a raw (or already masked, or already read) text and finds the customer's own words in it. Never raises."""
    masked = mask(text) if (plain := decoded(text)) is text else _hidden(clean(plain))
    return _read(masked) if may_have_regions(masked) else ReadText(OwnWords(masked), masked)


def own_words(text: str) -> OwnWords:
    """What the models read of a text; of one that has been read, itself."""
    return text if isinstance(text, OwnWords) else read(text).masked


def read_many(texts: Iterable[str]) -> list[ReadText]:
    """:func:`read` of each."""
    return list(map(read, texts))


def _read(masked: str) -> ReadText:
    whole = masked
    for _ in range(_MOST_ROUNDS):
        marked = mark(whole)
        if not marked.settled:
            break
        if marked.text == whole:
            return ReadText(OwnWords(whole), whole)
        hidden = _hidden(marked.text)
        if hidden == marked.text:
            if not marked.unread:  # characters written otherwise, nothing else
                return ReadText(OwnWords(hidden), whole)
            if not says_something(hidden):
                return ReadText(OwnWords(whole), whole, (), marked.unread, "nothing_left")
            return ReadText(OwnWords(hidden), whole, marked.unread, marked.unread, "own_words")
        whole = mask("".join(b if a != b else c for a, b, c in zip(marked.text, hidden, whole, strict=True)))
    return ReadText(OwnWords(masked), masked, reading="tangled")


def _hidden(text: str) -> str:
    """Masked again: tags that stood inside a number no longer do."""
    for _ in range(_MOST_ROUNDS):
        before = text
        text = mask(text)
        seen = view(text)
        if seen.at is not None:
            masked = mask(seen.text)
            if masked != seen.text:
                out = list(text)
                for at, char, before_it in zip(seen.at.tolist(), masked, seen.text, strict=True):
                    if char != before_it:
                        out[at] = char
                text = "".join(out)
        if text == before:
            break
    return text


def in_plain_letters(words: OwnWords) -> str:
    """Own words for looking a word up in them: simplified, small, half width, nothing between the letters of a word."""
    return fold_same_length(view(words).text)


def as_shown(stretch: str) -> str:
    """A stretch of what was read, for people: without what only fills the places of markup."""
    return " ".join(stretch.replace(JOINER, "").split()) if JOINER in stretch or "  " in stretch else stretch
