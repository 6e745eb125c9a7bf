"""Turns of the agent, the robot and the system in a chat's transcript; of the customer's turns the name and the time.

客服：你们什么态度 alone is no transcript, nor is a letter that begins with 客服： and a line break, nor a customer's own list of
times and events. In a transcript without any name that tells, the one is the agent who says what agents say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from features.own_words.region import Finder, Region, vocabulary, words
from features.own_words.turn_heads import TurnHead, heads

_SERVICE = re.compile(
    r"为您服务|有什么(?:可以|能)(?:帮|为)|请问您|请您?(?:稍等|耐心)|感谢您的(?:咨询|支持|耐心|来电)|欢迎光临|欢迎(?:您的)?(?:咨询|来到)"
    r"|(?:^|\s)亲亲?[，,~～]|祝您(?:生活|购物)|[Hh]ow (?:can|may) I help|[Tt]hank(?:s| you) for (?:contacting|reaching)"
)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_LEAST_ALONE = 3
"""Untimed heads that are alone in their lines: fewer are the salutation and the close of a letter."""


def find(text: str) -> Iterator[Region]:
    """Whole turns of others, heads of the customer's."""
    turns = _turns(text)
    if not turns:
        return
    agents = _agents(text, turns)
    only_agents = all(turn.speaker in ("agent", "event") for turn in turns)
    for i, turn in enumerate(turns):
        end = turns[i + 1].start if i + 1 < len(turns) else len(text)
        if turn.speaker == "event" or (only_agents and not turn.timed):
            yield Region(
                turn.start, min(end, turn.line_end)
            )  # what stands in the next line, nobody is said to have said
        elif turn.speaker == "agent" or turn.name in agents:
            gap = _BLANK_LINE.search(text, turn.end) if i + 1 == len(turns) else None
            yield Region(turn.start, gap.start() if gap and words(text[turn.end : gap.start()]) else end)
        else:
            yield Region(turn.start, turn.end)


def _turns(text: str) -> list[TurnHead]:
    """The heads when they make a transcript, else none."""
    found = heads(text)
    if sum(head.leads for head in found) > 1:
        found = [
            head for head in found if head.leads
        ]  # what looks like one in the middle of a line is what somebody said
    if {"agent", "customer"} <= {head.speaker for head in found}:
        often = Counter(head.name for head in found)
        found = [head for head in found if head.speaker != "unknown" or often[head.name] > 1]
    lonely = [head.speaker for head in found if _lonely(head)]
    if len(lonely) < _LEAST_ALONE or len(set(lonely)) < 2:
        found = [head for head in found if not _lonely(head)]
    said = [head for head in found if head.speaker != "event"]
    if len(said) < 2:
        return []
    known = [head for head in said if head.speaker != "unknown"]
    if not known:
        names = Counter(head.name for head in said)
        repeated = max(names.values()) > 1
        if not (repeated and len(names) <= len(said) // 2 + 1) and not _agents(text, said):
            return []
    elif len(known) < 2 and not any(head.timed for head in known):
        return []
    return found


def _lonely(head: TurnHead) -> bool:
    return head.alone and not head.timed and head.speaker != "event"


def _agents(text: str, turns: list[TurnHead]) -> set[str]:
    """Unknown names that are agents: all when the customer is known, else who says what agents say."""
    unknown = {turn.name for turn in turns if turn.speaker == "unknown"}
    if any(turn.speaker == "customer" for turn in turns):
        return unknown
    stops = [turn.start for turn in turns[1:]] + [len(text)]
    return {
        turn.name
        for turn, stop in zip(turns, stops, strict=True)
        if turn.name in unknown and _SERVICE.search(text, turn.end, stop)
    }


_WORDS = vocabulary(
    "客服 机器人 助手 助理 小蜜 小二 坐席 座席 接待 顾问 专员 管家 商家 卖家 买家 店家 店主 掌柜 系统 自动回复 客户 顾客 用户 访客 消费者 会员 来访者 "
    "咨询 我 本人 Agent agent AGENT Operator operator Advisor advisor Bot bot System system Support support Assistant assistant "
    "Robot robot Seller seller CSR Customer customer CUSTOMER Visitor visitor User user Client client Buyer buyer Guest guest Me me"
)
_SIGN = re.compile(
    ":\\d\\d|：\\d\\d|【[^】\n]{2,12}】|"
    + "|".join(f'{word}[^\n:：，。！？]{{0,60}}[:：](?![ \t]?[“"「『‘])' for word in sorted(_WORDS))
)


def _may(text: str) -> bool:
    return (text.count("：") + text.count(":") > 1 or text.count("】") > 1) and _SIGN.search(text) is not None


FINDER = Finder("transcript", ("】",), _may, find, colons=True)
