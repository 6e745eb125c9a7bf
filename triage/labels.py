"""What people say of a ticket, and whose word counts. Pure; the same for the desk, the audit, every export and training.

Per head, on its own: what a lead settled (adjudicated) beats what all who spoke agree on (two people at least), and that
beats the latest word. A person who spoke twice counts with the newer word. A single word is the latest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Literal, NamedTuple, TypeVar, get_args

from triage.taxonomy import HEADS, in_order

Source = Literal["helpdesk", "reviewer", "lead", "import"]
"""Where a word comes from: the helpdesk's own system, a reviewer, a lead who settles a conflict, a file."""

Round = Literal[0, 1, 2]
"""How often a ticket was asked about before: the first person, the second one (overlap), the lead who settles."""

State = Literal["open", "done", "void"]
"""Of a question to people: waits, is answered, or was taken back before anybody answered."""

OPEN: State = "open"
DONE: State = "done"
VOID: State = "void"

AskedFor = Literal["unsure", "blind", "disagreement", "reported", "novel", "conflict"]
"""Why people are asked about a ticket."""

BLIND: AskedFor = "blind"
CONFLICT: AskedFor = "conflict"

How = Literal["latest", "agreed", "adjudicated"]
"""Ways to a label, from the weakest to the strongest."""

FIRST_ROUND: Round = 0
SECOND_ROUND: Round = 1
SETTLING_ROUND: Round = 2

LEAD: Source = "lead"
"""The source whose word settles."""

OUR_PEOPLE: tuple[Source, ...] = ("reviewer", "lead")
"""Sources of whom it is known what they had seen; of programs and of other tools nobody knows."""

REPORTERS: tuple[Source, ...] = ("helpdesk", "reviewer")
"""Sources that another program may name when it reports a correction."""

HOW: tuple[How, ...] = get_args(How)

MAX_NOTE = 2000
"""Longest note on a correction, in code points."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said once of one text of a ticket, and how it came about.

    Attributes:
        id: of the correction; ids sort by time, so they decide between two of one moment.
        labels: head -> label; only heads the person spoke of.
        blind: whether the prediction was hidden; None where nobody knows.
        reason: why the person was asked; None where nobody asked.
        round: of the question it answers; None where nobody asked.
    """

    id: str
    by: str
    source: Source
    at: datetime
    labels: Mapping[str, str]
    blind: bool | None = None
    reason: AskedFor | None = None
    note: str = ""
    round: Round | None = None


S = TypeVar("S", bound=Said)


class EffectiveLabel(NamedTuple):
    """The label that stands for one head: how it was found, and whether people had said different things."""

    code: str
    how: How
    conflict: bool = False


@dataclass(slots=True)
class LabelTally:
    """What :meth:`count` adds up over tickets. A ticket's ``how`` is that of its weakest head."""

    rows: int = 0
    how: dict[How, int] = field(default_factory=lambda: dict.fromkeys(HOW, 0))
    conflicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HEADS, 0))

    def count(self, labels: Mapping[str, EffectiveLabel]) -> None:
        """Adds one ticket."""
        self.rows += 1
        self.how[weakest(labels.values())] += 1
        for head, label in labels.items():
            self.conflicts[head] = self.conflicts.get(head, 0) + label.conflict


def effective(said: Iterable[Said]) -> dict[str, EffectiveLabel]:
    """Head -> label of one text, from all that was said of it (withdrawn words left out before), in any order."""
    words = sorted(said, key=lambda one: (one.at, one.id))
    spoken: dict[str, list[Said]] = {}
    for one in words:
        for head in one.labels:
            spoken.setdefault(head, []).append(one)
    return {head: _effective(spoken[head], head) for head in in_order(sorted(spoken))}


def codes(labels: Mapping[str, EffectiveLabel]) -> dict[str, str]:
    """Head -> code."""
    return {head: label.code for head, label in labels.items()}


def weakest(labels: Iterable[EffectiveLabel]) -> How:
    """The weakest way to a label among several; a ticket is no surer than that."""
    return HOW[min(HOW.index(label.how) for label in labels)]


def differs(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two answers (head -> label) contradict each other; what only one of them speaks about does not count."""
    return any(one[head] != other[head] for head in one.keys() & other.keys())


def voices(said: Iterable[S]) -> list[S]:
    """The newest word of each person and source, in the order in which they first spoke; ``said`` in order of time."""
    newest: dict[tuple[Source, str], S] = {(one.source, one.by): one for one in said}
    return list(newest.values())


def is_conflict(answers: Sequence[Said]) -> bool:
    """Whether any two of the answers contradict each other."""
    return any(differs(one.labels, other.labels) for one, other in combinations(answers, 2))


def audit_answer(said: Iterable[S]) -> S | None:
    """The answer by which a blind audit judges the model; ``said`` by people who had not seen the prediction.

    The first round's first one, so that a second reviewer cannot make the sample any easier, unless a lead settled it.
    """
    words = sorted(said, key=lambda one: (one.round is None, one.round or 0, one.at, one.id))
    settled = [one for one in words if one.source == LEAD]
    return settled[-1] if settled else next(iter(words), None)


def _effective(words: Sequence[Said], head: str) -> EffectiveLabel:
    """``words`` from the oldest to the newest, all of this head; one at least."""
    newest = {one.by: one.labels[head] for one in words}  # a person who thinks again is one voice
    conflict = len(set(newest.values())) > 1
    settled = [one.labels[head] for one in words if one.source == LEAD]
    if settled:
        return EffectiveLabel(settled[-1], "adjudicated", conflict)
    if len(newest) > 1 and not conflict:
        return EffectiveLabel(words[-1].labels[head], "agreed")
    return EffectiveLabel(words[-1].labels[head], "latest", conflict)
