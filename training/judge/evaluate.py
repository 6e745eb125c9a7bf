"""Judges a model on labelled tickets: one report per head, and the JSON shape of ``fendan evaluate --json``.

Coverage and selective error (El-Yaniv, Wiener, JMLR 2010) are those of the answers that the model marks ``auto``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from intake.vocabulary import LabelVocabulary, unknown_label
from training.data.corpus import Corpus
from training.judge import intervals, metrics
from triage.errors import DataError
from triage.prediction import Prediction

if TYPE_CHECKING:
    from models import TriageModel

CHUNK = 2000
"""Texts predicted between two steps of the progress bar."""


@dataclass(frozen=True, eq=False)
class HeadReport:
    """How one head did on the rows that carry a label for it.

    Attributes:
        labels: codes in the model's order (k).
        truth, answer: (n,) label numbers.
        confidence: (n,) what the model says of its answer.
        probabilities: (n, k).
        automatic: (n,) whether the model would act alone.
        target: the error rate promised for the head's automatic answers; None where only single labels are promised.
        limits: (k,) least confidence to act alone, NaN where nothing is promised.
    """

    head: str
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    answer: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    automatic: NDArray[np.bool_]
    target: float | None
    limits: NDArray[np.float64]

    @property
    def n(self) -> int:
        return len(self.truth)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """(n,) whether the answer is the truth."""
        return np.asarray(self.truth == self.answer)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """(k, k), rows are the truth."""
        return metrics.confusion(self.truth, self.answer, len(self.labels))

    @cached_property
    def bins(self) -> metrics.Bins:
        """Calibration of the answers."""
        return metrics.reliability(self.confidence, self.correct)

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
    def brier(self) -> float:
        return metrics.brier(self.probabilities, self.truth)

    @property
    def log_loss(self) -> float:
        return metrics.log_loss(self.probabilities, self.truth)

    @property
    def auto(self) -> NDArray[np.int64]:
        """(k,) automatic answers per *predicted* label."""
        return np.bincount(self.answer[self.automatic], minlength=len(self.labels))

    @property
    def auto_wrong(self) -> NDArray[np.int64]:
        """(k,) those of :attr:`auto` that were wrong."""
        return np.bincount(self.answer[self.automatic & ~self.correct], minlength=len(self.labels))

    @property
    def coverage(self) -> float:
        return float(self.automatic.mean())

    @property
    def selective_error(self) -> float | None:
        """Share of the automatic answers that were wrong; None when there were none."""
        return float(self.auto_wrong.sum() / self.auto.sum()) if self.automatic.any() else None

    @cached_property
    def intervals(self) -> dict[str, intervals.Interval | None]:
        """95 % intervals (see :mod:`training.judge.intervals`) of ``accuracy``, ``macro_f1``, ``ece``, ``brier`` and
        ``selective_error``; None where the figure is."""
        auto = int(self.auto.sum())
        return {
            "accuracy": intervals.proportion(int(self.correct.sum()), self.n),
            "macro_f1": intervals.macro_f1(self.confusion),
            "ece": intervals.calibration_error(self.bins),
            "brier": intervals.mean(metrics.brier_rows(self.probabilities, self.truth)),
            "selective_error": intervals.proportion(int(self.auto_wrong.sum()), auto) if auto else None,
        }

    def to_json(self) -> dict[str, Any]:
        """The head's part of ``evaluate --json``; an interval is ``[low, high]``.

        In ``per_class``, ``coverage`` is the share of the answers "this label" that were automatic, ``selective_error``
        the share of those that were wrong (null when there were none).
        """
        scores = metrics.class_scores(self.confusion)
        answers, auto, wrong = self.confusion.sum(axis=0), self.auto, self.auto_wrong
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "ece": self.ece,
            "brier": self.brier,
            "log_loss": self.log_loss,
            "coverage": self.coverage,
            "selective_error": self.selective_error,
            **{f"{name}_interval": list(found) if found else None for name, found in self.intervals.items()},
            "per_class": {
                code: {
                    "precision": float(scores.precision[i]),
                    "recall": float(scores.recall[i]),
                    "f1": float(scores.f1[i]),
                    "support": int(scores.support[i]),
                    "coverage": float(auto[i] / answers[i]) if answers[i] else 0.0,
                    "selective_error": float(wrong[i] / auto[i]) if auto[i] else None,
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
    return {head: _report(model, head, corpus.labels[head], predictions) for head in heads}


def _check_labels(model: TriageModel, corpus: Corpus, head: str) -> None:
    known = set(model.heads[head])
    rows = [row for row, code in enumerate(corpus.labels[head]) if code and code not in known]
    if rows:
        code = corpus.labels[head][rows[0]] or ""
        names = "、".join(sorted({corpus.labels[head][row] or "" for row in rows}))
        head_spec = model.taxonomy.heads.get(head)
        hint = unknown_label(code, head, model.heads[head], LabelVocabulary(head, head_spec).near(code))
        raise DataError(
            f"模型不认识数据里的标签 {names}（{len(rows):,} 行）。{corpus.sources[rows[0]]}：{hint}", field=head
        )


def _report(model: TriageModel, head: str, column: tuple[str | None, ...], answers: list[Prediction]) -> HeadReport:
    labels = model.heads[head]
    place = {code: i for i, code in enumerate(labels)}
    rows = [row for row, code in enumerate(column) if code]
    given = [answers[row].heads[head] for row in rows]
    spec = model.manifest["heads"][head]
    least = [spec["limits"][code]["auto"] for code in labels]
    target = spec["promise"]["target"]
    return HeadReport(
        head=head,
        labels=labels,
        truth=np.array([place[column[row] or ""] for row in rows], np.int64),
        answer=np.array([place[one.label] for one in given], np.int64),
        confidence=np.array([one.confidence for one in given], np.float64),
        probabilities=np.array([one.probabilities for one in given], np.float64),
        automatic=np.array([one.action == "auto" for one in given], np.bool_),
        target=None if target is None else float(target),
        limits=np.array([np.nan if one is None else one for one in least], np.float64),
    )
