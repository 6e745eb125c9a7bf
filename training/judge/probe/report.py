"""Asking a model before and after every change, and what came of it: counts, and the answers that moved worst."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.judge.probe.check import Check
from training.judge.probe.checks import CHECKS

if TYPE_CHECKING:
    from models import TriageModel

CHUNK = 4000
"""Texts predicted between two steps of the progress bar."""

ONE_STEP = 1
"""An ordinal answer may move so far by an invariance; farther is a jump."""


@dataclass(frozen=True, eq=False)
class HeadChange:
    """What one check did to one head; n changed texts.

    Attributes:
        before, after: (n,) label numbers.
        surer: (n,) confidence of the answer after the change.
        free: the check allows this head to move.
        ordinal: the labels go from the most severe to the least, so that steps can be counted.
        wrong: (n,) whether the answer moved as it must not; where the head is free, whether it moved.
        jumped: (n,) whether it moved so by more than :data:`ONE_STEP`; never where the labels have no order.
    """

    head: str
    labels: tuple[str, ...]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    surer: NDArray[np.float64]
    free: bool
    ordinal: bool
    wrong: NDArray[np.bool_]
    jumped: NDArray[np.bool_]

    @property
    def flips(self) -> int:
        return int(self.wrong.sum())

    @property
    def jumps(self) -> int:
        return int(self.jumped.sum())

    @property
    def steps(self) -> NDArray[np.int64]:
        """(n,) how far an answer moved; for labels without an order 0 or 1."""
        moved: NDArray[np.int64] = np.abs(self.after - self.before)
        return moved if self.ordinal else np.minimum(moved, 1)

    def to_json(self) -> dict[str, Any]:
        """``flips`` (and ``jumps`` of an ordinal head) as counts and as shares of the changed texts."""
        n = max(len(self.before), 1)
        out: dict[str, Any] = {"flips": self.flips, "flip_share": self.flips / n}
        if self.ordinal:
            out |= {"jumps": self.jumps, "jump_share": self.jumps / n}
        return out | {"free": self.free}


class FlippedAnswer(NamedTuple):
    """An answer that moved as it must not."""

    head: str
    text: str
    changed: str
    before: str
    after: str
    confidence: float

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


@dataclass(frozen=True, eq=False)
class CheckReport:
    """One check. ``ticket``: (n,) which of the tickets each changed text was made of; ``heads``: head -> what moved."""

    check: Check
    changed: tuple[str, ...]
    ticket: NDArray[np.int64]
    heads: dict[str, HeadChange]

    @property
    def n(self) -> int:
        return len(self.changed)

    def to_json(self) -> dict[str, Any]:
        """The check's part of ``probe --json``."""
        return {
            "title": self.check.title,
            "kind": self.check.kind,
            "n": self.n,
            "tickets": len(np.unique(self.ticket)),
            "heads": {head: change.to_json() for head, change in self.heads.items()},
        }


@dataclass(frozen=True, eq=False)
class ProbeReport:
    """All checks on the same tickets.

    Attributes:
        texts: the tickets' words.
        checks: in the order of :data:`~training.judge.probe.checks.CHECKS`; those that applied to no ticket are there, too.
        skipped: names of checks that could not be made: the model has no such head, or its labels have no order.
    """

    texts: tuple[str, ...]
    checks: tuple[CheckReport, ...]
    skipped: tuple[str, ...]

    @cached_property
    def by_name(self) -> dict[str, CheckReport]:
        return {one.check.name: one for one in self.checks}

    def to_json(self) -> dict[str, Any]:
        """What ``fendan probe --json`` prints."""
        return {
            "tickets": len(self.texts),
            "checks": {name: one.to_json() for name, one in self.by_name.items()},
            "skipped": list(self.skipped),
        }

    def worst(self, name: str, limit: int = 3) -> list[FlippedAnswer]:
        """Answers of a check that moved as they must not: the longest way first, then the surest. No ticket stands twice."""
        one = self.by_name[name]
        found = [
            (-int(change.steps[i]), -float(change.surer[i]), head, int(i))
            for head, change in one.heads.items()
            if not change.free
            for i in np.flatnonzero(change.wrong)
        ]
        out: list[FlippedAnswer] = []
        seen: set[int] = set()
        for _, _, head, i in sorted(found):
            ticket = int(one.ticket[i])
            if ticket in seen:
                continue
            seen.add(ticket)
            change = one.heads[head]
            labels = change.labels[change.before[i]], change.labels[change.after[i]]
            out.append(FlippedAnswer(head, self.texts[ticket], one.changed[i], *labels, float(change.surer[i])))
            if len(out) == limit:
                break
        return out


def run(
    model: TriageModel,
    texts: Sequence[str],
    seed: int = 0,
    *,
    checks: Sequence[Check] = CHECKS,
    progress: Callable[[str, float], None] | None = None,
) -> ProbeReport:
    """Asks ``model`` of every ticket and of every change of it.

    Two models that are asked with the same texts, seed and checks are asked the same, so their reports may be paired.
    """
    made: list[str] = []
    spans: list[tuple[Check, int, int]] = []
    tickets: list[int] = []
    skipped: list[str] = []
    for check in checks:
        if not _possible(check, model):
            skipped.append(check.name)
            continue
        start = len(made)
        for number, text in enumerate(texts):
            variants = check.variants(text, seed)
            made += variants
            tickets += [number] * len(variants)
        spans.append((check, start, len(made)))
    asked = _Asked(model, [*texts, *made], progress)
    owner = np.array(tickets, np.int64)
    reports = []
    for check, start, stop in spans:
        own = owner[start:stop]
        heads = {
            head: _change(check, model, head, asked, own, slice(len(texts) + start, len(texts) + stop))
            for head in model.heads
        }
        reports.append(CheckReport(check, tuple(made[start:stop]), own, heads))
    return ProbeReport(tuple(texts), tuple(reports), tuple(skipped))


def sampled(texts: Sequence[str], limit: int, seed: int = 0) -> list[int]:
    """Rows of at most ``limit`` texts, in their order; the same every time."""
    if len(texts) <= limit:
        return list(range(len(texts)))
    return sorted(random.Random(seed).sample(range(len(texts)), limit))  # noqa: S311 - a sample, not a secret


def _possible(check: Check, model: TriageModel) -> bool:
    """Whether the model has what the check is about: an invariance needs nothing, a direction an ordered head."""
    asked = (*check.not_down, *check.not_up)
    return all(head in model.heads and _ordinal(model, head) for head in asked)


def _ordinal(model: TriageModel, head: str) -> bool:
    """Whether label numbers of the head go from the most severe to the least (the model keeps the taxonomy's order)."""
    return model.taxonomy.heads[head].ordinal


class _Asked:
    """Answers of all heads to many texts: ``label``: head -> (texts,) numbers, ``confidence``: head -> (texts,)."""

    def __init__(self, model: TriageModel, texts: Sequence[str], progress: Callable[[str, float], None] | None) -> None:
        places = {head: {code: i for i, code in enumerate(labels)} for head, labels in model.heads.items()}
        self.label = {head: np.empty(len(texts), np.int64) for head in places}
        self.confidence = {head: np.empty(len(texts), np.float64) for head in places}
        for start in range(0, len(texts), CHUNK):
            said = model.predict(texts[start : start + CHUNK])
            at = slice(start, start + len(said))
            for head, place in places.items():
                self.label[head][at] = [place[one.heads[head].label] for one in said]
                self.confidence[head][at] = [one.heads[head].confidence for one in said]
            if progress:
                progress("行为检查", min(1.0, (start + CHUNK) / len(texts)))


def _change(
    check: Check, model: TriageModel, head: str, asked: _Asked, ticket: NDArray[np.int64], at: slice
) -> HeadChange:
    before, after = asked.label[head][ticket], asked.label[head][at]
    free = head in check.free or (check.kind == "direction" and head not in (*check.not_down, *check.not_up))
    ordinal = _ordinal(model, head)
    wrong = before != after
    if head in check.not_down:
        wrong = after > before  # a larger number is a less severe label
    elif head in check.not_up:
        wrong = after < before
    jumped = wrong & (np.abs(after - before) > ONE_STEP) if ordinal else np.zeros(len(before), np.bool_)
    return HeadChange(
        head=head,
        labels=model.heads[head],
        before=before,
        after=after,
        surer=asked.confidence[head][at],
        free=free,
        ordinal=ordinal,
        wrong=wrong,
        jumped=jumped,
    )
