"""Heads of turns in a chat's transcript: who speaks and when.

The forms in which 千牛, 咚咚, 飞鸽, 企业微信, Zendesk, Chatwoot, LiveChat and their like export them: a name and a time before
a colon or alone in their line, in either order; a role and a colon; a role in brackets; with turns a line each, or all in
one line where line breaks were lost.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from features.own_words.region import lines

Speaker = Literal["agent", "customer", "event", "unknown"]

_DAY = (
    r"(?:(?:20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?|今天|昨天|前天|(?:星期|周)[一二三四五六日天]"
    r"|[A-Z][a-z]{2} \d{1,2})[,，T \t]{0,3})?"
)
_TIME = rf"{_DAY}(?:上午|下午|早上|凌晨|晚上|中午|[AP]M )?\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?(?:\.\d{{1,3}})?(?: ?[AaPp][Mm])?"
_STAMP = rf"[\[(（【<]?{_TIME}[\])）】>]?"
_IN_NAME = r"[^\s:：,，。！？!?；;()（）\[\]【】<>「」“”]"
_NAME = rf"{_IN_NAME}{{1,24}}(?: (?!\d{{1,4}}[\-/.年月]){_IN_NAME}{{1,16}})?"
_ACCOUNT = rf"{_IN_NAME}{{2,24}}[:：]{_IN_NAME}{{1,16}}"
"""A shop's sub-account in 千牛: 店名:小美."""

_PLACE = (
    "在线|人工|智能|官方|平台|店铺|商家|售前|售后|京东|淘宝|天猫|抖音|拼多多|专属|值班|微信|商城|电话|高级|金牌|云|AI"
)
_AGENT_NOUN = (
    rf"(?:(?:{_PLACE}){{0,3}}(?:客服|机器人|小助手|助手|助理|小蜜|店小二|小二|坐席|座席|接待员?|顾问|专员|管家)(?:代表|专员|人员|经理)?"
    r"|[Aa]gent|AGENT|[Oo]perator|[Aa]dvisor)"
)
_AGENT_WORD = r"(?:商家|卖家|店家|店主|掌柜|系统(?:消息|通知|提示)?|自动回复|[Bb]ot|[Ss]ystem|[Ss]upport|[Aa]ssistant|[Rr]obot|[Ss]eller|CSR)"
_CUSTOMER_NOUN = (
    r"(?:买家|客户|顾客|用户|访客|消费者|会员|来访者|咨询者|咨询人|我|本人|[Cc]ustomer|CUSTOMER|[Vv]isitor|[Uu]ser|[Cc]lient"
    r"|[Bb]uyer|[Gg]uest|[Mm]e)"
)
_VERB = "[说问答回讲让叫给表告称的在就也都不还一怎什没态您你们又是把和跟能要推处反发电投服热工编名姓微群号组部有]"
"""客服说：… and 客服态度：… tell of an agent; a name does not begin so."""

_AGENT = rf"(?:{_AGENT_WORD}|{_AGENT_NOUN}(?:[ \-_·#@]?(?!{_VERB}){_IN_NAME}{{1,12}})?|(?!{_VERB}|{_PLACE}|客户|投诉){_IN_NAME}{{1,4}}客服)"
_CUSTOMER = rf"{_CUSTOMER_NOUN}(?:[ \-_·#]?[A-Za-z0-9_*]{{1,20}}|[\-_·#]{_IN_NAME}{{1,8}})?"
_ROLE = rf"(?:(?P<agent>{_AGENT})|(?P<customer>{_CUSTOMER}))"
_NOTE = r"(?:[(（\[][^)）\]\n]{1,24}[)）\]])?"

_TIMED = re.compile(
    rf"(?P<before>{_STAMP})[ \t]{{0,4}}(?P<name_after>{_NAME})[ \t]{{0,2}}(?:[:：](?!\d)|\Z)"
    rf"|(?P<name_before>{_ACCOUNT}|{_NAME})[ \t]{{0,4}}(?P<after>{_STAMP})[ \t]{{0,2}}(?:[:：]|\Z)"
)
_NOT_TOLD = r"(?![ \t]?[“\"「『‘])"
"""客服：“亲…” is the customer telling what was said, not a transcript."""

_BARE = re.compile(rf"[【\[]?{_ROLE}[】\]]?{_NOTE}[ \t]{{0,2}}[:：]{_NOT_TOLD}")
_BRACKETED = re.compile(rf"[【\[]{_ROLE}[】\]]")
_INLINE = re.compile(
    rf"(?<=[\s|｜；;。！？!?~～:：])(?:{_STAMP}[ \t]{{0,2}})?{_ROLE}{_NOTE}[ \t]{{0,2}}[:：]{_NOT_TOLD}"
)
_EVENT = re.compile(
    r"\*{2,3}[^*\n]{1,80}\*{2,3}\Z|[-—=]{2,20}[ \t]?[^\n\-—=]{0,30}(?:会话|对话|聊天|接入|转接)[^\n\-—=]{0,30}[-—=]{2,20}\Z"
)
_AGENT_ONLY = re.compile(rf"{_AGENT}\Z")
_CUSTOMER_ONLY = re.compile(rf"{_CUSTOMER}\Z")
_SHOP = re.compile(r"旗舰店|专营店|专卖店|官方|客服|自营|店[:：]|小二")
_LONGEST_HEAD = 90


class TurnHead(NamedTuple):
    """The head of a turn.

    Attributes:
        start, end: the head itself; the words begin at ``end``.
        line_end: where its line ends.
        speaker: by the name's form; who speaks under an unknown name the transcript as a whole says.
        timed: a time stands in the head.
        leads: a line begins with it.
        alone: nothing follows in its line.
    """

    start: int
    end: int
    line_end: int
    speaker: Speaker
    name: str
    timed: bool
    alone: bool
    leads: bool


def heads(text: str) -> list[TurnHead]:
    """All heads, in order."""
    found: list[TurnHead] = []
    for line in lines(text):
        start = line.start
        if _EVENT.match(line.text):
            found.append(TurnHead(start, start + len(line.text), line.end, "event", "", False, True, True))
            continue
        begin = line.text[:_LONGEST_HEAD]
        match = _TIMED.match(begin) if len(line.text) <= _LONGEST_HEAD else _TIMED.match(begin + "\n")
        timed = match is not None
        match = match or _BARE.match(begin) or _BRACKETED.match(begin)
        at = 0
        if match is not None:
            name = match["name_after"] or match["name_before"] if timed else match["agent"] or match["customer"]
            at = match.end()
            alone = not line.text[at:].strip()
            found.append(TurnHead(start, start + at, line.end, _speaker(name), name, timed, alone, True))
        for inner in _INLINE.finditer(line.text, at):
            name = inner["agent"] or inner["customer"]
            stamped = bool(re.search(_TIME, inner.group()))
            found.append(
                TurnHead(
                    start + inner.start(), start + inner.end(), line.end, _speaker(name), name, stamped, False, False
                )
            )
    return found


def _speaker(name: str) -> Speaker:
    if _AGENT_ONLY.match(name) or _SHOP.search(name):
        return "agent"
    return "customer" if _CUSTOMER_ONLY.match(name) else "unknown"
