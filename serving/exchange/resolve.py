"""What several people said of one ticket -> one label a head. Pure; the same for the snapshot and for every export.

Per head, on its own: what a lead settled (adjudicated) beats what all who spoke agree on (two people at least), and that
beats the latest word. A person who spoke twice counts with the newer word. A single word is the latest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from triage.taxonomy import HEADS

HOW = ("latest", "agreed", "adjudicated")
"""Ways to a label, from the weakest to the strongest."""

LEAD = "lead"
"""The source whose word settles."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said once, and how it came about.

    Attributes:
        id: of the correction; ids sort by time, so they decide between two of one moment.
        labels: head -> label; only heads the person spoke of.
        source: helpdesk, reviewer, lead or import.
        blind: whether the prediction was hidden; None where nobody knows.
    """

    id: str
    by: str
    source: str
    at: datetime
    labels: Mapping[str, str]
    blind: bool | None = None
    reason: str | None = None
    note: str = ""


class Label(NamedTuple):
    """The label of one head: how it was found, and whether people had said different things."""

    code: str
    how: str
    conflict: bool = False


@dataclass(slots=True)
class Counts:
    """What :func:`count` adds up over tickets. A ticket's ``how`` is that of its weakest head."""

    rows: int = 0
    how: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HOW, 0))
    conflicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HEADS, 0))

    def count(self, labels: Mapping[str, Label]) -> None:
        """Adds one ticket."""
        self.rows += 1
        self.how[weakest(labels.values())] += 1
        for head, label in labels.items():
            self.conflicts[head] += label.conflict


def resolve(said: Sequence[Said]) -> dict[str, Label]:
    """Head -> label of one text, from all that was said of it (withdrawn words left out before), in any order."""
    words = sorted(said, key=lambda one: (one.at, one.id))
    return {head: found for head in HEADS if (found := _head([one for one in words if head in one.labels], head))}


def weakest(labels: Iterable[Label]) -> str:
    """The weakest way to a label among several; a ticket is no surer than that."""
    return HOW[min(HOW.index(label.how) for label in labels)]


def _head(words: Sequence[Said], head: str) -> Label | None:
    """``words`` from the oldest to the newest, all of this head."""
    if not words:
        return None
    newest = {one.by: one.labels[head] for one in words}  # a person who thinks again is one voice
    conflict = len(set(newest.values())) > 1
    settled = [one.labels[head] for one in words if one.source == LEAD]
    if settled:
        return Label(settled[-1], "adjudicated", conflict)
    if len(newest) > 1 and not conflict:
        return Label(words[-1].labels[head], "agreed")
    return Label(words[-1].labels[head], "latest", conflict)
