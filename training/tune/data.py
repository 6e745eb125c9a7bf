"""What a search works on: the development part, read once, and a fifth that no search ever sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings, count, read
from models.core.folds import deal
from models.core.labels import Encoded, encode
from models.core.weight_table import FeatureVocabulary, build_vocabulary, to_matrix
from training.data.corpus import Corpus
from training.data.duplicates import group
from training.data.split import split
from training.fit.fit import HELD_OUT, LEAST_HELD_OUT
from triage.errors import InputError, TrainingError
from triage.taxonomy import Taxonomy

MIN_DF = 2
"""A feature must stand in so many texts; what ``fendan train`` uses."""

_KEPT = 4
"""Matrices kept at a time; the search soon settles on a few settings of the features."""


class HeldOut(NamedTuple):
    """The fifth for the comparison at the end. ``groups``: (n,) near-duplicates share one; ``how``: "time" or "random"."""

    texts: tuple[str, ...]
    labels: Mapping[str, tuple[str | None, ...]]
    groups: NDArray[np.int64]
    how: str


class Material:
    """The development part: texts read once, folds dealt once, and a matrix for each setting of the features.

    Attributes:
        groups: (n,) near-duplicates share one.
        encoded: head -> labels, rows, truth (see :func:`models.core.labels.encode`).
        fold: head -> (m,) inner fold of each labelled ticket; the same for all candidates, so that they compare in pairs.
        subjects: tickets with more than one line, whose first line may be a subject.
    """

    def __init__(
        self, texts: Sequence[str], groups: NDArray[np.int64], encoded: dict[str, Encoded], *, seed: int = 0
    ) -> None:
        self.groups, self.encoded = groups, encoded
        self.fold = {
            head: deal(head, truth, groups[rows], len(labels), seed) for head, (labels, rows, truth) in encoded.items()
        }
        self.subjects = sum("\n" in text for text in texts)
        self._texts = tuple(texts)
        self._batches: dict[bool, Batch] = {}
        self._matrices: dict[tuple[FeatureSettings, int, bool], tuple[Any, FeatureVocabulary]] = {}

    @property
    def size(self) -> int:
        return len(self._texts)

    @property
    def folds(self) -> int:
        return 1 + max(int(fold.max()) for fold in self.fold.values())

    def matrix(
        self, features: FeatureSettings, *, min_df: int = MIN_DF, doubled: bool = False
    ) -> tuple[Any, FeatureVocabulary]:
        """scipy CSR (n, features) float32 and its vocabulary; with ``doubled`` the first line of a text counts twice."""
        key = (features, min_df, doubled)
        if key not in self._matrices:
            while len(self._matrices) >= _KEPT:
                del self._matrices[next(iter(self._matrices))]
            self._matrices[key] = self._count(*key)
        self._matrices[key] = self._matrices.pop(key)  # the one used last goes last
        return self._matrices[key]

    def _count(self, features: FeatureSettings, min_df: int, doubled: bool) -> tuple[Any, FeatureVocabulary]:
        from scipy.sparse import csr_matrix

        if doubled not in self._batches:
            self._batches[doubled] = read([_doubled(text) for text in self._texts] if doubled else self._texts)
        counts = count(self._batches[doubled], features)
        vocabulary = build_vocabulary(counts, min_df)
        if not len(vocabulary.keys):
            raise TrainingError("这些工单没有任何两条共有的字词，无从学习；请提供更多工单", field="text")
        return csr_matrix(to_matrix(counts, vocabulary), shape=(self.size, len(vocabulary.keys))), vocabulary


def _doubled(text: str) -> str:
    first, line, rest = text.partition("\n")
    return f"{first}\n{first}\n{rest}" if line else text


def part(
    corpus: Corpus,
    taxonomy: Taxonomy,
    heads: Sequence[str],
    *,
    seed: int,
    progress: Callable[[str, float], None],
) -> tuple[Material, HeldOut]:
    """Groups near-duplicates and keeps a fifth out: the later one where tickets are dated.

    Raises:
        InputError: a head the data has no labels for; TrainingError: too few tickets.
    """
    for head in heads:
        if head not in corpus.labels:
            raise InputError(f"--head {head}：数据里没有这一项的标签；有的是：{'、'.join(corpus.labels)}", field="head")
    progress("查找重复", 0.0)
    groups = group(corpus.texts)
    parted = split(corpus, groups, share=HELD_OUT, seed=seed)
    if len(parted.held_out) < LEAST_HELD_OUT:
        raise TrainingError(
            f"只有 {len(corpus)} 条工单，留不出至少 {LEAST_HELD_OUT} 条来比较调参前后；"
            "请多给些工单，或直接 fendan train 用默认的配方",
            field="data",
        )
    rows, held = corpus.subset(parted.train.tolist()), corpus.subset(parted.held_out.tolist())
    encoded = {head: encode(head, rows.labels[head], taxonomy.heads[head].codes) for head in heads}
    material = Material(rows.texts, groups[parted.train], encoded, seed=seed)
    return material, HeldOut(held.texts, held.labels, groups[parted.held_out], parted.how)


def held_rows(held: HeldOut, head: str, labels: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(m,) held-out rows of a head whose label the development part knows, and (m,) their label index."""
    index = {code: i for i, code in enumerate(labels)}
    pairs = [(row, index[code]) for row, code in enumerate(held.labels[head]) if code in index]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
