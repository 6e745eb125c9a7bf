"""A larger sum for a smaller one: nothing becomes less urgent by it."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

_SUM = re.compile(r"(?<![\d.,*])(\d{1,3}(?:[,，]\d{3})+|\d{1,6})(\.\d{1,2})?(?=\s?(?:元|块))")


def perturb(text: str, rng: random.Random) -> str | None:
    """The largest sum of the ticket, five to thirty times as large; cents and the way of writing thousands stay."""
    found = [(_value(one), one) for one in _SUM.finditer(text)]
    if not found:
        return None
    value, one = max(found, key=lambda pair: (pair[0], -pair[1].start()))
    larger = value * rng.randint(5, 30)
    if not value or larger > 9_999_999:
        return None
    comma = next((c for c in ",，" if c in one.group(1)), "")
    written = f"{larger:,}".replace(",", comma) if comma else str(larger)
    return text[: one.start()] + written + (one.group(2) or "") + text[one.end() :]


def _value(found: re.Match[str]) -> int:
    return int(re.sub(r"\D", "", found.group(1)))


CHECK = Check("amount", "金额变大", "direction", perturb, not_down=("urgency",))
