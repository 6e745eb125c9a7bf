"""A kind of scorer that Fendan does not have: multinomial naive Bayes. What a folder of its own would hold, in one file."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureCounts, FeatureSettings, count
from models.core.folds import deal
from models.core.scorer import FitData, FittedScorer, HeadFit, HeldOutScores, Scorer, StoredScorer
from models.core.weight_table import BatchScores, Heads


class BayesSpec(Protocol):
    """What is asked of a specification."""

    @property
    def seed(self) -> int: ...


class BayesScorer(Scorer):
    """``table``: (v, outputs) float32 log-likelihoods of the features ``keys`` (v,), ``groups``: (heads + 1,) columns."""

    def __init__(
        self,
        keys: NDArray[np.uint64],
        table: NDArray[np.float32],
        groups: NDArray[np.int64],
        features: FeatureSettings,
    ) -> None:
        self.keys, self.table, self.groups, self.features = keys, table, groups, features

    def score(
        self,
        batch: Batch,
        *,
        explain: bool = False,
        given: NDArray[np.int32] | None = None,
        heads: Heads | None = None,
    ) -> BatchScores:
        counts = count(batch, self.features)
        scores, known = summed(counts, self.keys, self.table)
        g = self.groups
        best = np.stack([scores[:, a:b].argmax(axis=1) for a, b in pairwise(g)], axis=1)
        size = len(batch.folded.codes) if explain else 0
        shares = np.zeros((len(g) - 1, size), np.float32)
        return BatchScores(scores, best.astype(np.int32) if given is None else given, known, shares)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"bayes_keys": self.keys, "bayes_table": self.table}


class BayesKind:
    """See :class:`models.core.scorer.ScorerKind`."""

    name = "bayes"
    title = "朴素贝叶斯"
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def fit(self, spec: BayesSpec, data: FitData) -> FittedScorer:
        """One on all tickets, and one without each fold."""
        counts = count(data.batch, data.features)
        keys = np.unique(counts.keys)
        tables, heads = [], {}
        for head, (labels, rows, truth) in data.encoded.items():
            k = len(labels)
            fold = deal(head, truth, data.groups[rows], k, spec.seed)
            unseen = np.zeros((len(rows), k), np.float32)
            for f in np.unique(fold):
                table = learned(counts, keys, rows[fold != f], truth[fold != f], k)
                unseen[fold == f] = summed(counts, keys, table)[0][rows[fold == f]]
            heads[head] = HeadFit(HeldOutScores(np.arange(len(rows)), unseen), fold=fold)
            tables.append(learned(counts, keys, rows, truth, k))
        groups = np.cumsum([0, *(len(labels) for labels, _, _ in data.encoded.values())])
        return FittedScorer(BayesScorer(keys, np.hstack(tables), groups, data.features), heads)

    def read(self, stored: StoredScorer) -> BayesScorer:
        """Reads a scorer."""
        groups = np.cumsum([0, *(len(spec["labels"]) for spec in stored.heads.values())])
        return BayesScorer(stored.arrays["bayes_keys"], stored.arrays["bayes_table"], groups, stored.features)


BAYES = BayesKind()


def learned(
    counts: FeatureCounts, keys: NDArray[np.uint64], rows: NDArray[np.int64], truth: NDArray[np.int64], k: int
) -> NDArray[np.float32]:
    """(v, k) log-likelihood of each feature under each label, smoothed by one."""
    label = np.full(len(counts.indptr) - 1, -1, np.int64)
    label[rows] = truth
    of = np.repeat(label, np.diff(counts.indptr))
    kept = of >= 0
    place = np.searchsorted(keys, counts.keys[kept]) * k + of[kept]
    found = np.bincount(place, weights=counts.counts[kept], minlength=len(keys) * k).reshape(len(keys), k) + 1.0
    return np.asarray(np.log(found / found.sum(axis=0)), np.float32)


def summed(
    counts: FeatureCounts, keys: NDArray[np.uint64], table: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """(texts, outputs) mean log-likelihood of the known features of each text, and (texts,) how many those are."""
    texts = len(counts.indptr) - 1
    at = np.minimum(np.searchsorted(keys, counts.keys), len(keys) - 1)
    there = keys[at] == counts.keys
    text = np.repeat(np.arange(texts), np.diff(counts.indptr))[there]
    known = np.bincount(text, minlength=texts)
    out = np.zeros((texts, table.shape[1]))
    np.add.at(out, text, table[at[there]])
    return (out / np.maximum(known, 1)[:, None]).astype(np.float32), known.astype(np.int32)
