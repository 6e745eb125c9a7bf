"""Frames: words that many tickets have in common though they say different things. They are no likeness.

A form's labels, a chat's greeting, a mail's disclaimer, an agent's first sentence: nobody has written them down for us, so
they are found by counting. A *window* is a stretch of letters, a run of digits counting as one (an order number or a date is
another one in every ticket). A window belongs to a frame where a share of all different texts holds it (:data:`SIZES`: a
short one must be common, a long one is never a coincidence), and where what those texts say beside it is different, too.
So a question that hundreds ask in the same words is no frame: it stands beside nothing, or beside a "please".

Counted is a sample of the different texts, drawn by their hashes: the same one whatever the order (bottom-k sketch; Cohen,
Kaplan, PODC 2007). One pass over all texts then looks every window up; without a frame even that is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.frame_kernels import all_windows, cover_texts, fill_table, text_hashes, words_beside
from training.data.letters import Letters, letters

SIZES = ((8, 0.10), (16, 0.02))
"""Symbols of a window, and the share of the different texts that must hold it."""

LEAST = 6
"""Fewer different texts never show a frame."""

LEAST_BESIDE = 4
"""Letters that a text must have beside its frames to bear witness of them."""

SAMPLE = 4000
"""Different texts that are counted."""

_EDGE = 0.25
"""A frame ends where the next window is in fewer than this share of the texts that hold it: there somebody begins to speak."""

_LENGTHS = tuple(size for size, _ in SIZES)
_NUMBERS = re.compile(r"\d+(?:[-/.:： ]*\d+)*")  # another one in each ticket, and nobody's business
_MOST_NAMED = 3
_LONGEST_NAME = 40


class Frames(NamedTuple):
    """What is known of frames. No word of it can be read back.

    Attributes:
        keys: (k,) uint64 hashes of windows, ascending.
        shares: (k,) float32 the share of the different texts that hold each.
    """

    keys: NDArray[np.uint64]
    shares: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keys)

    def joined(self, other: Frames) -> Frames:
        """Those of both; the larger share counts."""
        keys, place = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        shares = np.zeros(len(keys), np.float32)
        np.maximum.at(shares, place, np.concatenate([self.shares, other.shares]))
        return Frames(keys, shares)


NO_FRAMES = Frames(np.zeros(0, np.uint64), np.zeros(0, np.float32))


class Covered(NamedTuple):
    """Where frames stand in a batch.

    Attributes:
        rest: (m,) whether a letter counts for likeness. A text that is nothing but frame counts as a whole.
        framed: (n,) texts of which something does not count.
        stretches: (s, 3) int64: text, first and last letter of each stretch that does not.
        names: (s,) uint64 equal numbers for equal stretches.
    """

    rest: NDArray[np.bool_]
    framed: NDArray[np.bool_]
    stretches: NDArray[np.int64]
    names: NDArray[np.uint64]


class SharedWords(NamedTuple):
    """The frames of some texts, for people: how many texts have one, and the words of the most frequent."""

    texts: int
    words: tuple[str, ...]

    def notes(self) -> tuple[str, ...]:
        """In Chinese; empty where there is none."""
        if not self.texts:
            return ()
        shown = "、".join(f"“{words}”" for words in self.words)
        return (f"{self.texts:,} 条工单里有许多工单共有的格式文字（{shown}），找重复与近似时不算它，只比其余的话",)


NOTHING_SHARED = SharedWords(0, ())


def find(found: Letters, texts: int) -> Frames:
    """The frames of a batch of ``texts`` texts."""
    bounds = found.bounds(texts)
    hashes = text_hashes(found.codes, bounds)
    _, first = np.unique(hashes, return_index=True)
    if len(first) < LEAST:
        return NO_FRAMES
    sample = first[:SAMPLE]
    starts, ends = bounds[sample], bounds[sample + 1]
    everybody = np.ones(len(sample), np.bool_)
    counted = _counted(found.codes, starts, ends, everybody, len(sample))
    if not len(counted):
        return NO_FRAMES
    beside, size = words_beside(found.codes, starts, ends, *_table(counted), _EDGE, _LENGTHS)
    _, one_each = np.unique(np.where(size >= LEAST_BESIDE, beside, 0), return_index=True)
    witness = np.zeros(len(sample), np.bool_)
    witness[one_each] = True
    return _counted(found.codes, starts, ends, witness & (size >= LEAST_BESIDE), len(sample))


def cover(found: Letters, texts: int, frames: Frames) -> Covered:
    """Where ``frames`` stand in a batch."""
    if not len(frames):
        none = np.zeros((0, 3), np.int64)
        return Covered(np.ones(len(found.codes), np.bool_), np.zeros(texts, np.bool_), none, np.zeros(0, np.uint64))
    rest, stretches, names = cover_texts(found.codes, found.bounds(texts), *_table(frames), _EDGE, _LENGTHS)
    framed = np.zeros(texts, np.bool_)
    framed[stretches[:, 0]] = True
    return Covered(rest, framed, stretches, names)


def shared_words(texts: Sequence[str], covered: Covered) -> SharedWords:
    """Names the most frequent stretches in the words of the first text that has each."""
    _, first, counts = np.unique(covered.names, return_index=True, return_counts=True)
    lengths = covered.stretches[first, 2] - covered.stretches[first, 1]
    words: list[str] = []
    for at in np.argsort(-counts * lengths, kind="stable")[: 20 * _MOST_NAMED]:
        text, start, end = covered.stretches[first[at]].tolist()
        offsets = letters([texts[text]]).offsets
        stretch = _NUMBERS.sub("…", " ".join(texts[text][offsets[start] : offsets[end] + 1].split()))
        if not any(stretch in known or known in stretch for known in words):
            words.append(stretch)
        if len(words) == _MOST_NAMED:
            break
    cut = [one if len(one) <= _LONGEST_NAME else f"{one[:_LONGEST_NAME]}…" for one in words]
    return SharedWords(int(covered.framed.sum()), tuple(cut))


def _counted(
    codes: NDArray[np.uint32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    witness: NDArray[np.bool_],
    texts: int,
) -> Frames:
    """Windows that enough of the witnesses hold, with their share of ``texts``."""
    found = NO_FRAMES
    for size, share in SIZES:
        windows, owner = all_windows(codes, starts[witness], ends[witness], size)
        order = np.lexsort((owner, windows))
        windows, owner = windows[order], owner[order]
        new = np.ones(len(windows), np.bool_)  # a text counts once
        new[1:] = (windows[1:] != windows[:-1]) | (owner[1:] != owner[:-1])
        keys, counts = np.unique(windows[new], return_counts=True)
        enough = counts >= max(LEAST, share * texts)
        found = found.joined(Frames(keys[enough], (counts[enough] / texts).astype(np.float32)))
    return found


def _table(frames: Frames) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
    """An open hash table, at most a quarter full; an empty place has share 0."""
    size = 1 << max(4, (4 * len(frames)).bit_length())
    held, of = fill_table(frames.keys, frames.shares, size)
    return held, of
