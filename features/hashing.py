"""One pass over a read batch gives every feature of every head: word 1-2 and character 1-n, hashed to 64 bits.

A 64-bit hash of the code points *is* the feature's name: no vocabulary of strings is kept, and with a million features the
chance of any collision is below 1e-7 (birthday bound), unlike hashing to 2^20 columns where half of them collide.
The highest bit of a key says its block (0 word, 1 character); each block is scaled to unit length by itself, as a
``FeatureUnion`` of two ``TfidfVectorizer`` would, because long words would otherwise drown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.kernels import CHAR_BLOCK, TONE_BLOCK, count_features
from features.normalise import Folded, fold
from features.reading import own_words
from features.segment import load_lexicon, word_ends
from features.tone import layers


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What is counted. Travels in every model's manifest; a model reads a text exactly as it was trained to.

    Attributes:
        word_ngram: longest word n-gram (1 or 2).
        char_ngram: longest character n-gram (1 to 6).
        version: raised when the code of folding, segmentation or hashing changes what a text is turned into.
    """

    word_ngram: int = 2
    char_ngram: int = 3
    version: int = 2

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


class Batch(NamedTuple):
    """A read batch: the customer's own words, masked, their folded form, and the ends of its words (offsets into ``folded.codes``)."""

    texts: tuple[str, ...]
    folded: Folded
    ends: NDArray[np.int32]

    @property
    def size(self) -> int:
        return len(self.texts)


class FeatureCounts(NamedTuple):
    """Distinct features of a batch, as the rows of a sparse matrix.

    Attributes:
        indptr: (texts + 1,) int64; text ``t`` has features ``indptr[t]:indptr[t + 1]``.
        keys: (nnz,) uint64, ascending within a text.
        counts: (nnz,) int32 how often the feature stands in the text.
        toned: whether marks and emoji are a block of their own among the keys (see :func:`is_tone`).
    """

    indptr: NDArray[np.int64]
    keys: NDArray[np.uint64]
    counts: NDArray[np.int32]
    toned: bool = False

    @property
    def block(self) -> NDArray[np.int64]:
        """(nnz,) 0 for a word feature, 1 for one of characters, 2 for one of tone."""
        blocks = is_char(self.keys).astype(np.int64)
        return blocks + 2 * is_tone(self.keys) if self.toned else blocks

    @property
    def words(self) -> FeatureCounts:
        """Without the features of tone: what the ticket says, and not how loudly."""
        if not self.toned:
            return self
        kept = ~is_tone(self.keys)
        so_far = np.concatenate([[0], np.cumsum(kept)])
        return FeatureCounts(so_far[self.indptr], self.keys[kept], self.counts[kept])


class Walk(NamedTuple):
    """The first arguments of the loops in :mod:`features.kernels`: the layers (see :class:`features.tone.Layers`), where the
    texts and words end, what is counted."""

    codes: NDArray[np.uint32]
    runs: NDArray[np.int32]
    signs: NDArray[np.uint32]
    often: NDArray[np.int32]
    places: NDArray[np.int32]
    bounds: NDArray[np.int64]
    ends: NDArray[np.int32]
    word_ngram: int
    char_ngram: int


def read(texts: Sequence[str]) -> Batch:
    """Reads (see :mod:`features.reading`), folds and segments texts, raw or read. Offsets refer to the given texts."""
    own = tuple(map(own_words, texts))
    folded = fold(own)
    return Batch(own, folded, word_ends(folded.codes, load_lexicon()))


def count(batch: Batch, settings: FeatureSettings) -> FeatureCounts:
    """Counts the features of each text of a batch."""
    indptr, keys, counts = count_features(*walk(batch, settings))
    return FeatureCounts(indptr, keys, counts, settings.version > 1)


def walk(batch: Batch, settings: FeatureSettings) -> Walk:
    """What a walk over the batch's features needs."""
    f = batch.folded
    return Walk(*layers(f, settings.version), f.bounds, batch.ends, settings.word_ngram, settings.char_ngram)


def is_char(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which keys belong to the character block."""
    out: NDArray[np.bool_] = (keys & CHAR_BLOCK) != 0
    return out


def is_tone(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which keys belong to the block of tone, which version 1 has not."""
    out: NDArray[np.bool_] = (keys & (CHAR_BLOCK | TONE_BLOCK)) == TONE_BLOCK
    return out
