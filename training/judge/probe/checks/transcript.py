"""The words as a chat window stores them: the agent's courtesy before and after, who spoke, when."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

_OPEN = (
    "您好，很高兴为您服务，请问有什么可以帮您？",
    "亲，在的呢，有什么可以帮到您～",
    "您好，这里是在线客服，请问有什么需要帮助的吗？",
    "亲亲您好，欢迎光临本店",
)
_CLOSE = (
    "好的，请您稍等，我帮您查一下。",
    "收到亲，这边马上为您核实哦",
    "非常抱歉给您带来不便，我帮您登记一下。",
    "请问还有其他可以帮您的吗？",
)
_TURN = re.compile(r"\S{1,12}[:：]")


def perturb(text: str, rng: random.Random) -> list[str] | None:
    """Two windows. None for a text of several lines, or one that begins as a turn does: that is no chat message."""
    said = text.strip()
    if "\n" in said or _TURN.match(said):
        return None
    return [window(said, rng) for window in rng.sample(_WINDOWS, 2)]


def _roles(said: str, rng: random.Random) -> str:
    agent, customer = rng.choice((("客服", "客户"), ("坐席", "用户"), ("客服", "买家"), ("人工客服", "顾客")))
    colon = rng.choice(("：", ":", ": "))
    return f"{agent}{colon}{rng.choice(_OPEN)}\n{customer}{colon}{said}\n{agent}{colon}{rng.choice(_CLOSE)}"


def _stamped(said: str, rng: random.Random) -> str:
    day = f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    hour, minute = rng.randint(8, 21), rng.randint(0, 50)
    at = [f"[{day} {hour:02}:{minute + i:02}:{rng.randint(0, 59):02}]" for i in range(3)]
    return f"{at[0]} 客服小美: {rng.choice(_OPEN)}\n{at[1]} 买家: {said}\n{at[2]} 客服小美: {rng.choice(_CLOSE)}"


def _headed(said: str, rng: random.Random) -> str:
    hour, minute = rng.randint(8, 21), rng.randint(0, 50)
    return (
        f"客服小李 {hour:02}:{minute:02}\n{rng.choice(_OPEN)}\n顾客 {hour:02}:{minute + 1:02}\n{said}\n"
        f"客服小李 {hour:02}:{minute + 2:02}\n{rng.choice(_CLOSE)}"
    )


def _bracketed(said: str, rng: random.Random) -> str:
    return f"【客服】{rng.choice(_OPEN)}\n【客户】{said}\n【客服】{rng.choice(_CLOSE)}"


def _before(said: str, rng: random.Random) -> str:
    return f"客服：{rng.choice(_OPEN)}\n客户：{said}"


_WINDOWS = (_roles, _stamped, _headed, _bracketed, _before)

CHECK = Check("transcript", "聊天记录里客服的客套话", "invariance", perturb)
