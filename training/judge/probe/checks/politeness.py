"""Words of courtesy around the request."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check, ended

_BEFORE = ("麻烦帮我看一下，", "麻烦您了，", "劳驾，", "请帮忙看看：", "辛苦帮忙看下，", "麻烦问一下，", "不好意思，")
_AFTER = (
    "谢谢",
    "谢谢。",
    "麻烦了",
    "麻烦了，谢谢。",
    "辛苦了",
    "辛苦你们了。",
    "拜托了",
    "劳烦处理一下，谢谢。",
    "请帮忙看一下，谢谢",
    "请帮忙看看，麻烦了",
    "多谢",
    "感谢。",
)
_POLITE = re.compile(r"谢|麻烦|辛苦|拜托|劳驾|劳烦|感恩|thank", re.IGNORECASE)


def perturb(text: str, rng: random.Random) -> str | None:
    """None for a text that is polite already."""
    if _POLITE.search(text):
        return None
    return rng.choice(_BEFORE) + text.lstrip() if rng.random() < 0.35 else ended(text, rng.choice(_AFTER))


CHECK = Check("politeness", "客气话", "invariance", perturb)
