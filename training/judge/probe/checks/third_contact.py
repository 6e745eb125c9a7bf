"""Written for the third time, added: nothing becomes less urgent by it."""

from __future__ import annotations

import random

from training.judge.probe.check import Check, ended

_ADDED = (
    "这是第三次联系你们了",
    "第三次联系你们了，一直没人解决",
    "我已经反馈三次了，还是没人管",
    "前两次都说会处理，这是第三次找你们",
    "第3次来问了，每次都没下文",
)


def perturb(text: str, rng: random.Random) -> str:
    return ended(text, rng.choice(_ADDED))


CHECK = Check("third_contact", "加上“第三次联系你们了”", "direction", perturb, not_down=("urgency",))
