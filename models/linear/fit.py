"""Fitting the linear heads: scikit-learn finds the weights, our table scores with them.

Scores for calibration and limits come from inner folds that keep near-duplicates together, so each ticket is scored by a
machine that has not seen it or its twin; where dates are known, also from machines that know only what came before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.tone import TONE_HEADS
from models.calibration.temperature import fit_temperature
from models.core.distillation import TeacherLabels
from models.core.folds import BLOCKS, FIRST_LATER, blocks, deal
from models.core.labels import Encoded
from models.core.reliability import LEAST, log_losses
from models.linear.conditional import (
    OTHERS,
    PARENT,
    ConditionalBlocks,
    ParentAnswers,
    conditional_blocks,
    importance,
    own_labels,
)
from models.linear.recipe import TRIED, Recipe
from models.linear.svm import LinearSvm, fit_linear_svm, mean

_RACE = 2
"""Inner folds that every recipe is tried on; the others only see the best."""

_FINALISTS = 3

_PAYS = 0.005
"""A mean of two machines is taken when it lowers the log loss by this share."""

_PROCESSES = 2
_WORTH_PROCESSES = 300_000
"""Features in the data from which on starting processes (about a second) saves time."""


class FittedHead(NamedTuple):
    """What fitting one head gives.

    Attributes:
        labels: codes in column order (k).
        svm: to ship; fitted on all labelled tickets.
        recipes: what it was made by; more than one: the mean of as many machines.
        rows: (m,) which tickets are labelled; ``truth``: (m,) their label index.
        fold: (m,) inner fold of each; ``unseen``: (m, k) float32 scores by machines fitted without that fold.
        later: (j,) places among the m that have a past, in no particular order; empty when dates are unknown.
        from_past: (j, k) float32 their scores by machines fitted on earlier tickets only.
        log_loss: of the calibrated ``unseen`` scores.
        conditional: the weights of a head that is conditional on :data:`models.linear.conditional.PARENT`, whose scores the above
            then are; the ``svm`` is conditional on nothing.
    """

    labels: tuple[str, ...]
    svm: LinearSvm
    recipes: tuple[Recipe, ...]
    rows: NDArray[np.int64]
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]
    unseen: NDArray[np.float32]
    later: NDArray[np.int64]
    from_past: NDArray[np.float32]
    log_loss: float
    conditional: ConditionalBlocks | None = None


def fit_heads(
    matrix: Any,
    encoded: Mapping[str, Encoded],
    groups: NDArray[np.int64],
    *,
    seed: int = 0,
    when: NDArray[np.float64] | None = None,
    recipes: Mapping[str, Sequence[Recipe]] | None = None,
    tried: Sequence[Recipe] = TRIED,
    extra: TeacherLabels | None = None,
    conditional: bool = True,
    tone: NDArray[np.bool_] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, FittedHead]:
    """Fits every head, its inner folds, and chooses how.

    All recipes race over two inner folds; the best three run over all of them; taken is the one with the lowest log loss of
    its calibrated scores, or the mean of two where that is clearly lower. The same data and seed give the same weights to
    the bit: LIBLINEAR draws from one random state per process, so machines are fitted one after the other, and in processes
    of their own (not threads) where there is enough to do.

    Args:
        matrix: scipy CSR (texts, features) float32.
        encoded: head -> what :func:`models.core.labels.encode` gives.
        groups: (texts,) tickets of one group stay in one inner fold.
        when: (texts,) seconds since an epoch, NaN where unknown.
        recipes: head -> recipes where they are known already; the other heads choose from ``tried``.
        extra: a teacher's labels, learned from and never judged by.
        conditional: whether a head may be conditional on the category, where that lowers its log loss.
        tone: (features,) which are marks and emoji; only :data:`features.tone.TONE_HEADS` learn from those.

    Raises:
        TrainingError: all labelled tickets of a head are near-duplicates of each other.
    """
    from joblib import Parallel  # comes with scikit-learn

    work = Parallel(n_jobs=_PROCESSES if matrix.nnz >= _WORTH_PROCESSES else 1, return_as="generator", max_nbytes=None)
    known = recipes or {}
    out: dict[str, FittedHead] = {}
    parent: ParentAnswers | None = None
    for place, head in enumerate(sorted(encoded, key=lambda name: name != PARENT)):
        x = heard(matrix, tone, head)
        more = None if extra is None else extra._replace(matrix=heard(extra.matrix, tone, head))
        search = _Search(head, x, encoded[head], groups, when, seed, work, more, parent)

        def step(share: float, place: int = place) -> None:
            if progress:
                progress("训练", (place + share) / len(encoded))

        out[head] = search.run(tuple(known.get(head, ())), tuple(tried), step)
        if head == PARENT and conditional:
            parent = _parent(out[head], matrix.shape[0])
    return {head: out[head] for head in encoded}


def heard(matrix: Any, tone: NDArray[np.bool_] | None, head: str) -> Any:
    """What a head learns from: a CSR matrix, for a head that is no head of tone with zeros in the columns ``tone``."""
    if tone is None or head in TONE_HEADS:
        return matrix
    out = matrix.copy()
    out.data[tone[out.indices]] = 0
    out.eliminate_zeros()
    return out


def _parent(fitted: FittedHead, texts: int) -> ParentAnswers:
    truth, unseen, past = (np.full(texts, -1, np.int64) for _ in range(3))
    truth[fitted.rows], unseen[fitted.rows] = fitted.truth, fitted.unseen.argmax(axis=1)
    if len(fitted.later):
        past[fitted.rows[fitted.later]] = fitted.from_past.argmax(axis=1)
    return ParentAnswers(len(fitted.labels), truth, unseen, past)


def _owners(
    extra: TeacherLabels, rows: NDArray[np.int64], labelled: NDArray[np.int64], texts: int
) -> NDArray[np.int64]:
    """(m,) the place among the ``labelled`` tickets of what each of the ``rows`` is a copy of, -1 for none."""
    if extra.owner is None:
        return np.full(len(rows), -1, np.int64)
    place = np.full(texts + 1, -1, np.int64)  # the last one is that of -1
    place[labelled] = np.arange(len(labelled))
    return place[extra.owner[rows]]


class _Search:
    """Finds and fits the machine of one head."""

    def __init__(
        self,
        head: str,
        matrix: Any,
        encoded: Encoded,
        groups: NDArray[np.int64],
        when: NDArray[np.float64] | None,
        seed: int,
        work: Any,
        extra: TeacherLabels | None,
        parent: ParentAnswers | None,
    ) -> None:
        self.labels, self.rows, self.truth = encoded
        self.parent = None if parent is None else parent.of(self.rows)
        self.x = matrix[self.rows]
        self.k = len(self.labels)
        self.learned, self.weight_of = self.truth, np.ones(len(self.truth))
        self.owner = np.empty(0, np.int64)
        if extra is not None and head in extra.heads:
            from scipy.sparse import vstack

            rows, said, sure = extra.heads[head]
            self.x = vstack(
                [self.x, extra.matrix[rows]], format="csr"
            )  # the teacher's stand below the labelled tickets
            self.learned, self.weight_of = np.concatenate([self.truth, said]), np.concatenate([self.weight_of, sure])
            self.owner = _owners(extra, rows, self.rows, matrix.shape[0])
        self.seed = seed
        self.work = work
        near = groups[self.rows]
        self.fold = deal(head, self.truth, near, self.k, seed)
        self.block = None if when is None else blocks(when[self.rows], near)
        self.unseen: dict[Recipe, NDArray[np.float32]] = {}
        self.done = 0

    def run(self, given: tuple[Recipe, ...], tried: tuple[Recipe, ...], step: Callable[[float], None]) -> FittedHead:
        folds = list(range(int(self.fold.max()) + 1))
        race = folds[:_RACE]
        todo = len(given) * len(folds) if given else len(tried) * len(race) + _FINALISTS * (len(folds) - len(race))
        todo += 2 * (1 + BLOCKS - FIRST_LATER)
        if self.parent is not None:
            todo += _RACE * len(own_labels(self.parent, np.ones(len(self.rows), bool)))

        def tick() -> None:
            self.done += 1
            step(min(1.0, self.done / todo))

        if given:
            self._score(given, folds, tick)
            chosen = given
        else:
            self._score(tried, race, tick)
            rows = np.isin(self.fold, race)
            order = sorted(tried, key=lambda r: (self._loss((r,), rows), r))
            finalists = order[:_FINALISTS]
            self._score(finalists, folds[len(race) :], tick)
            chosen = self._choose(finalists)
        spreads = [self._spread(r) for r in chosen]
        svm = mean(list(self._fit([(r, np.ones(len(self.rows), bool), None) for r in chosen], tick)), spreads)
        later, from_past = self._from_past(chosen, spreads, tick)
        everywhere = np.ones(len(self.rows), bool)
        out = FittedHead(
            self.labels,
            svm,
            chosen,
            self.rows,
            self.truth,
            self.fold,
            self._pooled(chosen, everywhere),
            later,
            from_past,
            self._loss(chosen, everywhere),
        )
        if self.parent is not None:
            out = self._conditioned(out, self.parent, spreads, tick)
        step(1.0)
        return out

    def _conditioned(
        self, plain: FittedHead, parent: ParentAnswers, spreads: Sequence[float], tick: Callable[[], None]
    ) -> FittedHead:
        """The head conditional on its parent, if that pays on two inner folds, and then on all; else as it was."""
        folds = list(range(int(self.fold.max()) + 1))
        scores = plain.unseen.copy()
        before = 0
        for upto in (_RACE, len(folds)):
            for f in folds[before:upto]:
                self._score_blocks(
                    scores, self.fold == f, self.fold != f, parent, parent.unseen, plain.recipes, spreads, tick
                )
            rows = self.fold < upto
            if self._loss_of(scores[rows], rows) >= (1 - _PAYS) * self._loss_of(plain.unseen[rows], rows):
                return plain
            before = upto
        from_past = np.zeros((len(self.rows), self.k), np.float32)
        from_past[plain.later] = plain.from_past
        for b in range(FIRST_LATER, BLOCKS) if self.block is not None else ():
            assert self.block is not None
            held, past = self.block == b, self.block < b
            self._score_blocks(from_past, held, past, parent, parent.from_past, plain.recipes, spreads, tick)
        everywhere = np.ones(len(self.rows), bool)
        own = self._own(own_labels(parent, everywhere), everywhere, parent, plain.recipes, spreads, tick)
        return plain._replace(
            unseen=scores,
            from_past=from_past[plain.later],
            log_loss=self._loss_of(scores, everywhere),
            conditional=conditional_blocks(parent, plain.svm, own),
        )

    def _score_blocks(
        self,
        scores: NDArray[np.float32],
        held: NDArray[np.bool_],
        kept: NDArray[np.bool_],
        parent: ParentAnswers,
        said: NDArray[np.int64],
        recipes: Sequence[Recipe],
        spreads: Sequence[float],
        tick: Callable[[], None],
    ) -> None:
        """Puts the ``held`` tickets' scores in place, each by the machine of what is ``said`` of it, learned from ``kept``."""
        asked = [c for c in own_labels(parent, kept) if (held & (said == c)).any()]
        for c, svm in self._own(asked, kept, parent, recipes, spreads, tick).items():
            mine = np.flatnonzero(held & (said == c))
            scores[mine] = svm.score(self.x[mine])

    def _own(
        self,
        labels: Sequence[int],
        kept: NDArray[np.bool_],
        parent: ParentAnswers,
        recipes: Sequence[Recipe],
        spreads: Sequence[float],
        tick: Callable[[], None],
    ) -> dict[int, LinearSvm]:
        """Label of the parent -> its machine, learned from the tickets ``kept``."""
        counts = {c: importance(parent, c) for c in labels}
        made = self._fit([(r, kept, counts[c]) for c in labels for r in recipes], tick)
        return {c: mean([next(made) for _ in recipes], spreads) for c in labels}

    def _score(self, recipes: Sequence[Recipe], folds: Sequence[int], tick: Callable[[], None]) -> None:
        """Fills :attr:`unseen` of the given recipes and folds."""
        jobs = [(r, f) for r in recipes for f in folds]
        for recipe in recipes:
            self.unseen.setdefault(recipe, np.zeros((len(self.rows), self.k), np.float32))
        svms = self._fit([(r, self.fold != f, None) for r, f in jobs], tick)
        for (recipe, fold), svm in zip(jobs, svms, strict=True):
            held = self.fold == fold
            self.unseen[recipe][held] = svm.score(self.x[np.flatnonzero(held)])

    def _fit(
        self, jobs: list[tuple[Recipe, NDArray[np.bool_], NDArray[np.float64] | None]], tick: Callable[[], None]
    ) -> Iterator[LinearSvm]:
        """A machine for each job: recipe, tickets to learn from, and (where they do not all count alike) what each counts."""
        from joblib import delayed

        made = self.work(
            delayed(fit_linear_svm)(self.x[r], self.learned[r], self.k, recipe, self.seed, self._importance(counts)[r])
            for recipe, r, counts in ((recipe, self._with_teacher(kept), counts) for recipe, kept, counts in jobs)
        )
        for svm in made:
            yield svm
            tick()

    def _importance(self, counts: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """(labelled tickets and the teacher's,); one of the teacher's is of no known label of the parent."""
        if counts is None:
            return self.weight_of
        of_teacher = np.where(self.owner >= 0, counts[self.owner], OTHERS)
        return np.asarray(self.weight_of * np.concatenate([counts, of_teacher]))

    def _with_teacher(self, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        below = np.flatnonzero((self.owner < 0) | kept[self.owner])
        return np.concatenate([np.flatnonzero(kept), len(self.truth) + below])

    def _choose(self, finalists: Sequence[Recipe]) -> tuple[Recipe, ...]:
        everywhere = np.ones(len(self.rows), bool)
        alone = min((self._loss((r,), everywhere), r) for r in finalists)
        pairs = [(self._loss(pair, everywhere), pair) for pair in combinations(sorted(finalists), 2)]
        if pairs and min(pairs)[0] < (1 - _PAYS) * alone[0]:
            return min(pairs)[1]
        return (alone[1],)

    def _spread(self, recipe: Recipe) -> float:
        return float(self.unseen[recipe].std()) or 1.0

    def _pooled(self, recipes: Sequence[Recipe], rows: NDArray[np.bool_]) -> NDArray[np.float32]:
        parts = [self.unseen[r][rows] / np.float32(self._spread(r) * len(recipes)) for r in recipes]
        return np.asarray(sum(parts), np.float32)

    def _loss(self, recipes: Sequence[Recipe], rows: NDArray[np.bool_]) -> float:
        return self._loss_of(self._pooled(recipes, rows), rows)

    def _loss_of(self, scores: NDArray[np.float32], rows: NDArray[np.bool_]) -> float:
        """Log loss of the calibrated scores of some tickets, nats a ticket."""
        truth = self.truth[rows]
        return float(log_losses(fit_temperature(scores, truth).apply(scores), truth, LEAST).mean())

    def _from_past(
        self, recipes: tuple[Recipe, ...], spreads: Sequence[float], tick: Callable[[], None]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if self.block is None:
            return np.empty(0, np.int64), np.empty((0, self.k), np.float32)
        places, scores = [], []
        for b in range(FIRST_LATER, BLOCKS):
            held, past = self.block == b, self.block < b
            svm = mean(list(self._fit([(r, past, None) for r in recipes], tick)), spreads)
            places.append(np.flatnonzero(held))
            scores.append(svm.score(self.x[np.flatnonzero(held)]))
        return np.concatenate(places), np.concatenate(scores)
