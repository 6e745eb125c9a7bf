"""What of a text counts for likeness: its folded letters and digits, without blanks and signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.normalise import SEPARATOR, fold


class Letters(NamedTuple):
    """The letters of a batch.

    Attributes:
        codes: (m,) uint32 folded code points, text after text. ``owner``: (m,) the text each is of.
        offsets: (m,) int32 where each stands in its own raw text.
    """

    codes: NDArray[np.uint32]
    owner: NDArray[np.int64]
    offsets: NDArray[np.int32]

    def bounds(self, texts: int) -> NDArray[np.int64]:
        """(texts + 1,) text ``t`` has ``codes[bounds[t] : bounds[t + 1]]``."""
        return np.concatenate(([0], np.cumsum(np.bincount(self.owner, minlength=texts)))).astype(np.int64)

    def where(self, kept: NDArray[np.bool_]) -> Letters:
        """Those that are ``kept``, (m,)."""
        return Letters(self.codes[kept], self.owner[kept], self.offsets[kept])


def letters(texts: Sequence[str]) -> Letters:
    """Letters and digits of all texts; a text without any keeps the signs it has, a blank one its separator."""
    folded = fold(texts)
    owner = np.repeat(np.arange(len(texts)), np.diff(folded.bounds))
    known, inverse = np.unique(folded.codes, return_inverse=True)
    alnum = np.array([chr(c).isalnum() for c in known], np.bool_)[inverse]
    signs_only = np.bincount(owner, weights=alnum, minlength=len(texts)) == 0
    keep = alnum | signs_only[owner] & (folded.codes != SEPARATOR)
    empty = np.diff(folded.bounds) == 1
    keep |= empty[owner]  # a blank text is its separator: blank texts are copies of each other
    return Letters(folded.codes[keep], owner[keep], folded.offsets[keep])
