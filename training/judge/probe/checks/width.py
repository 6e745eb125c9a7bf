"""Full-width digits and letters for half-width ones, and half-width marks for full-width ones (and back)."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
_HALF = {full: half for half, full in _FULL.items()}
_LATIN = re.compile(r"[A-Za-z0-9]+")


def perturb(text: str, rng: random.Random) -> list[str]:
    """Up to three ways: everything full, everything half, letters and digits alone full."""
    full, half = text.translate(_FULL), text.translate(_HALF)
    latin = _LATIN.sub(lambda found: found.group().translate(_FULL), text)
    ways = [way for way in dict.fromkeys((full, half, latin)) if way != text]
    rng.shuffle(ways)
    return ways[:2]


CHECK = Check("width", "全角与半角", "invariance", perturb)
