"""A deadline tomorrow, added: nothing becomes less urgent by it."""

from __future__ import annotations

import random

from training.judge.probe.check import Check, ended

_ADDED = (
    "明天就要用了，来不及了",
    "明天婚礼上要用，没有就完了",
    "明天一早的飞机，过了就没用了",
    "明天中午之前必须解决，不然全作废",
    "明天就截止了，过期不候",
    "明早手术要用",
)


def perturb(text: str, rng: random.Random) -> str:
    return ended(text, rng.choice(_ADDED))


CHECK = Check("deadline", "加上“明天就要用”", "direction", perturb, not_down=("urgency",))
