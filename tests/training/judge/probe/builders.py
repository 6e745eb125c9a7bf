"""A model that answers by a rule that a test can state: what is said, and whether marks or greetings mislead it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.training.builders import starter_rows, taxonomy
from triage.prediction import HeadPrediction, Prediction
from triage.taxonomy import Taxonomy

Rule = Callable[[str], str]

TICKETS = tuple(row["text"] for row in starter_rows())


@dataclass(frozen=True)
class RuledModel:
    """Answers each head by a rule of its own, always sure."""

    rules: dict[str, Rule]
    taxonomy: Taxonomy = field(default_factory=taxonomy)

    @property
    def heads(self) -> dict[str, tuple[str, ...]]:
        return {head: self.taxonomy.heads[head].codes for head in self.rules}

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [
            Prediction({head: self._answer(head, rule(text)) for head, rule in self.rules.items()}) for text in texts
        ]

    def _answer(self, head: str, label: str) -> HeadPrediction:
        labels = self.heads[head]
        return HeadPrediction(label, 0.9, "auto", labels, tuple(float(code == label) for code in labels))


def always(label: str) -> Rule:
    return lambda _text: label


def shouted(text: str) -> str:
    """Urgent is who shouts."""
    return "critical" if "！！" in text or "!!" in text else "normal"


def steady(**rules: Rule) -> RuledModel:
    """Nothing moves it but the rules given."""
    plain = {"category": always("refund"), "urgency": always("normal"), "sentiment": always("neutral")}
    return RuledModel({**plain, **rules})
