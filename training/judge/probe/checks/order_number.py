"""Another order number, or one where there was none: which order it is says nothing of queue, hurry or tone."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check, ended

_NUMBER = re.compile(r"\[订单号\]\**|(?<![0-9A-Za-z.*])[A-Za-z]{0,5}-?\d{10,24}(?![0-9A-Za-z*]|\.\d)")
"""As masked texts and as raw ones have it; ten digits at least, so that no date and no telephone number is one."""

_PHONE = re.compile(r"(?:86)?1[3-9]\d{9}")
_NAMED = ("订单号：{}", "订单号是{}", "单号{}", "订单编号 {}", "我的订单：{}")


def perturb(text: str, rng: random.Random) -> str | None:
    found = [one for one in _NUMBER.finditer(text) if not _PHONE.fullmatch(one.group())]
    if found:
        one = rng.choice(found)
        return text[: one.start()] + _made(rng) + text[one.end() :]
    named = rng.choice(_NAMED).format(_made(rng))
    return f"{named}，{text.lstrip()}" if rng.random() < 0.5 else ended(text, named)


def _made(rng: random.Random) -> str:
    """A number as shops give them: a date and a running number, or nineteen digits."""
    if rng.random() < 0.5:
        return f"20{rng.randint(24, 27)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randint(0, 10**8 - 1):08}"
    return str(rng.randint(10**18, 10**19 - 1))


CHECK = Check("order_number", "换一个或加一个订单号", "invariance", perturb)
