"""Urgency in numbers: P0–P4, S1–S4, 一级, 1–5. Read only where the whole column shows which end is the worst; else asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from triage.errors import QuestionError

_LEVELS = ("critical", "high", "normal", "low")
_LETTERED = re.compile(r"(?P<letter>p|s|sev|t|l|lv|level|优先级)?\s*[-_.]?\s*(?P<number>[0-9])\s*(?:级|级别)?")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_CHINESE = {"一级": 1, "二级": 2, "三级": 3, "四级": 4, "五级": 5}
_FIVE = ("critical", "high", "normal", "low", "low")


def number_of(word: str) -> tuple[str, int] | None:
    """The letter and the number of a step of a scale: P1, S2, 3, 一级; None for other words."""
    text = unicodedata.normalize("NFKC", word).casefold().strip(" .。")
    if text in _CHINESE:
        return "级", _CHINESE[text]
    if text.removesuffix("级") in _ROMAN:
        return "级", _ROMAN[text.removesuffix("级")]
    match = _LETTERED.fullmatch(text)
    if not match:
        return None
    letter = {"优先级": "p", "lv": "l", "level": "l", "sev": "s"}.get(match["letter"] or "", match["letter"] or "")
    return ("级" if not letter and "级" in text else letter), int(match["number"])


def read_scale(words: Collection[str]) -> Mapping[str, str] | None:
    """Word -> urgency for a column all of whose words are steps of one scale; None where they are not.

    With P, S or 级 the smallest number is the worst everywhere. How many steps there are must be seen: P0 to P3 or P1 to P4
    are the four urgencies; of five the two lowest are one.

    Raises:
        QuestionError: the words do not show which step is which; says what to add to the command.
    """
    steps = {word: number_of(word) for word in words}
    if not steps or any(step is None for step in steps.values()):
        return None
    found = {word: step for word, step in steps.items() if step is not None}
    letters = {letter for letter, _ in found.values()}
    numbers = sorted({number for _, number in found.values()})
    if len(letters) > 1 or len(numbers) < 2:
        return None if len(letters) > 1 else _ask(found)
    letter = letters.pop()
    if not letter or letter in ("t", "l"):
        return _ask(found)
    span = numbers[-1] - numbers[0] + 1
    if numbers[0] not in (0, 1) or span not in (4, 5) or len(numbers) < span - 1:
        return _ask(found)
    names = _LEVELS if span == 4 else _FIVE
    return {word: names[number - numbers[0]] for word, (_, number) in found.items()}


def _ask(found: Mapping[str, tuple[str, int]]) -> Mapping[str, str]:
    words = sorted(found, key=lambda word: (found[word][1], word))
    down = _flags(words, _spread(len(words)))
    up = _flags(words, tuple(reversed(_spread(len(words)))))
    says = "哪一头最急" if not any(letter for letter, _ in found.values()) else "哪一档是哪一档"
    raise QuestionError(
        f"urgency 列是 {'、'.join(words)} 这样的等级，看不出{says}。{words[0]} 最急就在命令后面加上 {down}；"
        f"{words[-1]} 最急就加上 {up}；要原样当作标签就把等号后面写成它自己",
        ways=(down, up),
        field="urgency",
    )


def _spread(n: int) -> tuple[str, ...]:
    """``n`` steps over the four urgencies, the worst first."""
    return {
        1: ("normal",),
        2: ("high", "normal"),
        3: ("high", "normal", "low"),
        4: _LEVELS,
        5: ("critical", "high", "normal", "low", "low"),
    }.get(n, tuple(_LEVELS[min(3, i * 4 // n)] for i in range(n)))


def _flags(words: Collection[str], codes: Collection[str]) -> str:
    return " ".join(f"--label urgency.{word}={code}" for word, code in zip(words, codes, strict=True))
