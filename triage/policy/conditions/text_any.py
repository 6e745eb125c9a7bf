"""One of the words listed is stated in the customer's own words: not negated, asked about beforehand or supposed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import ClassVar

from triage.policy.conditions.condition import Condition
from triage.policy.conditions.values import GAP, Words
from triage.policy.facts import Facts
from triage.policy.guard import stated

_BETWEEN = r"[^。！？!?；;\n]{0,12}?"
"""What :data:`~triage.policy.conditions.values.GAP` stands for: a few signs of the same sentence."""


@dataclass(frozen=True)
class TextAny(Condition[tuple[str, ...]]):
    """``text_any: [冒烟, 电池…鼓]``"""

    name: ClassVar = "text_any"
    meaning: ClassVar = (
        "客户的话里有其中一个词，且不是否定（没有冒烟）、事前的询问（会不会冒烟？）、假设（万一冒烟）或别的词的一部分（无烟）；"
        "词里的 … 代表同一句里隔着的几个字"
    )
    example: ClassVar = ["冒烟", "电池…鼓"]
    schema: ClassVar = Words(most=500, longest=30)

    def holds(self, facts: Facts) -> bool | None:
        return None if facts.text is None else self.find(facts.text) is not None

    def find(self, text: str) -> str | None:
        """The first stated word, as it stands in the text."""
        pattern, ends = self._compiled
        at = 0
        while found := pattern.search(text, at):
            first, last = ends.get(found.lastindex, (None, None))
            if stated(text, found.start(), found.end(), first=first, last=last):
                return found.group()
            at = found.start() + 1
        return None

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], dict[int | None, tuple[int, int]]]:
        """One pattern for all words, and for the group of each word with a gap the lengths of its first and last part.

        Words with the same first sign stand together, the longest first, so that a sign of the text is compared with few.
        """
        ends: dict[int | None, tuple[int, int]] = {}

        def branch(word: str) -> str:
            parts = word.split(GAP)
            if len(parts) == 1:
                return re.escape(word[1:])
            ends[len(ends) + 1] = (len(parts[0]), len(parts[-1]))
            return f"({_BETWEEN.join(map(re.escape, parts))[len(re.escape(word[0])) :]})"

        ordered = sorted(set(self.value), key=lambda word: (word[0], -len(word), word))
        groups = [
            f"{re.escape(sign)}(?:{'|'.join(map(branch, words))})"
            for sign, words in groupby(ordered, lambda word: word[0])
        ]
        return re.compile("|".join(groups)), ends

    def says(self) -> str:
        shown = "、".join(self.value[:5])
        return f"文中有 {shown}" + (f" 等 {len(self.value)} 个词之一" if len(self.value) > 5 else "（其一）")

    def found(self, facts: Facts) -> str:
        word = None if facts.text is None else self.find(facts.text)
        return "" if word is None else f"文中有“{word}”"
