"""Which of the tickets a model is to be judged on it has learned from: what it knows by heart says nothing of it.

A ticket is seen when the model has learned from it, or from one of its group (near-duplicates, one customer) in the same data.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.corpus import Corpus
from training.data.duplicates import grouping
from training.data.hold_out import related
from training.data.learned import LearnedTickets, unseen
from triage.errors import InputError


class SeenTickets(NamedTuple):
    """What of some data a model has seen.

    Attributes:
        rows: (n,) whether each ticket is seen; all False where nothing is ``known``.
        known: whether anything says what the model has learned from.
        notes: what else to know, in Chinese, for people.
    """

    rows: NDArray[np.bool_]
    known: bool
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        return int(self.rows.sum())

    def to_json(self, *, kept: bool) -> dict[str, Any]:
        """As in ``fendan evaluate --json``; ``n`` is null where nobody knows. ``kept``: with ``--with-seen``."""
        return {
            "n": self.n if self.known else None,
            "left_out": 0 if kept else self.n,
            "warning": self.warning() or None if kept else None,
        }

    def warning(self) -> str:
        """What is said above and below figures that count seen tickets; empty where there are none."""
        if not self.n:
            return ""
        return (
            f"注意：成绩里有 {self.n:,} 条（共 {len(self.rows):,} 条）是这个模型学过的（或与之近似、同一客户）。"
            "答案它背过，成绩偏高，说明不了它对新工单怎样，不能凭它上线"
        )

    def left_out(self, *, kept: bool) -> tuple[str, ...]:
        """How many do not count, in Chinese; nothing where all count."""
        if kept or not self.n:
            return ()
        return (f"{self.n:,} 条是这个模型学过的（或与之近似、同一客户），没有算进成绩；要算就加 --with-seen",)

    def judged(self, corpus: Corpus, *, kept: bool) -> Corpus:
        """The tickets to judge on: all when ``kept``, else those that are not seen.

        Raises:
            InputError: none is left.
        """
        if kept or not self.n:
            return corpus
        if self.rows.all():
            raise InputError(
                f"{len(corpus):,} 条工单都是这个模型学过的（或与之近似、同一客户），没有可以评估的；"
                "请给更新的数据，非要看不可就加 --with-seen",
                field="data",
            )
        return corpus.subset(np.flatnonzero(~self.rows).tolist())


def seen(corpus: Corpus, learned: LearnedTickets | None, fingerprint: str, model: str) -> SeenTickets:
    """Finds the tickets of ``corpus`` that a model has seen.

    Args:
        learned: its record; None where there is none, as for a folder that comes from elsewhere.
        fingerprint: of the data it was made from, as its manifest says: the whole of it is known without a record.
        model: what the user calls it.
    """
    if learned is None:
        if corpus.fingerprint == fingerprint:
            return SeenTickets(np.ones(len(corpus), np.bool_), True, ("数据的指纹与训练这个模型的相同",))
        note = f"{model} 是文件夹，这里的 MLflow 没有训练它的记录，不知道它学过什么；数据里若有它学过的工单，成绩会偏高"
        return SeenTickets(np.zeros(len(corpus), np.bool_), False, (note,))
    copies = grouping(corpus.texts, known=learned.frames)
    groups, notes = related(corpus, copies.groups)
    if learned.hashes is None:
        notes = (*notes, f"{model} 没有记下学过哪些工单，只有在它训练之后写的才算没学过")
    return SeenTickets(~unseen(corpus, groups, learned), True, (*copies.shared.notes(), *notes))
