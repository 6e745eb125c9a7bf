"""From records to figures: per corpus and head, every system with intervals, and what tells it from the best of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers import SYSTEMS
from benchmarks.quality_cache import Record
from benchmarks.quality_data import Part
from benchmarks.quality_stats import DRAWS, Ints, McNemar, Range, clopper_pearson, interval, mcnemar, resample

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Against:
    """A system minus the best of ours, on the same tickets.

    Attributes:
        accuracy, macro_f1: differences with paired intervals.
        test: McNemar; ``only_a`` counts the tickets that only the system got right, ``only_b`` only ours.
    """

    accuracy: Range
    macro_f1: Range
    test: McNemar

    @property
    def accuracy_sign(self) -> str:
        """By McNemar's mid-p at 5 %; see :data:`SIGNS`."""
        return _sign(self.accuracy.value, self.test.mid_p < 0.05)

    @property
    def macro_f1_sign(self) -> str:
        """By the paired interval."""
        return _sign(self.macro_f1.value, self.macro_f1.low > 0 or self.macro_f1.high < 0)


SIGNS = {"▲": 2, "△": 1, "＝": 0, "▽": -1, "▼": -2}
"""Better than ours and significantly, better within chance, equal, worse within chance, significantly worse."""


@dataclass(frozen=True)
class Line:
    """One system; ``auto`` and ``auto_error`` where it routes by itself: share of the tickets, share of wrong ones among them."""

    record: Record
    accuracy: Range
    macro_f1: Range
    against: Against | None
    auto: float | None
    auto_error: Range | None

    @property
    def name(self) -> str:
        return self.record.system


@dataclass(frozen=True)
class Board:
    """One corpus and head.

    Attributes:
        n: test tickets; k: labels.
        best: our system that the others are compared with, None when none of ours was measured.
        chosen_on: ``dev`` when ``best`` was taken by figures on held-out training tickets, ``test`` when there were none.
    """

    corpus: str
    head: str
    n: int
    k: int
    lines: tuple[Line, ...]
    best: str | None
    chosen_on: str

    def line(self, name: str) -> Line:
        return next(one for one in self.lines if one.name == name)

    @property
    def better_peers(self) -> list[Line]:
        """Peers with a higher accuracy or macro-F1 than the best of ours."""
        return [
            one
            for one in self.lines
            if one.against
            and not SYSTEMS[one.name].ours
            and max(SIGNS[one.against.accuracy_sign], SIGNS[one.against.macro_f1_sign]) > 0
        ]


def boards(parts: Sequence[Part], records: Mapping[Key, Record], *, seed: int = 0, draws: int = DRAWS) -> list[Board]:
    """One board for every corpus and head that a system was measured on."""
    made = []
    for part in parts:
        for head in part.heads:
            found = [records[part.name, head, name] for name in SYSTEMS if (part.name, head, name) in records]
            if found:
                made.append(_board(part, head, found, seed, draws))
    return made


def _board(part: Part, head: str, records: Sequence[Record], seed: int, draws: int) -> Board:
    asked = part.ask(head)
    column = [part.test.labels[head][i] or "" for i in asked]
    labels = sorted({*column, *(code for one in records for code in one.labels)})
    place = {code: i for i, code in enumerate(labels)}
    truth = np.array([place[code] for code in column], np.int64)
    answers = {one.system: _answers(one, place) for one in records}
    drawn = resample(truth, answers, len(labels), part.units[asked], seed=seed, draws=draws)
    best, chosen_on = _best(records, {name: figures.accuracy for name, figures in drawn.items()})
    lines = []
    for one in records:
        mine = drawn[one.system]
        against = None
        if best and one.system != best:
            other = drawn[best]
            against = Against(
                Range(mine.accuracy - other.accuracy, *interval(mine.accuracies - other.accuracies)),
                Range(mine.macro_f1 - other.macro_f1, *interval(mine.macro_f1s - other.macro_f1s)),
                mcnemar(answers[one.system] == truth, answers[best] == truth),
            )
        right = answers[one.system] == truth
        auto = None if one.auto is None else np.array(one.auto, bool)
        lines.append(
            Line(
                one,
                Range(mine.accuracy, *interval(mine.accuracies)),
                Range(mine.macro_f1, *interval(mine.macro_f1s)),
                against,
                None if auto is None else float(auto.mean()),
                None if auto is None else clopper_pearson(int((auto & ~right).sum()), int(auto.sum())),
            )
        )
    return Board(part.name, head, len(truth), len(labels), tuple(lines), best, chosen_on)


def _answers(record: Record, place: Mapping[str, int]) -> Ints:
    """(n,) label numbers of the board."""
    number = np.array([place[code] for code in record.labels], np.int64)
    return number[np.array(record.answers, np.int64)]


def _best(records: Sequence[Record], accuracy: Mapping[str, float]) -> tuple[str | None, str]:
    """Ours with the highest accuracy on held-out training tickets; by test accuracy only where one of ours held none out."""
    ours = [one for one in records if SYSTEMS[one.system].ours]
    if not ours:
        return None, ""
    dev = [one.dev for one in ours if one.dev is not None]
    if len(dev) == len(ours):
        return ours[int(np.argmax(dev))].system, "dev"
    return max(ours, key=lambda one: accuracy[one.system]).system, "test"


def _sign(difference: float, significant: bool) -> str:
    if difference == 0:
        return "＝"
    if difference > 0:
        return "▲" if significant else "△"
    return "▼" if significant else "▽"
