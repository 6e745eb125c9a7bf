"""Repeated exclamation marks: they may make a ticket sound angrier, never by themselves more urgent."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

_RUNS = ("！", "！！", "！！！", "!!", "!!!", "！！！！！", "！!！")
_MANY = ("！" * 20, "!" * 20, "！" * 12 + "!" * 8)
_END = re.compile(r"[。．.！!~～…，,；;\s]+$")
_INSIDE = re.compile(r"[。，；](?=.)", re.DOTALL)


def perturb(text: str, rng: random.Random) -> list[str]:
    """Three ways: a short run at the end, twenty marks at the end, a run in place of a comma or a full stop inside."""
    bare = _END.sub("", text)
    out = [bare + rng.choice(_RUNS), bare + rng.choice(_MANY)]
    inside = [found.start() for found in _INSIDE.finditer(text)]
    if inside:
        at = rng.choice(inside)
        out.append(text[:at] + rng.choice(_RUNS) + text[at + 1 :])
    return out


CHECK = Check("marks", "重复的感叹号", "invariance", perturb, free=frozenset({"sentiment"}))
