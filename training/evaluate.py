"""Judges a model on labelled tickets: one report per head, and the JSON shape of ``fendan evaluate --json``.

Coverage and selective error (El-Yaniv, Wiener, JMLR 2010) are those of the answers that the model marks ``auto``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.cells import unknown_label
from training.corpus import Corpus
from triage.errors import DataError
from triage.prediction import Prediction

if TYPE_CHECKING:
    from models import TriageModel

CHUNK = 2000
"""Texts predicted between two steps of the progress bar."""


@dataclass(frozen=True, slots=True)
class HeadReport:
    """How one head did on the rows that carry a label for it.

    Attributes:
        labels: codes in the model's order (k).
        confusion: (k, k) int64, rows are the truth.
        bins: calibration of the top label.
        auto: (k,) automatic answers per *predicted* label; ``auto_wrong`` those of them that were wrong.
    """

    head: str
    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
    bins: metrics.Bins
    brier: float
    auto: NDArray[np.int64]
    auto_wrong: NDArray[np.int64]

    @property
    def n(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        return metrics.accuracy(self.confusion)

    @property
    def macro_f1(self) -> float:
        return metrics.macro_f1(self.confusion)

    @property
    def ece(self) -> float:
        return metrics.ece(self.bins)

    @property
    def coverage(self) -> float:
        return float(self.auto.sum() / self.n)

    @property
    def selective_error(self) -> float | None:
        """Share of the automatic answers that were wrong; None when there were none."""
        return float(self.auto_wrong.sum() / self.auto.sum()) if self.auto.any() else None

    def to_json(self) -> dict[str, Any]:
        """The head's part of ``evaluate --json``.

        In ``per_class``, ``coverage`` is the share of the answers "this label" that were automatic, ``selective_error``
        the share of those that were wrong (null when there were none).
        """
        scores = metrics.class_scores(self.confusion)
        answers = self.confusion.sum(axis=0)
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "ece": self.ece,
            "coverage": self.coverage,
            "selective_error": self.selective_error,
            "per_class": {
                code: {
                    "precision": float(scores.precision[i]),
                    "recall": float(scores.recall[i]),
                    "f1": float(scores.f1[i]),
                    "support": int(scores.support[i]),
                    "coverage": float(self.auto[i] / answers[i]) if answers[i] else 0.0,
                    "selective_error": float(self.auto_wrong[i] / self.auto[i]) if self.auto[i] else None,
                }
                for i, code in enumerate(self.labels)
            },
        }


def evaluate(model: TriageModel, corpus: Corpus) -> dict[str, Any]:
    """What ``fendan evaluate --json`` prints: ``{"heads": {head: {"n", "accuracy", "macro_f1", …}}}``.

    Raises:
        DataError: no head in common, no labelled row, or a label that the model does not know (names it and its row).
    """
    return {"heads": {head: report.to_json() for head, report in judge(model, corpus).items()}}


def judge(
    model: TriageModel, corpus: Corpus, *, progress: Callable[[str, float], None] | None = None
) -> dict[str, HeadReport]:
    """One :class:`HeadReport` for every head that both the model and the corpus have, in the model's order.

    Raises:
        DataError: as :func:`evaluate`.
    """
    heads = [head for head in model.heads if any(corpus.labels.get(head, ()))]
    if not heads:
        raise DataError(
            f"数据的标签列（{'、'.join(corpus.labels) or '无'}）与模型的（{'、'.join(model.heads)}）没有一列相同，无从评估"
        )
    for head in heads:
        _check_labels(model, corpus, head)
    predictions: list[Prediction] = []
    for start in range(0, len(corpus), CHUNK):
        predictions += model.predict(corpus.texts[start : start + CHUNK])
        if progress:
            progress("评估", min(1.0, (start + CHUNK) / len(corpus)))
    return {head: _report(head, model.heads[head], corpus.labels[head], predictions) for head in heads}


def _check_labels(model: TriageModel, corpus: Corpus, head: str) -> None:
    known = set(model.heads[head])
    rows = [row for row, code in enumerate(corpus.labels[head]) if code and code not in known]
    if rows:
        code = corpus.labels[head][rows[0]] or ""
        names = "、".join(sorted({corpus.labels[head][row] or "" for row in rows}))
        hint = unknown_label(code, head, model.heads[head])
        raise DataError(
            f"模型不认识数据里的标签 {names}（{len(rows):,} 行）。{corpus.sources[rows[0]]}：{hint}", field=head
        )


def _report(
    head: str, labels: tuple[str, ...], column: tuple[str | None, ...], answers: list[Prediction]
) -> HeadReport:
    place = {code: i for i, code in enumerate(labels)}
    rows = [row for row, code in enumerate(column) if code]
    given = [answers[row].heads[head] for row in rows]
    truth = np.array([place[column[row] or ""] for row in rows], np.int64)
    answer = np.array([place[one.label] for one in given], np.int64)
    confidence = np.array([one.confidence for one in given])
    auto = np.array([one.action == "auto" for one in given])
    correct = truth == answer
    k = len(labels)
    return HeadReport(
        head=head,
        labels=labels,
        confusion=metrics.confusion(truth, answer, k),
        bins=metrics.reliability(confidence, correct),
        brier=metrics.brier(np.array([one.probabilities for one in given]), truth),
        auto=np.bincount(answer[auto], minlength=k),
        auto_wrong=np.bincount(answer[auto & ~correct], minlength=k),
    )
