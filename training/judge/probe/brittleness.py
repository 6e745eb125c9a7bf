"""Is the second of two models more brittle than the first? Both are asked the same changed tickets, so they compare in pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from training.judge.metrics import Ints
from training.judge.paired import Paired, paired
from training.judge.probe.check import Check
from training.judge.probe.report import CheckReport, ProbeReport, run, sampled

if TYPE_CHECKING:
    from models import TriageModel

PROBED = 400
"""Tickets that two models are compared on: some eight thousand answers of each."""


class Brittleness(NamedTuple):
    """One check on one head that must hold still.

    Attributes:
        n: changed texts.
        champion, challenger: share of them whose answer moved as it must not.
        of: the answers that held, in pairs; a unit's changed texts have one voice.
    """

    check: Check
    head: str
    n: int
    champion: float
    challenger: float
    of: Paired

    def to_json(self) -> dict[str, float | int]:
        """Differences are challenger minus champion, of the answers that held."""
        of = self.of
        return {
            "n": self.n,
            "units": of.units,
            "champion": self.champion,
            "challenger": self.challenger,
            "difference": of.difference,
            "low": of.low,
            "high": of.high,
            "p": of.p,
        }


def brittleness(champion: ProbeReport, challenger: ProbeReport, units: Ints) -> list[Brittleness]:
    """Every check that both could make and that applied to a ticket, every head that both have and that is not free to move.

    Args:
        champion, challenger: of :func:`training.judge.probe.run` on the same texts with the same seed and checks.
        units: (texts,) tickets that share a number belong together.

    Raises:
        ValueError: the reports are of different texts.
    """
    if champion.texts != challenger.texts or len(units) != len(champion.texts):
        raise ValueError("reports of different texts cannot be paired")
    out = []
    for name, second in challenger.by_name.items():
        first = champion.by_name.get(name)
        if first is not None and first.n:
            out += _heads(first, second, units)
    return out


def compared(
    champion: TriageModel,
    challenger: TriageModel,
    texts: Sequence[str],
    units: Ints,
    *,
    seed: int = 0,
    limit: int = PROBED,
    progress: Callable[[str, float], None] | None = None,
) -> list[Brittleness]:
    """:func:`brittleness` of two models on at most ``limit`` of the tickets."""
    rows = sampled(texts, limit, seed)
    some = [texts[row] for row in rows]
    first = run(champion, some, seed, progress=progress)
    second = run(challenger, some, seed, progress=progress)
    return brittleness(first, second, units[rows])


def _heads(first: CheckReport, second: CheckReport, units: Ints) -> list[Brittleness]:
    if first.changed != second.changed:
        raise ValueError("reports of different texts cannot be paired")
    own = np.asarray(units)[first.ticket]
    out = []
    for head, change in second.heads.items():
        other = first.heads.get(head)
        if other is None or other.free or change.free:
            continue
        shares = float(other.wrong.mean()), float(change.wrong.mean())
        out.append(Brittleness(second.check, head, first.n, *shares, paired(~other.wrong, ~change.wrong, own)))
    return out
