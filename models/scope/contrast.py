"""One linear score that tells tickets from texts of elsewhere: the measure of the domain that needs foreign text to learn.

Unknown words give away what is far from a shop; a car owner's opinion or a letter to the mayor is written in words that
tickets have, too. Which of them stand where is learned from a contrast set (outlier exposure: Hendrycks, Mazeika, Dietterich,
ICLR 2019; such a score in conformal p-values: Liang, Sesia, Sun, JRSS-B 2024). The machine is the one of the heads, on the same
features, so it is one more column of weights in the same walk. Where the tickets themselves are of a kind that the contrast
set has – a garage's –, they outnumber it; whatever it finds, ranks among held-out tickets keep the p-values valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import FeatureCounts
from models.core.folds import deal
from models.core.weight_table import FeatureVocabulary, to_matrix
from models.linear.recipe import Recipe
from models.linear.svm import LinearSvm, fit_linear_svm

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_RECIPE = Recipe(0.25)
"""Chosen on shop reviews (train.csv) against tickets; from 0.1 to 0.5, with and without ratios, all gave the same within noise."""

_JOINED = 3
"""2, 3, or 2 and 4 did the same: a point less of shop reviews, and half a point more of the tickets than without."""


class Contrast(NamedTuple):
    """``margin = weights · features + bias``, above 0 for tickets.

    Attributes:
        idf: (v,) float32 of the known features, as in :class:`models.core.weight_table.FeatureVocabulary`.
        weights: (v,) float32.
        bias: a float32.
    """

    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: np.float32

    def margins(self, counts: FeatureCounts, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
        """(texts,) the plain way: for an encoder, and as the reference for compiled code. ``keys``: of the known features."""
        matrix = to_matrix(counts, FeatureVocabulary(keys, self.idf))
        row = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr))
        total = np.bincount(row, matrix.data * self.weights[matrix.indices], minlength=len(matrix.indptr) - 1)
        return total + np.float64(self.bias)

    @property
    def column(self) -> NDArray[np.float32]:
        """(v + 1,) weights, then bias: what a model folder keeps."""
        return np.append(self.weights, self.bias)


def lengthened(texts: Sequence[str]) -> list[str]:
    """The texts, and every :data:`_JOINED` neighbours as one: short texts alone would say too little of longer ones."""
    ends = range(_JOINED, len(texts) + 1)
    return [*texts, *("。".join(texts[end - _JOINED : end]) for end in ends)]


def share(margins: NDArray[Any]) -> NDArray[np.float64]:
    """(texts,) margins squashed into (0, 1), so that a spread of them is comparable with those of other shares."""
    out: NDArray[np.float64] = 0.5 + 0.5 * np.tanh(margins.astype(np.float64))
    return out


def fit_contrast(
    counts: FeatureCounts,
    seen: NDArray[np.bool_],
    kept: NDArray[np.int64],
    groups: NDArray[np.int64],
    elsewhere: FeatureCounts,
    vocabulary: FeatureVocabulary,
    seed: int,
) -> tuple[Contrast, NDArray[np.float64]] | None:
    """The score to ship, and the margins of the kept tickets by machines that had not seen them or their near-duplicates.

    Args:
        counts: of all tickets; ``seen``: (nnz,) which features would be known had nobody seen the ticket's group.
        kept: (m,) tickets to learn from; ``groups``: (m,) of these.
        elsewhere: counted texts of the contrast set.

    Returns:
        None where nothing can be learned: no known feature, no other texts, or tickets that all repeat each other.
    """
    if not len(vocabulary.keys) or len(elsewhere.indptr) < 2 or len(np.unique(groups)) < 2:
        return None
    tickets = _matrix(_only(counts, kept), vocabulary)[kept]
    unseen = _matrix(_only(counts, kept, seen), vocabulary)[kept]
    foreign = _matrix(elsewhere, vocabulary)
    fold = deal("domain", np.zeros(len(kept), np.int64), groups, 1, seed)
    # As large a part of the foreign texts is left out: with all of them the folds' machines would lean to their side.
    other_fold = np.random.default_rng(seed).permutation(foreign.shape[0]) % (int(fold.max()) + 1)
    margins = np.empty(len(kept), np.float64)
    for f in np.unique(fold):
        svm = _fit(tickets[fold != f], foreign[other_fold != f], seed)
        margins[fold == f] = svm.score(unseen[fold == f])[:, 1]
    svm = _fit(tickets, foreign, seed)
    return Contrast(vocabulary.idf, np.ascontiguousarray(svm.weights[:, 1]), svm.bias[1]), margins


def _fit(tickets: csr_matrix, foreign: csr_matrix, seed: int) -> LinearSvm:
    from scipy.sparse import vstack

    truth = np.repeat(np.array([1, 0]), [tickets.shape[0], foreign.shape[0]])
    return fit_linear_svm(vstack([tickets, foreign], format="csr"), truth, 2, _RECIPE, seed)


def _matrix(counts: FeatureCounts, vocabulary: FeatureVocabulary) -> csr_matrix:
    from scipy.sparse import csr_matrix

    return csr_matrix(to_matrix(counts, vocabulary), shape=(len(counts.indptr) - 1, len(vocabulary.keys)))


def _only(counts: FeatureCounts, kept: NDArray[np.int64], which: NDArray[np.bool_] | None = None) -> FeatureCounts:
    """The same texts, those not kept without features, the others with those of ``which``."""
    texts = len(counts.indptr) - 1
    row = np.repeat(np.arange(texts), np.diff(counts.indptr))
    stays = np.zeros(texts, np.bool_)
    stays[kept] = True
    mask = stays[row] if which is None else stays[row] & which
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row[mask], minlength=texts))])
    return FeatureCounts(indptr, counts.keys[mask], counts.counts[mask])
