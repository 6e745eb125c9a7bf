"""The weight table of a linear model: one row for every known feature, one column for every label of every head.

All heads are scored in one walk over a ticket's features. A row is found by open addressing on the feature's 64-bit key,
so a feature costs one probe and one cache line or two, whatever the number of heads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureCounts, FeatureSettings, is_tone, walk
from features.kernels import TONE_SHARE, fill_slots, score_texts
from triage.errors import TrainingError


class FeatureVocabulary(NamedTuple):
    """Known features. ``keys``: (v,) uint64, ascending; ``idf``: (v,) float32."""

    keys: NDArray[np.uint64]
    idf: NDArray[np.float32]


class Matrix(NamedTuple):
    """A sparse float32 matrix in CSR parts, (texts, v), each block of each row scaled to unit length (that of
    tone to :data:`features.kernels.TONE_SHARE`)."""

    data: NDArray[np.float32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]


def build_vocabulary(counts: FeatureCounts, min_df: int = 2) -> FeatureVocabulary:
    """Features that stand in at least ``min_df`` texts, with smoothed IDF ln((1 + n) / (1 + df)) + 1."""
    keys, df = np.unique(counts.keys, return_counts=True)
    kept = df >= min_df
    texts = counts.indptr.shape[0] - 1
    idf = np.log((1.0 + texts) / (1.0 + df[kept])) + 1.0
    return FeatureVocabulary(keys[kept], idf.astype(np.float32))


def tone_of(vocabulary: FeatureVocabulary, features: FeatureSettings) -> NDArray[np.bool_] | None:
    """(v,) which features are marks and emoji (see :mod:`features.tone`); None where they stand among the words."""
    return is_tone(vocabulary.keys) if features.version > 1 else None


def to_matrix(counts: FeatureCounts, vocabulary: FeatureVocabulary) -> Matrix:
    """Weighs counted features for fitting."""
    position = np.searchsorted(vocabulary.keys, counts.keys)
    position[position == len(vocabulary.keys)] = 0
    known = vocabulary.keys[position] == counts.keys if len(vocabulary.keys) else np.zeros(len(position), bool)
    row = np.repeat(np.arange(len(counts.indptr) - 1), np.diff(counts.indptr))[known]
    column = position[known].astype(np.int32)
    value = (1.0 + np.log(counts.counts[known])) * vocabulary.idf[column]
    kind = counts.block[known]
    block = row * 3 + kind
    norm = np.sqrt(np.bincount(block, weights=value**2, minlength=3 * (len(counts.indptr) - 1)))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(counts.indptr) - 1))])
    value = value * np.where(kind == 2, TONE_SHARE, np.float32(1.0))
    return Matrix((value / norm[block]).astype(np.float32), column, indptr.astype(np.int64))


class WeightTable(NamedTuple):
    """Ready to score, laid out so that a feature costs two cache misses and not four.

    Attributes:
        slots: (2^m,) uint64; the key's upper 40 bits and the row number plus one in the lower 24; 0 is empty. With the
            address from the key's low bits, two features are confused only when 59 or more of 64 bits agree.
        lines: (v, 1 + outputs) float32; IDF, then the weights of every output.
        bias: (outputs,) float32.
    """

    slots: NDArray[np.uint64]
    lines: NDArray[np.float32]
    bias: NDArray[np.float32]


MOST_ROWS = (1 << 24) - 2
"""Most features a table can hold."""


def build_weight_table(
    vocabulary: FeatureVocabulary, weights: NDArray[np.float32], bias: NDArray[np.float32]
) -> WeightTable:
    """Lays the vocabulary out for probing, at most half full. ``weights``: (v, outputs)."""
    if len(vocabulary.keys) > MOST_ROWS:
        raise TrainingError(
            f"特征有 {len(vocabulary.keys):,} 个，上限是 {MOST_ROWS:,}；请减少工单或提高最小出现次数", field="text"
        )
    slots = np.zeros(1 << max(19, int(2 * len(vocabulary.keys)).bit_length()), np.uint64)
    fill_slots(vocabulary.keys, slots)
    lines = np.ascontiguousarray(np.hstack([vocabulary.idf[:, None], weights]), np.float32)
    return WeightTable(slots, lines, bias.astype(np.float32))


class Heads(NamedTuple):
    """Where each head's outputs stand, and what makes scores comparable.

    Attributes:
        groups: (heads + 1,) int64; head ``h`` owns the columns ``groups[h]:groups[h + 1]``.
        scale: (outputs,) and shift: (outputs,) float64; the answer of a head is its column with the largest
            ``scale * score + shift``.
    """

    groups: NDArray[np.int64]
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]


class ConditionalWeights(NamedTuple):
    """Weights of the heads that are conditional on another head (see :mod:`models.linear.conditional`).

    Attributes:
        weights: (v, columns) float32 and bias: (columns,) float32. A head with k labels that is conditional on one with c has c blocks of
            k columns, one for each of the other's labels in their order.
        parent: (heads,) int64 number of the head that it is conditional on, -1 for none; a parent has none itself.
        offset: (heads,) int64 first column of the head's blocks, -1 for a head without a parent.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    parent: NDArray[np.int64]
    offset: NDArray[np.int64]


def unconditional(heads: int) -> ConditionalWeights:
    """No head has a parent."""
    alone = np.full(heads, -1, np.int64)
    return ConditionalWeights(np.empty((0, 0), np.float32), np.empty(0, np.float32), alone, alone)


class BatchScores(NamedTuple):
    """What one pass over a batch gives.

    Attributes:
        scores: (texts, outputs) float32.
        best: (texts, heads) int32 index of the answer within its head.
        known: (texts,) int32 how many distinct known features each text has.
        shares: (heads, code points) float32, empty unless asked for: what each folded code point adds to
            ``score[answer] - mean(scores of the head)``. Summed over a text it is that difference without the biases: a
            feature's part is divided evenly over its occurrences, an occurrence's evenly over its characters.
        walked: (texts, 4) word features, known ones among them, character features, known ones (see
            :meth:`models.scope.scope.Scope.walk`); None from a scorer that walks over no features.
        margins: (texts,) float32 of the contrast (see :mod:`models.scope.contrast`); None where no column of it is scored.
    """

    scores: NDArray[np.float32]
    best: NDArray[np.int32]
    known: NDArray[np.int32]
    shares: NDArray[np.float32]
    walked: NDArray[np.int64] | None = None
    margins: NDArray[np.float32] | None = None


def score(
    batch: Batch,
    settings: FeatureSettings,
    table: WeightTable,
    heads: Heads,
    *,
    explain: bool = False,
    given: NDArray[np.int32] | None = None,
    conditional: ConditionalWeights | None = None,
) -> BatchScores:
    """Scores a read batch, all heads in one pass; with ``explain`` the scores are also split over the characters.

    Args:
        given: (texts, heads) answers to explain, where something else than the largest score decides.
        conditional: the heads that have a parent; the label that the parent is nearest to chooses their weights.
    """
    said = np.empty((0, len(heads.groups) - 1), np.int32) if given is None else given
    return BatchScores(
        *score_texts(
            *walk(batch, settings),
            *table,
            *heads,
            *(conditional or unconditional(len(heads.groups) - 1)),
            said,
            explain,
        )
    )
