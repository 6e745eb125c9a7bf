"""The same words in traditional characters, as Hong Kong, Taiwan or a plain converter write them."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

from features.normalise import clean
from training.judge.probe.check import Check

_WAYS = ("s2t", "s2tw", "s2hk")
"""Characters only; ``s2twp`` would also change words (软件, 軟體) and with them what was said."""


@functools.cache
def _converter(way: str) -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(way).convert
    return convert


def perturb(text: str, rng: random.Random) -> str | None:
    simplified = clean(text)
    changed = _converter(rng.choice(_WAYS))(simplified)
    return None if changed == simplified else changed


CHECK = Check("traditional", "繁体字", "invariance", perturb)
