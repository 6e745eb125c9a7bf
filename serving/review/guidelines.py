"""The short guideline of each label, and what tells two labels apart that are easily confused."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("guidelines.yaml")


class Guidelines(NamedTuple):
    """``labels``: head -> code -> {zh, en}; ``pairs``: head -> the two codes, in order of the alphabet -> {zh, en}."""

    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    pairs: Mapping[str, Mapping[tuple[str, str], Mapping[str, str]]]

    def of(self, head: str, code: str) -> Mapping[str, str] | None:
        """The guideline of a label; None for one that the file does not know (a shop's own labels)."""
        return self.labels.get(head, {}).get(code)

    def hint(self, head: str, one: str, other: str) -> dict[str, str] | None:
        """Which of the two it is; None where the file says nothing about that pair."""
        first, second = sorted((one, other))
        found = self.pairs.get(head, {}).get((first, second))
        return dict(found) if found else None

    def to_json(self) -> dict[str, Any]:
        """Plain data: head -> {labels: {code: {zh, en}}, pairs: [{codes, zh, en}]}."""
        return {
            head: {
                "labels": {code: dict(text) for code, text in self.labels.get(head, {}).items()},
                "pairs": [{"codes": list(codes), **text} for codes, text in self.pairs.get(head, {}).items()],
            }
            for head in self.labels
        }


@functools.cache
def load_guidelines() -> Guidelines:
    """Reads the file that comes with the program."""
    import yaml

    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    pairs: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for head, spec in data.items():
        pairs[head] = {}
        for entry in spec.get("pairs", ()):
            first, second = sorted(entry["codes"])
            pairs[head][first, second] = {"zh": entry["zh"], "en": entry["en"]}
    return Guidelines({head: spec["labels"] for head, spec in data.items()}, pairs)
