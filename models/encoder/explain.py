"""Why the encoder answered so: leave a word out and see what the answer loses (Zeiler & Fergus 2014; Li et al. 2016).

A word is left out by hiding its tokens from attention and pooling; the others keep their places. All heads are explained
by the same passes, and no gradient is needed, so the very net that answers (in 8 bits) explains itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch
from models.encoder.tokens import Piece

MOST_PARTS = 64
"""A text of more words is taken apart into this many stretches of neighbouring words: it bounds the passes."""

Run = Callable[[list[NDArray[np.int32]], list[NDArray[np.bool_]]], NDArray[np.float32]]
"""Token numbers and what of them is to be seen, for each variant of a text -> (variants, outputs) scores."""


class Part(NamedTuple):
    """``start``, ``stop``: offsets into the folded text; ``tokens``: (t,) bool, which tokens touch it."""

    start: int
    stop: int
    tokens: NDArray[np.bool_]


def shares(
    batch: Batch,
    pieces: list[Piece],
    scores: NDArray[np.float32],
    best: NDArray[np.int32],
    groups: NDArray[np.int64],
    run: Run,
) -> NDArray[np.float32]:
    """(heads, code points of the batch) float32: how much ``score[answer] - mean(scores of the head)`` falls without the word
    that the code point belongs to, divided evenly over the word.

    Args:
        scores: (texts, outputs) of the whole texts; best: (texts, heads); groups: (heads + 1,) columns of the heads.
    """
    heads = len(groups) - 1
    out = np.zeros((heads, len(batch.folded.codes)), np.float32)
    firsts = batch.folded.bounds
    words = np.searchsorted(batch.ends, firsts)  # number of the first word that ends behind the text's beginning
    for t, piece in enumerate(pieces):
        begin, end = int(firsts[t]), int(firsts[t + 1]) - 1
        ends = batch.ends[words[t] : words[t + 1]]
        ends = ends[(ends > begin) & (ends <= end)] - begin
        parts = list(_parts(piece, ends))
        if not parts:
            continue
        without = run([piece.ids] * len(parts), [~p.tokens for p in parts])  # (parts, outputs)
        for h in range(heads):
            columns = slice(int(groups[h]), int(groups[h + 1]))
            full = _margin(scores[t : t + 1, columns], int(best[t, h]))  # (1,)
            lost = full - _margin(without[:, columns], int(best[t, h]))  # (parts,)
            for part, value in zip(parts, lost.tolist(), strict=True):
                out[h, begin + part.start : begin + part.stop] = value / (part.stop - part.start)
    return out


def _margin(scores: NDArray[np.float32], answer: int) -> NDArray[np.float32]:
    found: NDArray[np.float32] = scores[:, answer] - scores.mean(axis=1)
    return found


def _parts(piece: Piece, ends: NDArray[np.int32]) -> Iterator[Part]:
    """Words that have tokens (blanks have none, nor has what was cut from a long text), joined when they are too many."""
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    touched = [
        (int(a), int(b), (piece.starts < b) & (piece.stops > a)) for a, b in zip(starts, ends.tolist(), strict=False)
    ]
    touched = [word for word in touched if word[2].any()]
    size = -(-len(touched) // MOST_PARTS) if touched else 1
    for i in range(0, len(touched), size):
        some = touched[i : i + size]
        yield Part(some[0][0], some[-1][1], np.logical_or.reduce([tokens for _, _, tokens in some]))
