"""Fitting the linear heads: scikit-learn finds the weights, our table scores with them.

One-against-rest linear support vector machines (LIBLINEAR, Fan et al. 2008) on the hashed features. Scores for calibration
and limits come from inner folds that keep near-duplicates together, so each ticket is scored by a machine that has not
seen it or its twin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.errors import TrainingError

FOLDS = 5
PENALTIES = (0.25, 0.5, 1.0)
"""LIBLINEAR's C, chosen for each head on the inner folds: tone wants more shrinkage than topic."""

LEAST_ROWS = 8
"""Fewest labelled tickets of a head; below this not even inner folds can be made."""

_PROCESSES = 2
_WORTH_PROCESSES = 300_000
"""Features in the data from which on starting processes (about a second) saves time."""


class FittedHead(NamedTuple):
    """``labels``: codes in column order; ``weights``: (features, labels) and ``bias``: (labels,) float32;
    ``penalty``: the C that was chosen; ``rows``: (m,) which tickets are labelled; ``truth``: (m,) their label index;
    ``unseen``: (m, labels) float32 scores by machines that had not seen them."""

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    penalty: float
    rows: NDArray[np.int64]
    truth: NDArray[np.int64]
    unseen: NDArray[np.float32]


def encode(head: str, values: Sequence[str | None], order: Sequence[str]) -> tuple[tuple[str, ...], Any, Any]:
    """Label codes that occur, in taxonomy order, with row numbers and label indices of the labelled tickets.

    Raises:
        TrainingError: fewer than :data:`LEAST_ROWS` labelled tickets, or one class only.
    """
    present = {v for v in values if v}
    labels = tuple(code for code in order if code in present)
    index = {code: i for i, code in enumerate(labels)}
    rows = np.array([i for i, v in enumerate(values) if v], dtype=np.int64)
    truth = np.array([index[v] for v in values if v], dtype=np.int64)
    if len(rows) < LEAST_ROWS:
        raise TrainingError(f"{head} 只有 {len(rows)} 条带标签的工单，至少要 {LEAST_ROWS} 条才能训练", field=head)
    if len(labels) < 2:
        raise TrainingError(
            f"{head} 只有一个类别（{labels[0]}），至少要两个才能训练；请补上别的类别，或去掉这一列", field=head
        )
    return labels, rows, truth


def fit_heads(
    matrix: Any,
    encoded: dict[str, tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]],
    groups: NDArray[np.int64],
    *,
    seed: int = 0,
    penalties: Mapping[str, float] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, FittedHead]:
    """Fits every head and its inner folds.

    The same data and seed give the same weights to the bit: LIBLINEAR draws from one random state per process, so machines
    are fitted one after the other, and in processes of their own (not threads) where there is enough to do.

    Args:
        matrix: scipy CSR (texts, features) float32.
        encoded: head -> what :func:`encode` gives.
        groups: (texts,) tickets of one group stay in one inner fold.
        penalties: head -> C where it is known already; the others are chosen from :data:`PENALTIES`.

    Raises:
        TrainingError: all labelled tickets of a head are near-duplicates of each other.
    """
    from joblib import Parallel, delayed  # comes with scikit-learn

    folds = {h: _folds(h, truth, groups[rows], len(labels), seed) for h, (labels, rows, truth) in encoded.items()}
    tried = {h: (penalties[h],) if penalties and h in penalties else PENALTIES for h in encoded}
    inner = [(h, c, f) for h in encoded for c in tried[h] for f in range(int(folds[h].max()) + 1)]
    total = len(inner) + len(encoded)
    done = 0
    workers = Parallel(n_jobs=_PROCESSES if matrix.nnz >= _WORTH_PROCESSES else 1, return_as="generator")

    def step() -> None:
        nonlocal done
        done += 1
        if progress:
            progress("训练", done / total)

    def job(head: str, penalty: float, fold: int) -> Any:
        labels, rows, truth = encoded[head]
        kept, held = folds[head] != fold, folds[head] == fold
        return delayed(_held_out)(matrix, rows[kept], truth[kept], rows[held], len(labels), penalty, seed)

    unseen = {(h, c): np.empty((len(encoded[h][1]), len(encoded[h][0])), np.float32) for h in encoded for c in tried[h]}
    for (head, penalty, fold), scores in zip(inner, workers(job(*i) for i in inner), strict=True):
        unseen[head, penalty][folds[head] == fold] = scores
        step()
    merit = {(h, c): (_merit(scores, encoded[h][2]), -c) for (h, c), scores in unseen.items()}
    chosen = {h: max((merit[h, c], c) for c in tried[h])[1] for h in encoded}
    final = workers(
        delayed(_fit)(matrix[rows], truth, len(labels), chosen[h], seed) for h, (labels, rows, truth) in encoded.items()
    )
    out = {}
    for (head, (labels, rows, truth)), (weights, bias) in zip(encoded.items(), final, strict=True):
        out[head] = FittedHead(labels, weights, bias, chosen[head], rows, truth, unseen[head, chosen[head]])
        step()
    return out


def _merit(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Accuracy plus macro-F1 of the labels that occur."""
    answer = scores.argmax(axis=1)
    hit = np.bincount(truth[answer == truth], minlength=scores.shape[1])
    seen = np.bincount(truth, minlength=scores.shape[1])
    said = np.bincount(answer, minlength=scores.shape[1])
    occurs = seen > 0
    return float((answer == truth).mean() + (2 * hit[occurs] / (seen + said)[occurs]).mean())


def _held_out(
    matrix: Any,
    kept: NDArray[np.int64],
    truth: NDArray[np.int64],
    held: NDArray[np.int64],
    k: int,
    penalty: float,
    seed: int,
) -> NDArray[np.float32]:
    """(held, k) scores of the tickets ``held`` by a machine fitted on ``kept``."""
    weights, bias = _fit(matrix[kept], truth, k, penalty, seed)
    scores: NDArray[np.float32] = matrix[held] @ weights + bias
    return scores


def _fit(
    x: Any, y: NDArray[np.int64], k: int, penalty: float, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One machine for all labels; a label that is absent here (a rare class in a fold) scores -1, "certainly not"."""
    from sklearn.svm import LinearSVC

    present = np.unique(y)
    weights = np.zeros((x.shape[1], k), np.float32)
    bias = np.full(k, -1.0, np.float32)
    if len(present) == 1:
        bias[present] = 1.0
        return weights, bias
    machine = LinearSVC(C=penalty, random_state=seed).fit(x, y)
    coef, intercept = machine.coef_, machine.intercept_
    if len(present) == 2:  # scikit-learn keeps one column for two classes
        coef, intercept = np.vstack([-coef, coef]), np.concatenate([-intercept, intercept])
    weights[:, present] = coef.T
    bias[present] = intercept
    return weights, bias


def _folds(head: str, truth: NDArray[np.int64], groups: NDArray[np.int64], k: int, seed: int) -> NDArray[np.int64]:
    """(n,) fold of each ticket: whole groups are dealt out so that each label is spread over the folds."""
    rng = np.random.default_rng(seed)
    _, member = np.unique(groups, return_inverse=True)
    count = int(member.max()) + 1
    if count < 2:
        raise TrainingError(
            f"{head} 的 {len(truth)} 条带标签的工单彼此都是重复，至少要有两条不同的才能训练；请补上别的工单", field=head
        )
    folds = min(FOLDS, count)
    first = np.full(count, -1, np.int64)
    first[member[::-1]] = truth[::-1]  # a group is dealt with the label of its first ticket
    out = np.empty(count, np.int64)
    offset = 0
    for c in range(k):
        mine = rng.permutation(np.flatnonzero(first == c))
        out[mine] = (np.arange(len(mine)) + offset) % folds
        offset += len(mine)
    return out[member]
