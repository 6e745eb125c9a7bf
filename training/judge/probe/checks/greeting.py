"""A greeting in front."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

GREETINGS = (
    "您好，",
    "你好，",
    "您好！",
    "你好呀，",
    "在吗？",
    "在吗",
    "在么，",
    "亲，",
    "亲，在吗？",
    "亲爱的客服，",
    "客服你好，",
    "客服在吗，",
    "请问有人在吗？",
    "有人吗，",
    "hi，",
    "hello，",
    "Hi 你好，",
    "早上好，",
    "下午好，",
    "晚上好！",
    "掌柜的在吗，",
    "店家您好，",
    "小二，",
    "您好，打扰一下，",
    "不好意思打扰了，",
    "您好，请问一下，",
    "尊敬的客服：\n",
    "您好：\n",
    "您好，\n\n",
    "Dear all,\n",
    "尊敬的商家：\n    您好！\n",
)

_GREETED = re.compile(
    r"\W*(?:您好|你好|你们好|亲|在吗|在么|有人|hi\b|hello|dear|尊敬|客服|各位|早上好|下午好|晚上好|掌柜|店家|老板|小二|\S{1,12}[:：]\s*\n)",
    re.IGNORECASE,
)


def perturb(text: str, rng: random.Random) -> str | None:
    """None for a text that greets already."""
    return None if _GREETED.match(text) else rng.choice(GREETINGS) + text.lstrip()


CHECK = Check("greeting", "开头的问候", "invariance", perturb)
