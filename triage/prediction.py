"""What a model says of one ticket: per head a calibrated distribution, an action, and the words that led to it.

Named tuples, not dataclasses: a prediction is made for every ticket of a 10x day, and a tuple is built in a third of
the time a frozen dataclass takes.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Action = Literal["auto", "suggest", "human"]

ACTIONS: tuple[Action, ...] = ("auto", "suggest", "human")

AUTO: Action = "auto"
"""The action for which nobody is asked."""


IN_SCOPE = 0.5
"""Below this share a text is no ticket of the kind the model has learned from: its labels are guesses, and no number given for
them means anything."""


class LabelScore(NamedTuple):
    """One label and its calibrated probability in [0, 1]."""

    label: str
    confidence: float


class HeadPrediction(NamedTuple):
    """The answer of one head (category, urgency, sentiment …).

    Attributes:
        label: the most probable label's code.
        confidence: its calibrated probability in [0, 1]; it holds for tickets in scope (see :class:`Prediction`).
        action: ``auto`` (confidence is over the class's limit for the promised error rate, and the text is like those learned
            from), ``suggest`` (shown to a person as the proposal) or ``human`` (no proposal is worth showing).
        labels: all label codes of the head, in the model's order (shared between predictions, never copied).
        probabilities: calibrated probabilities, aligned with ``labels``; they sum to 1.
    """

    label: str
    confidence: float
    action: Action
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    def alternatives(self, limit: int = 2, floor: float = 0.01) -> list[LabelScore]:
        """The next best labels, most probable first, none under ``floor``."""
        pairs = zip(self.probabilities, self.labels, strict=True)
        ranked = sorted([(-p, code) for p, code in pairs if p >= floor and code != self.label])
        return [LabelScore(code, -p) for p, code in ranked[:limit]]

    def probability(self, label: str) -> float:
        """Calibrated probability of ``label``; 0.0 for a label the head does not know."""
        return self.probabilities[self.labels.index(label)] if label in self.labels else 0.0


class Evidence(NamedTuple):
    """A stretch of the raw text that speaks for the predicted label of a head.

    ``start`` and ``end`` are offsets in Unicode code points into the text as the caller sent it; ``text`` is the
    *masked* text of that stretch (masking keeps lengths, so offsets hold for both); ``weight`` is the stretch's share of
    the predicted label's score (log-odds against the mean of all labels), so larger is stronger.
    """

    head: str
    start: int
    end: int
    text: str
    weight: float


class Prediction(NamedTuple):
    """All heads' answers for one ticket; ``evidence`` is empty unless it was asked for.

    ``scope`` in [0, 1]: 1 looks like the tickets the model learned from, 0 not at all. It takes nothing from the calibrated
    probabilities; it limits the actions, and below :data:`IN_SCOPE` the labels are guesses whose probabilities are not to be shown.
    """

    heads: dict[str, HeadPrediction]
    evidence: tuple[Evidence, ...] = ()
    scope: float = 1.0

    @property
    def in_scope(self) -> bool:
        """Whether what the heads say is an answer, and not a guess."""
        return self.scope >= IN_SCOPE
