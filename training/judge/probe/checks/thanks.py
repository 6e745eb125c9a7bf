"""Thanks at the end: nothing becomes more urgent by it."""

from __future__ import annotations

import random

from training.judge.probe.check import Check, ended

_ADDED = ("谢谢", "谢谢！", "谢谢你们", "非常感谢", "谢谢啦～", "先谢谢了", "感谢！", "谢谢客服")


def perturb(text: str, rng: random.Random) -> str:
    return ended(text, rng.choice(_ADDED))


CHECK = Check("thanks", "结尾道谢", "direction", perturb, not_up=("urgency",))
