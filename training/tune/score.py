"""What a candidate is worth: fold after fold, each ticket scored by machines that had not seen it or its twin."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.core.labels import Encoded
from models.core.weight_table import tone_of
from models.linear.fit import heard
from models.linear.recipe import Recipe
from models.linear.svm import LinearSvm, fit_linear_svm
from models.promise.held_out import crossed
from training.judge import metrics
from training.tune.data import Material
from training.tune.space import Candidate

_PROCESSES = 2
_WORTH_PROCESSES = 300_000
"""Features in the data from which on starting processes saves time; as in :mod:`models.linear.fit`."""


class HeadScore(NamedTuple):
    """Figures of one head on the folds that are done.

    Attributes:
        log_loss: nats a ticket, of scores calibrated by temperature on the other folds.
        probabilities: (m, k) of the tickets of those folds; ``truth``, ``fold``: (m,).
    """

    log_loss: float
    accuracy: float
    macro_f1: float
    probabilities: NDArray[np.float64]
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]


Scores = dict[str, HeadScore]


class CandidateScorer:
    """Scores candidates on one development part."""

    def __init__(self, material: Material, *, seed: int = 0) -> None:
        self.material, self.seed = material, seed

    def run(self, candidate: Candidate, *, min_df: int = 2, doubled: bool = False) -> Iterator[Scores]:
        """After each fold: head -> figures on all folds so far. The last ones are those of the candidate."""
        from joblib import Parallel  # comes with scikit-learn

        matrix, vocabulary = self.material.matrix(candidate.features, min_df=min_df, doubled=doubled)
        tone = tone_of(vocabulary, candidate.features)
        apart = matrix.nnz >= _WORTH_PROCESSES
        work = Parallel(n_jobs=_PROCESSES if apart else 1, return_as="generator", max_nbytes=None)
        runs = {
            head: _HeadRun(heard(matrix, tone, head), self.material.encoded[head], self.material.fold[head], recipes)
            for head, recipes in candidate.heads.items()
        }
        for fold in range(self.material.folds):
            jobs = [(run, recipe) for run in runs.values() for recipe in run.recipes]
            for (run, recipe), svm in zip(jobs, self._fit(work, apart, jobs, fold), strict=True):
                run.take(recipe, fold, svm)
            yield {head: run.score(fold) for head, run in runs.items()}

    def finish(self, candidate: Candidate, *, min_df: int = 2, doubled: bool = False) -> Scores:
        """Figures over all folds."""
        scores: Scores = {}
        for scores in self.run(candidate, min_df=min_df, doubled=doubled):  # noqa: B007
            pass
        return scores

    def _fit(self, work: Any, apart: bool, jobs: Sequence[tuple[_HeadRun, Recipe]], fold: int) -> Iterator[LinearSvm]:
        from joblib import delayed

        made: Iterator[LinearSvm] = work(
            delayed(_fit_svm)(apart, *run.lesson(fold), recipe, self.seed) for run, recipe in jobs
        )
        return made


def _fit_svm(apart: bool, x: Any, y: NDArray[np.int64], k: int, recipe: Recipe, seed: int) -> LinearSvm:
    if apart:  # Ctrl-C reaches every process of a terminal; the one that searches decides what it means
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return fit_linear_svm(x, y, k, recipe, seed)


class _HeadRun:
    """The folds of one head of one candidate."""

    def __init__(self, matrix: Any, encoded: Encoded, fold: NDArray[np.int64], recipes: tuple[Recipe, ...]) -> None:
        labels, rows, self.truth = encoded
        self.x, self.k, self.fold, self.recipes = matrix[rows], len(labels), fold, recipes
        self.unseen = {recipe: np.zeros((len(rows), self.k), np.float32) for recipe in recipes}

    def lesson(self, fold: int) -> tuple[Any, NDArray[np.int64], int]:
        kept = np.flatnonzero(self.fold != fold)
        return self.x[kept], self.truth[kept], self.k

    def take(self, recipe: Recipe, fold: int, svm: LinearSvm) -> None:
        held = np.flatnonzero(self.fold == fold)
        if len(held):
            self.unseen[recipe][held] = svm.score(self.x[held])

    def score(self, last: int) -> HeadScore:
        rows = self.fold <= last
        parts = [s[rows] / np.float32(s[rows].std() or 1.0) for s in self.unseen.values()]
        truth, fold = self.truth[rows], self.fold[rows]
        p = crossed("temperature", np.asarray(sum(parts) / np.float32(len(parts)), np.float32), truth, fold)
        matrix = metrics.confusion(truth, p.argmax(axis=1), self.k)
        return HeadScore(metrics.log_loss(p, truth), metrics.accuracy(matrix), metrics.macro_f1(matrix), p, truth, fold)


def mean_loss(scores: Mapping[str, HeadScore]) -> float:
    """What the search makes small: log loss, nats a ticket, mean of the heads."""
    return float(np.mean([one.log_loss for one in scores.values()]))
