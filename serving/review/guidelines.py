"""The short guideline of each label, and what tells two labels apart that are easily confused."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from triage.errors import InputError

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
def load_guidelines(own: Path | None = None) -> Guidelines:
    """The guidelines that come with the program; for the heads that a shop's ``own`` file speaks of, that one's.

    Raises:
        InputError: the own file cannot be read, or is no mapping of heads to ``labels`` and ``pairs``.
    """
    data = {**_read(FILE), **(_read(own) if own else {})}
    pairs: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for head, spec in data.items():
        pairs[head] = {}
        for entry in spec.get("pairs", ()):
            first, second = sorted(entry["codes"])
            pairs[head][first, second] = {"zh": entry["zh"], "en": entry.get("en", "")}
    return Guidelines({head: spec.get("labels", {}) for head, spec in data.items()}, pairs)


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            f"读不了标注要点 {path}：{error}；用 FENDAN_GUIDELINES 指一个 YAML 文件", field="guidelines"
        ) from None
    if not isinstance(data, dict) or not all(_is_spec(spec) for spec in data.values()):
        raise InputError(
            f"标注要点 {path} 应是：标签头: {{labels: {{代码: {{zh: …}}}}, pairs: [{{codes: [甲, 乙], zh: …}}]}}；"
            "写法见 serving/review/guidelines.yaml",
            field="guidelines",
        )
    return data


def _is_spec(spec: Any) -> bool:
    if not isinstance(spec, dict) or not set(spec) <= {"labels", "pairs"}:
        return False
    labels, pairs = spec.get("labels", {}), spec.get("pairs", [])
    if not isinstance(labels, dict) or not isinstance(pairs, list):
        return False
    texts = [*labels.values(), *pairs]
    return all(isinstance(text, dict) and isinstance(text.get("zh"), str) for text in texts) and all(
        isinstance(pair.get("codes"), list) and len(pair["codes"]) == 2 for pair in pairs
    )
