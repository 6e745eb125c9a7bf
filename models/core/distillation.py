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
    """

    matrix: Any
    heads: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]


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
