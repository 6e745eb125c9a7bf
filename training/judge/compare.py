"""Two models on the same tickets: what differs, by how much, and how sure that is. Judging it is :mod:`training.judge.gate`'s part.

The first model is called the champion (what is in use), the second the challenger. A label that one of them does not know
is one it never gives: where it is the truth, that model is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.corpus import Corpus
from training.judge.metrics import Floats, Ints
from training.judge.paired import DRAWS, Paired, interval, paired, ratios, resample
from triage.errors import DataError
from triage.prediction import Prediction

if TYPE_CHECKING:
    from models import TriageModel

CHUNK = 2000
"""Texts predicted between two steps of the progress bar."""


@dataclass(frozen=True, eq=False)
class Side:
    """What one model said of n tickets under one head.

    Attributes:
        answer: (n,) numbers of labels.
        confidence: (n,) what it says of its answer.
        automatic: (n,) whether it would act alone.
        target: the error it promises of those; None where only single labels are promised.
        knows: labels it can give.
    """

    answer: Ints
    confidence: Floats
    automatic: NDArray[np.bool_]
    target: float | None
    knows: frozenset[str]


class Difference(NamedTuple):
    """One figure of both; ``low`` and ``high`` bound challenger minus champion (two-sided 95 %, paired bootstrap of units).

    ``p``: chance of at least such a loss, were both equally good. None where a side has no such figure.
    """

    champion: float | None
    challenger: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None = None


class ClassDifference(NamedTuple):
    """How many of a label's tickets each found; ``n`` of them, in ``of`` as many units, with one-sided 95 % limits."""

    n: int
    champion: float
    challenger: float
    of: Paired


@dataclass(frozen=True, eq=False)
class HeadComparison:
    """One head. ``classes`` holds the labels that occur as truth.

    Attributes:
        truth: (n,) numbers into ``labels``; ``units``: (n,) tickets that share a number belong together.
    """

    head: str
    labels: tuple[str, ...]
    truth: Ints
    units: Ints
    champion: Side
    challenger: Side
    right: Paired
    accuracy: Difference
    macro_f1: Difference
    coverage: Difference
    selective_error: Difference
    classes: Mapping[str, ClassDifference]

    @property
    def n(self) -> int:
        return len(self.truth)

    def correct(self, side: Side) -> NDArray[np.bool_]:
        """(n,) whether a side's answer is the truth."""
        return np.asarray(side.answer == self.truth)

    def to_json(self) -> dict[str, Any]:
        """As in ``fendan compare --json``; differences are challenger minus champion."""
        return {
            "n": self.n,
            "units": self.right.units,
            **{name: getattr(self, name)._asdict() for name in ("accuracy", "macro_f1", "coverage", "selective_error")},
            "mcnemar": {"better": self.right.better, "worse": self.right.worse, "p": self.right.two_sided},
            "classes": {
                code: {
                    "n": one.n,
                    "units": one.of.units,
                    "champion": one.champion,
                    "challenger": one.challenger,
                    "difference": one.of.difference,
                    "low": one.of.low,
                    "high": one.of.high,
                    "p": one.of.p,
                }
                for code, one in self.classes.items()
            },
        }


def compare(
    champion: TriageModel,
    challenger: TriageModel,
    corpus: Corpus,
    units: NDArray[np.int64],
    *,
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, HeadComparison]:
    """Every head that both have and the corpus labels, in the challenger's order.

    Args:
        units: (n,) as from :func:`training.data.duplicates.group`.

    Raises:
        DataError: no such head.
    """
    heads = [h for h in challenger.heads if h in champion.heads and any(corpus.labels.get(h, ()))]
    if not heads:
        raise DataError(
            f"两个模型（{'、'.join(champion.heads)}；{'、'.join(challenger.heads)}）与数据的标签列"
            f"（{'、'.join(corpus.labels) or '无'}）没有一项是共有的，无从比较"
        )
    first = predictions(champion, corpus.texts, "冠军作答", progress)
    second = predictions(challenger, corpus.texts, "挑战者作答", progress)
    out = {}
    for place, head in enumerate(heads):
        if progress:
            progress("比较", place / len(heads))
        column = corpus.labels[head]
        rows = [row for row, code in enumerate(column) if code]
        truth = [column[row] or "" for row in rows]
        labels = tuple(dict.fromkeys([*challenger.heads[head], *champion.heads[head], *truth]))
        out[head] = compare_head(
            head,
            labels,
            truth,
            units[rows],
            side(champion, head, labels, [first[row] for row in rows]),
            side(challenger, head, labels, [second[row] for row in rows]),
            seed=seed,
        )
    return out


def predictions(
    model: TriageModel, texts: Sequence[str], what: str, progress: Callable[[str, float], None] | None
) -> list[Prediction]:
    """What ``model`` says of ``texts``, step by step."""
    out: list[Prediction] = []
    for start in range(0, len(texts), CHUNK):
        out += model.predict(texts[start : start + CHUNK])
        if progress:
            progress(what, min(1.0, (start + CHUNK) / len(texts)))
    return out


def side(model: TriageModel, head: str, labels: Sequence[str], said: Sequence[Prediction]) -> Side:
    """A model's answers under ``head`` as numbers into ``labels``."""
    place = {code: i for i, code in enumerate(labels)}
    given = [one.heads[head] for one in said]
    target = model.manifest["heads"][head]["promise"]["target"]
    return Side(
        answer=np.array([place[one.label] for one in given], np.int64),
        confidence=np.array([one.confidence for one in given], np.float64),
        automatic=np.array([one.action == "auto" for one in given], np.bool_),
        target=None if target is None else float(target),
        knows=frozenset(model.heads[head]),
    )


def compare_head(
    head: str,
    labels: Sequence[str],
    truth: Sequence[str],
    units: Ints,
    champion: Side,
    challenger: Side,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> HeadComparison:
    """All figures of one head, from answers alone: n >= 1 tickets with their ``truth``."""
    place = {code: i for i, code in enumerate(labels)}
    right = np.array([place[code] for code in truth], np.int64)
    first, second = champion.answer == right, challenger.answer == right
    drawn = resample(right, {"a": champion.answer, "b": challenger.answer}, len(labels), units, seed=seed, draws=draws)
    a, b = drawn["a"], drawn["b"]
    classes = {}
    for i, code in enumerate(labels):
        of = right == i
        if of.any():
            one = paired(first[of], second[of], units[of])
            classes[code] = ClassDifference(int(of.sum()), float(first[of].mean()), float(second[of].mean()), one)
    whole = paired(first, second, units)
    return HeadComparison(
        head=head,
        labels=tuple(labels),
        truth=right,
        units=units,
        champion=champion,
        challenger=challenger,
        right=whole,
        accuracy=_difference(a.accuracy, b.accuracy, b.accuracies - a.accuracies, whole.p),
        macro_f1=_difference(a.macro_f1, b.macro_f1, b.macro_f1s - a.macro_f1s),
        coverage=_coverage(champion, challenger, units, seed, draws),
        selective_error=_selective(champion, challenger, first, second, units, seed, draws),
        classes=classes,
    )


def _difference(first: float, second: float, drawn: Floats, p: float | None = None) -> Difference:
    """``p`` None: the share of draws in which the second is no worse, the draw at hand counted in."""
    low, high = interval(drawn)
    if p is None:
        p = float((1 + (drawn >= 0).sum()) / (1 + len(drawn)))
    return Difference(first, second, second - first, low, high, p)


def _coverage(champion: Side, challenger: Side, units: Ints, seed: int, draws: int) -> Difference:
    first, second = champion.automatic, challenger.automatic
    columns = np.stack([second.astype(np.float64) - first, np.ones(len(units))], axis=1)
    drawn = ratios(columns, units, lambda sums: sums[:, 0] / sums[:, 1], seed=seed, draws=draws)
    return _difference(float(first.mean()), float(second.mean()), drawn, paired(first, second, units).p)


def _selective(
    champion: Side,
    challenger: Side,
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    units: Ints,
    seed: int,
    draws: int,
) -> Difference:
    """Errors among automatic answers; here a *higher* figure is worse, so ``p`` is of a rise."""
    pairs = ((champion, first), (challenger, second))
    errors = [float((~ok[s.automatic]).mean()) if s.automatic.any() else None for s, ok in pairs]
    if errors[0] is None or errors[1] is None:
        return Difference(errors[0], errors[1], None, None, None)
    columns = [column for s, ok in pairs for column in (s.automatic & ~ok, s.automatic)]

    def ratio(sums: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):  # a draw without automatic answers says nothing
            return np.asarray(sums[:, 2] / sums[:, 3] - sums[:, 0] / sums[:, 1])

    drawn = ratios(np.stack(columns, axis=1).astype(np.float64), units, ratio, seed=seed, draws=draws)
    drawn = drawn[~np.isnan(drawn)]
    low, high = interval(drawn)
    p = float((1 + (drawn <= 0).sum()) / (1 + len(drawn)))
    return Difference(errors[0], errors[1], errors[1] - errors[0], low, high, p)
