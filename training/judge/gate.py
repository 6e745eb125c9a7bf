"""May the challenger replace the champion? A verdict with its reasons, as data and in words.

**The rule.** A challenger is refused for what is *shown*: a loss that chance does not explain and that is larger than the
margin. The family of all tests of a head's figures and the family of all classes get half of :data:`ALPHA` each, and within a
family Holm's correction holds it: of challengers that are as good as the champion at most 5 % are refused. The other way
round, to ask for proof that nothing is worse, would refuse most equals: with margin 2 points and 50 tickets of a class even
an equal model proves nothing, and a gate that is always closed is soon forced open. What was neither shown worse nor shown
to hold is therefore *said* (``open``), with how large a loss could have gone unseen.

**Classes.** Recall, by the exact test of the units in which only one of the two was right. A class with so few units that not
even the loss of every one of them would be significant (10 units for 20 classes) is ``untested``: it is named, and cannot fail.

**Automatic answers.** Their error may not be shown to be over the promised target, unless the champion's is higher still;
coverage may not fall by more than :data:`LESS_COVERAGE`, unless the champion's coverage stood on errors over its target.

**Behaviour.** Of the same changed tickets (:mod:`training.judge.probe`) no answer that must hold still may move more often than
the champion's, by the same exact test and beyond the margin. All checks are a family of their own at :data:`ALPHA_BEHAVIOUR`,
beside the 5 % of the figures.

**Without a champion** there is nothing to be worse than: enough held-out tickets, every head better than always naming its
commonest label, errors of automatic answers not over target.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from training.judge.compare import HeadComparison, Side
from training.judge.evaluate import HeadReport
from training.judge.paired import holm, least_units
from training.judge.probe import Brittleness
from training.judge.wording import percent

ALPHA = 0.05
"""At most this share of equally good challengers is refused."""

ALPHA_BEHAVIOUR = 0.01
"""At most this share of challengers that hold as still as the champion is refused for their behaviour."""

MARGIN = 0.02
"""Losses up to this are tolerated."""

LEAST_COMPARED = 50
"""With fewer independent tickets to compare on no challenger passes: a loss of 14 points could go unseen."""

LESS_COVERAGE = 0.10
"""Coverage may fall by so much: limits are drawn from few tickets, they move from training to training."""

Status = Literal["worse", "held", "open", "untested"]


@dataclass(frozen=True, slots=True)
class GateReason:
    """Why a challenger is refused, or what should be known of a verdict.

    Attributes:
        code: ``accuracy``, ``macro_f1``, ``class_recall``, ``coverage``, ``over_target``, ``too_few``, ``missing_head``,
            ``lost_label``, ``below_majority``, ``brittle``; in notes also ``open``, ``untested``, ``few_of_head``, ``first``, ``behaviour``.
        head, label: what it is about; empty where it is about all. Of ``brittle`` the label is the name of a check.
        text: in words, Chinese.
        champion, challenger: the figure of each; ``low``, ``high``: limits of the difference.
    """

    code: str
    head: str
    label: str
    text: str
    champion: float | None = None
    challenger: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """``reasons`` is empty when passed. ``classes``: head -> label -> status; ``checks``: check -> head -> figures of both."""

    passed: bool
    reasons: tuple[GateReason, ...]
    notes: tuple[GateReason, ...] = ()
    margin: float = MARGIN
    alpha: float = ALPHA
    classes: Mapping[str, Mapping[str, Status]] = field(default_factory=dict)
    checks: Mapping[str, Mapping[str, Mapping[str, float | int]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "reasons": [asdict(r) for r in self.reasons], "notes": [asdict(n) for n in self.notes]}

    @property
    def words(self) -> str:
        """One line for people."""
        return "通过：没有一处显著变差" if self.passed else f"拒绝：{len(self.reasons)} 条理由"


@dataclass(slots=True)
class _Test:
    """One loss: how likely by chance, and whether it is large enough to matter."""

    p: float
    matters: bool
    reason: GateReason


def decide(
    heads: Mapping[str, HeadComparison],
    *,
    margin: float = MARGIN,
    alpha: float = ALPHA,
    champion_heads: Mapping[str, tuple[str, ...]] | None = None,
    challenger_heads: Mapping[str, tuple[str, ...]] | None = None,
    challenger_taxonomy: Mapping[str, tuple[str, ...]] | None = None,
    behaviour: Sequence[Brittleness] = (),
) -> GateVerdict:
    """The verdict on a comparison.

    Args:
        champion_heads, challenger_heads: head -> labels of each model; ``challenger_taxonomy``: those its taxonomy lists. A
            head or a listed label that only the champion can give is a loss no held-out ticket need show.
        behaviour: how still both held, check by check.
    """
    reasons = _lost(champion_heads or {}, challenger_heads or {}, challenger_taxonomy or {})
    tested = {head: one for head, one in heads.items() if one.right.units >= LEAST_COMPARED}
    if not tested:
        most = max((one.right.units for one in heads.values()), default=0)
        reasons.append(too_few(most))
    tests = [test for one in tested.values() for test in _head_tests(one, margin)]
    reasons += _failed(tests, alpha / 2)
    every = [(head, code) for head, one in heads.items() for code in one.classes]
    least = least_units(len(every), alpha / 2)
    counted = [(h, c) for h, c in every if heads[h].classes[c].of.units >= least]
    class_tests = [_class_test(heads[h], c, margin) for h, c in counted]
    failed = _failed(class_tests, alpha / 2)
    reasons += failed
    brittle = _failed([_brittle_test(one, margin) for one in behaviour], ALPHA_BEHAVIOUR)
    reasons += brittle
    worse = {(one.head, one.label) for one in failed}
    classes: dict[str, dict[str, Status]] = {head: {} for head in heads}
    for head, code in every:
        low = heads[head].classes[code].of.low
        status: Status = "untested" if (head, code) not in counted else "held" if low >= -margin else "open"
        classes[head][code] = "worse" if (head, code) in worse else status
    notes = [
        *(_few_of_head(one) for head, one in heads.items() if head not in tested),
        *(note for head, one in heads.items() for note in _class_notes(one, classes[head], least)),
        *([_behaviour_note(behaviour)] if behaviour and not brittle else []),
    ]
    checks: dict[str, dict[str, Mapping[str, float | int]]] = {}
    for one_check in behaviour:
        checks.setdefault(one_check.check.name, {})[one_check.head] = one_check.to_json()
    return GateVerdict(not reasons, tuple(reasons), tuple(notes), margin, alpha, classes, checks)


def decide_first(reports: Mapping[str, HeadReport], units: Mapping[str, int], *, alpha: float = ALPHA) -> GateVerdict:
    """The verdict on a model that has no champion before it. ``units``: head -> independent held-out tickets."""
    reasons = []
    tested = {head: report for head, report in reports.items() if units[head] >= LEAST_COMPARED}
    if not tested:
        reasons.append(too_few(max(units.values(), default=0)))
    tests = []
    for head, report in tested.items():
        commonest = float(np.bincount(report.truth).max() / report.n)
        if report.accuracy <= commonest:
            text = f"{head} 的准确率 {percent(report.accuracy)}，还不如一律回答最常见的那一类（{percent(commonest)}）"
            reasons.append(GateReason("below_majority", head, "", text, commonest, report.accuracy))
        right = np.asarray(report.correct)
        tests += _over_target(head, report.automatic, right, report.target, units[head] / report.n, None)
    reasons += _failed(tests, alpha)
    first = GateReason("first", "", "", "还没有冠军可比；这里只看它自己过不过得去")
    return GateVerdict(not reasons, tuple(reasons), (first,), alpha=alpha)


def too_few(units: int) -> GateReason:
    """The reason when there is not enough to compare on."""
    text = f"能比较的留出工单只有 {units:,} 条（近似的、同一客户的算一条），至少要 {LEAST_COMPARED}；再收集一些更正"
    return GateReason("too_few", "", "", text)


def _lost(
    champion: Mapping[str, tuple[str, ...]],
    challenger: Mapping[str, tuple[str, ...]],
    taxonomy: Mapping[str, tuple[str, ...]],
) -> list[GateReason]:
    out = []
    for head, codes in champion.items():
        if head not in challenger:
            out.append(
                GateReason("missing_head", head, "", f"冠军会答 {head}，挑战者不会：学习的工单里没有这一项的标签")
            )
            continue
        for code in codes:
            if code not in challenger[head] and code in taxonomy.get(head, ()):
                text = f"冠军认识 {head} 的 {code}，挑战者不认识：学习的工单里这一类太少"
                out.append(GateReason("lost_label", head, code, text))
    return out


def _failed(tests: list[_Test], alpha: float) -> list[GateReason]:
    shown = holm([test.p for test in tests], alpha)
    return [test.reason for test, hit in zip(tests, shown, strict=True) if hit and test.matters]


def _head_tests(one: HeadComparison, margin: float) -> list[_Test]:
    tests = []
    for code, name, found, least in (
        ("accuracy", "准确率", one.accuracy, margin),
        ("macro_f1", "macro-F1", one.macro_f1, margin),
        ("coverage", "自动覆盖", one.coverage, LESS_COVERAGE),
    ):
        a, b, d = found.champion or 0.0, found.challenger or 0.0, found.difference or 0.0
        if code == "coverage" and _shown_over(one, one.champion):
            continue
        text = f"{one.head} 的{name}从 {percent(a)} 降到 {percent(b)}，不是偶然，也超出了容许的 {percent(least)}"
        tests.append(
            _Test(found.p or 0.0, d < -least, GateReason(code, one.head, "", text, a, b, found.low, found.high))
        )
    scale = one.right.units / one.n
    right = one.correct(one.challenger)
    tests += _over_target(
        one.head, one.challenger.automatic, right, one.challenger.target, scale, one.selective_error.champion
    )
    return tests


def _over_target(
    head: str,
    automatic: np.ndarray[Any, Any],
    right: np.ndarray[Any, Any],
    target: float | None,
    scale: float,
    champion: float | None,
) -> list[_Test]:
    """Whether the automatic answers are wrong more often than promised; none where nothing is promised or automatic."""
    n, wrong = int(automatic.sum()), int((automatic & ~right).sum())
    if target is None or not n:
        return []
    text = f"{head} 自动回答中的错误是 {percent(wrong / n, 2)}，超过承诺的 {percent(target)}"
    matters = wrong / n > target and (champion is None or wrong / n >= champion)
    return [
        _Test(
            _at_least(wrong, n, target, scale), matters, GateReason("over_target", head, "", text, champion, wrong / n)
        )
    ]


def _shown_over(one: HeadComparison, side: Side) -> bool:
    """Whether a side's automatic answers are shown to break their promise."""
    n, wrong = int(side.automatic.sum()), int((side.automatic & ~one.correct(side)).sum())
    return side.target is not None and n > 0 and _at_least(wrong, n, side.target, one.right.units / one.n) <= ALPHA


def _at_least(wrong: int, n: int, target: float, scale: float) -> float:
    """Chance of so many errors at the target (exact binomial); tickets are counted as units, rounded to its advantage."""
    from scipy.stats import binom

    return float(binom.sf(math.floor(wrong * scale) - 1, math.ceil(n * scale), target))


def _class_test(one: HeadComparison, code: str, margin: float) -> _Test:
    found = one.classes[code]
    text = (
        f"{one.head} 的 {code}：{found.n:,} 条里冠军找到 {percent(found.champion)}，挑战者 {percent(found.challenger)}，"
        f"不是偶然，也超出了容许的 {percent(margin)}"
    )
    of = found.of
    reason = GateReason("class_recall", one.head, code, text, found.champion, found.challenger, of.low, of.high)
    return _Test(of.p, of.difference < -margin, reason)


def _brittle_test(one: Brittleness, margin: float) -> _Test:
    moved = "往错的方向动" if one.check.kind == "direction" else "变"
    text = (
        f"行为检查“{one.check.title}”（{one.check.name}）：同样的 {one.n:,} 处改动，{one.head} 的回答冠军{moved}了 "
        f"{percent(one.champion)}，挑战者{moved}了 {percent(one.challenger)}，不是偶然，也超出了容许的 {percent(margin)}"
    )
    of = one.of
    reason = GateReason("brittle", one.head, one.check.name, text, one.champion, one.challenger, -of.high, -of.low)
    return _Test(of.p, of.difference < -margin, reason)


def _behaviour_note(behaviour: Sequence[Brittleness]) -> GateReason:
    checks = len({one.check.name for one in behaviour})
    text = f"{checks} 项行为检查（{sum(one.n for one in behaviour):,} 个回答），没有一项显出比冠军更容易变"
    return GateReason("behaviour", "", "", text)


def _few_of_head(one: HeadComparison) -> GateReason:
    text = f"{one.head} 只有 {one.right.units:,} 条留出的工单有标签，不足 {LEAST_COMPARED}，整体没有检验"
    return GateReason("few_of_head", one.head, "", text, one.accuracy.champion, one.accuracy.challenger)


def _class_notes(one: HeadComparison, status: Mapping[str, Status], least: int) -> list[GateReason]:
    out = []
    untested = [f"{code}（{one.classes[code].of.units}）" for code in status if status[code] == "untested"]
    if untested:
        text = f"{one.head} 有 {len(untested)} 类太少（不足 {least} 条互相独立的），没有检验：{'、'.join(untested)}"
        out.append(GateReason("untested", one.head, "", text))
    undecided = [
        f"{code}（最多差 {percent(max(-one.classes[code].of.low, 0.0), 0)}）"
        for code in status
        if status[code] == "open"
    ]
    if undecided:
        text = f"{one.head} 有 {len(undecided)} 类没有显出变差，但也不能排除：{'、'.join(undecided)}"
        out.append(GateReason("open", one.head, "", text))
    return out
