"""An emoji at the end: it may colour the tone, it says nothing of the queue or the hurry."""

from __future__ import annotations

import random

from training.judge.probe.check import Check

_SIGNS = ("😊", "😭", "🙏", "😡", "👍", "😂", "🙃", "💔", "😅", "🥺", "🌹", "😤", "🤔", "😮‍💨", "❤️", "🙏🏻")
"""Faces and gestures; none of them is a warning sign (🔥, 🆘, 🚑 would say something)."""

_WORDS = ("[微笑]", "[流泪]", "[抱拳]", "[玫瑰]", "[发怒]", "[捂脸]", "/微笑", "/难过", "(ಥ_ಥ)", "^_^", "T_T")
"""Emoji as chat windows and shop consoles write them out."""


def perturb(text: str, rng: random.Random) -> list[str]:
    """Two ways: one to three of the same sign, and one written out."""
    said = text.rstrip()
    return [said + rng.choice(_SIGNS) * rng.choice((1, 1, 2, 3)), said + rng.choice(_WORDS)]


CHECK = Check("emoji", "句末的表情", "invariance", perturb, free=frozenset({"sentiment"}))
