"""Unlabelled tickets with a teacher's opinion: what a student learns from besides the labels (distillation).

A linear machine takes one label a ticket, so the teacher's likeliest label is taken and counts as much as the teacher is
sure of it (Hinton, Vinyals, Dean 2015, with hard labels; Lee 2013, "Pseudo-Label"). Opinions that are hardly more than a
guess are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_SURE = 0.5


class TeacherLabels(NamedTuple):
    """A teacher's opinions as a linear machine takes them.

    ``matrix``: scipy CSR (n, features); ``heads``: head -> rows (m,), label index (m,), weight (m,) in (0, 1].
    ``owner``: (n,) the ticket that a text is a copy of (it is not learned from where that ticket is held out), -1: of none;
    None: of none at all.
    """

    matrix: Any
    heads: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]
    owner: NDArray[np.int64] | None = None


class Distillation(NamedTuple):
    """What a teacher says of tickets without labels.

    ``texts``: n unlabelled tickets; ``labels``: head -> the teacher's label codes in column order; ``probabilities``:
    head -> (n, labels) the teacher's calibrated probabilities.
    """

    texts: Sequence[str]
    labels: Mapping[str, tuple[str, ...]]
    probabilities: Mapping[str, NDArray[np.float64]]

    def teacher_labels(self, matrix: Any, labels: Mapping[str, tuple[str, ...]]) -> TeacherLabels:
        """The opinions that count, as indices into ``labels`` (head -> the student's codes). What the student has no label
        for teaches it nothing."""
        heads = {}
        for head, own in labels.items():
            if head not in self.probabilities:
                continue
            p = self.probabilities[head]
            index = np.array([own.index(code) if code in own else -1 for code in self.labels[head]], np.int64)
            said, sure = index[p.argmax(axis=1)], p.max(axis=1)
            rows = np.flatnonzero((sure >= LEAST_SURE) & (said >= 0))
            heads[head] = (rows, said[rows], sure[rows])
        return TeacherLabels(matrix, heads)


def joined(first: TeacherLabels, second: TeacherLabels) -> TeacherLabels:
    """Both, the second's texts below the first's."""
    from scipy.sparse import vstack

    above = first.matrix.shape[0]
    owners = [np.full(one.matrix.shape[0], -1, np.int64) if one.owner is None else one.owner for one in (first, second)]
    heads = dict(first.heads)
    for head, (rows, said, sure) in second.heads.items():
        mine = (rows + above, said, sure)
        heads[head] = _both(heads[head], mine) if head in heads else mine
    return TeacherLabels(vstack([first.matrix, second.matrix], format="csr"), heads, np.concatenate(owners))


_Opinions = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _both(one: _Opinions, other: _Opinions) -> _Opinions:
    (a, b, c), (x, y, z) = one, other
    return np.concatenate([a, x]), np.concatenate([b, y]), np.concatenate([c, z])
