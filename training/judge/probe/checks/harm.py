"""Somebody hurt or in danger, added: nothing becomes less urgent by it."""

from __future__ import annotations

import random

from training.judge.probe.check import Check, ended

_ADDED = (
    "孩子被它划伤了，一直在流血",
    "插上电就冒烟起火了",
    "我妈摸了一下被电倒了",
    "家里人用了以后呼吸困难，正送医院",
    "老人吃了上吐下泻，在急诊",
    "漏液烧伤了手，皮都掉了",
)


def perturb(text: str, rng: random.Random) -> str:
    return ended(text, rng.choice(_ADDED))


CHECK = Check("harm", "加上有人受伤或有危险", "direction", perturb, not_down=("urgency",))
