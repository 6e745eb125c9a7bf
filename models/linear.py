"""Fitting the linear heads: scikit-learn finds the weights, our table scores with them.

One-against-rest linear support vector machines (LIBLINEAR, Fan et al. 2008) on the hashed features. Scores for calibration
and limits come from inner folds that keep near-duplicates together, so each ticket is scored by a machine that has not
seen it or its twin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.errors import TrainingError

FOLDS = 5
PENALTY = 1.0
"""LIBLINEAR's C."""

LEAST_ROWS = 8
"""Fewest labelled tickets of a head; below this not even inner folds can be made."""


class FittedHead(NamedTuple):
    """``labels``: codes in column order; ``weights``: (features, labels) and ``bias``: (labels,) float32;
    ``rows``: (m,) which tickets are labelled; ``truth``: (m,) their label index; ``unseen``: (m, labels) float32 scores by
    machines that had not seen them."""

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
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
        raise TrainingError(f"{head} 只有一个类别（{labels[0]}），至少要两个才能训练；请补上别的类别，或去掉这一列", field=head)
    return labels, rows, truth


def fit_heads(
    matrix: Any,
    encoded: dict[str, tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]],
    groups: NDArray[np.int64],
    *,
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, FittedHead]:
    """Fits every head and its inner folds; two machines at a time (LIBLINEAR releases the interpreter lock).

    Args:
        matrix: scipy CSR (texts, features) float32.
        encoded: head -> what :func:`encode` gives.
        groups: (texts,) tickets of one group stay in one inner fold.
    """
    folds = {h: _folds(truth, groups[rows], len(labels), seed) for h, (labels, rows, truth) in encoded.items()}
    unseen = {h: np.full((len(rows), len(labels)), -1.0, np.float32) for h, (labels, rows, _) in encoded.items()}
    final: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def job(head: str, fold: int) -> tuple[str, int, Any, Any]:
        labels, rows, truth = encoded[head]
        kept = np.flatnonzero(folds[head] != fold) if fold >= 0 else np.arange(len(rows))
        weights, bias = _fit(matrix[rows[kept]], truth[kept], len(labels), seed)
        if fold >= 0:
            held = np.flatnonzero(folds[head] == fold)
            return head, fold, held, matrix[rows[held]] @ weights + bias
        return head, fold, weights, bias

    jobs = [(h, f) for h in encoded for f in (-1, *range(int(folds[h].max()) + 1))]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done, future in enumerate(as_completed([pool.submit(job, *j) for j in jobs]), start=1):
            head, fold, a, b = future.result()
            if fold >= 0:
                unseen[head][a] = b
            else:
                final[head] = (a, b)
            if progress:
                progress("训练", done / len(jobs))
    return {h: FittedHead(encoded[h][0], *final[h], *encoded[h][1:], unseen[h]) for h in encoded}


def _fit(x: Any, y: NDArray[np.int64], k: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One machine for all labels; a label that is absent here (a rare class in a fold) scores -1, "certainly not"."""
    from sklearn.svm import LinearSVC

    present = np.unique(y)
    weights = np.zeros((x.shape[1], k), np.float32)
    bias = np.full(k, -1.0, np.float32)
    if len(present) == 1:
        bias[present] = 1.0
        return weights, bias
    machine = LinearSVC(C=PENALTY, random_state=seed).fit(x, y)
    coef, intercept = machine.coef_, machine.intercept_
    if len(present) == 2:  # scikit-learn keeps one column for two classes
        coef, intercept = np.vstack([-coef, coef]), np.concatenate([-intercept, intercept])
    weights[:, present] = coef.T
    bias[present] = intercept
    return weights, bias


def _folds(truth: NDArray[np.int64], groups: NDArray[np.int64], k: int, seed: int) -> NDArray[np.int64]:
    """(n,) fold of each ticket: whole groups are dealt out so that each label is spread over the folds."""
    rng = np.random.default_rng(seed)
    _, member = np.unique(groups, return_inverse=True)
    count = int(member.max()) + 1
    folds = max(2, min(FOLDS, count))
    first = np.full(count, -1, np.int64)
    first[member[::-1]] = truth[::-1]  # a group is dealt with the label of its first ticket
    out = np.empty(count, np.int64)
    offset = 0
    for c in range(k):
        mine = rng.permutation(np.flatnonzero(first == c))
        out[mine] = (np.arange(len(mine)) + offset) % folds
        offset += len(mine)
    return out[member]
