"""Labels as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.errors import TrainingError

LEAST_ROWS = 8
"""Fewest labelled tickets of a head; below this not even inner folds can be made."""

Encoded = tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]
"""Label codes; (m,) rows of the labelled tickets; (m,) their label index."""

EncodedHeads = Mapping[str, Encoded]
"""Head -> the same."""


def encode(head: str, values: Sequence[str | None], order: Sequence[str]) -> Encoded:
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
