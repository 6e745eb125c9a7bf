"""Latin letters in capitals, or in small ones: ``app``, ``APP``, ``App``."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

_LETTERS = re.compile(r"[A-Za-z]+")


def perturb(text: str, rng: random.Random) -> str | None:
    if not _LETTERS.search(text):
        return None
    ways = (_LETTERS.sub(_upper, text), _LETTERS.sub(_lower, text), _LETTERS.sub(_title, text))
    other = [way for way in dict.fromkeys(ways) if way != text]
    return rng.choice(other) if other else None


def _upper(found: re.Match[str]) -> str:
    return found.group().upper()


def _lower(found: re.Match[str]) -> str:
    return found.group().lower()


def _title(found: re.Match[str]) -> str:
    return found.group().title()


CHECK = Check("capitals", "字母大小写", "invariance", perturb)
