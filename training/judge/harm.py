"""What becomes of the tickets that must not be missed: those of the most severe urgency, model and policy together.

A recall alone says how many of them the model names. Of those it does not name some still come to somebody in time: the
policy's rules and its watch on the probability may lift them, or they wait for a person. What is left over is harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from features.reading import in_plain_letters, own_words
from training.data.corpus import Corpus
from training.judge import intervals
from triage.decision import ModelRef
from triage.policy import decide
from triage.policy.profile import Profile
from triage.ticket import Ticket

if TYPE_CHECKING:
    from models import TriageModel

HEAD = "urgency"
PRESSING = ("P1", "P2")


@dataclass(frozen=True, slots=True)
class HarmReport:
    """Counts of tickets whose truth is the most severe label.

    Attributes:
        label: that label's code.
        n: how many there are; ``found``: named so by the model.
        missed_pressing: not named so, yet :data:`PRESSING` by the policy.
        missed_seen: not named so, yet seen by a person before anything is done (action not ``auto``).
        missed_caught: one of both, or both.
        profile: name of the policy profile.
    """

    label: str
    n: int
    found: int
    missed_pressing: int
    missed_seen: int
    missed_caught: int
    profile: str

    @property
    def recall(self) -> float:
        return self.found / self.n

    @property
    def missed(self) -> int:
        return self.n - self.found

    @property
    def lost(self) -> int:
        """Missed, handled without a person, and not even pressing."""
        return self.missed - self.missed_caught

    @property
    def interval(self) -> intervals.Interval:
        """Exact 95 % interval of the recall."""
        return intervals.proportion(self.found, self.n)

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "n": self.n,
            "found": self.found,
            "recall": self.recall,
            "recall_interval": list(self.interval),
            "missed": self.missed,
            "missed_pressing": self.missed_pressing,
            "missed_seen": self.missed_seen,
            "missed_caught": self.missed_caught,
            "lost": self.lost,
            "profile": self.profile,
        }


def harm(model: TriageModel, corpus: Corpus, profile: Profile) -> HarmReport | None:
    """What becomes of the most severe tickets of ``corpus``, decided as on their arrival; of the customer nothing is known.

    Returns:
        None where that cannot be said: no urgency with an order in model and data, or no ticket of its most severe label.
    """
    column = corpus.labels.get(HEAD, ())
    head = model.taxonomy.heads.get(HEAD)
    if HEAD not in model.heads or head is None or not head.ordinal:
        return None
    label = head.labels[0].code
    rows = [row for row, code in enumerate(column) if code == label]
    if not rows:
        return None
    now = datetime.now(UTC)
    found = pressing = seen = caught = 0
    for row, prediction in zip(rows, model.predict([corpus.texts[row] for row in rows]), strict=True):
        text = corpus.texts[row]
        ticket = Ticket(text=text, channel=corpus.channel[row], created_at=corpus.created_at[row])
        decision = decide(
            ticket,
            prediction,
            profile=profile,
            taxonomy=model.taxonomy,
            now=ticket.created_at or now,
            model=ModelRef(),
            text=in_plain_letters(own_words(text)),
        )
        if prediction.heads[HEAD].label == label:
            found += 1
            continue
        lifted, person = decision.priority in PRESSING, decision.action != "auto"
        pressing += lifted
        seen += person
        caught += lifted or person
    return HarmReport(label, len(rows), found, pressing, seen, caught, profile.name)
