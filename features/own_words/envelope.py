"""The envelope in which programs hand a chat message over: JSON (企业微信, 钉钉, 飞书, OneBot, Chatwoot) or 微信's XML.

Read by a tolerant scanner, not by a parser: it must know where each string stands, envelopes are cut off by field lengths,
written by ``str(dict)``, and hold what masking has overwritten. What is not wholly an envelope is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from features.mask import KINDS
from features.own_words.region import JOINER, Finder, Region, says_something, vocabulary

_TEXT_KEYS = vocabulary(
    "content text body message msg title subject description desc question query comment remark note reply_text plain_text "
    "text_content content_text input input_text user_input user_message utterance transcript voice_text recognition asr_text "
    "内容 消息 消息内容 文本 正文 标题 问题 问题描述 描述 诉求 客户诉求 留言 留言内容 备注 反馈 反馈内容 投诉内容 工单内容 客户留言"
)
_SENDER_KEYS = vocabulary(
    "role sender from from_type sender_type sendertype sender_role message_type direction speaker author fromrole usertype "
    "user_type 角色 发送方 发送者 发言人 说话人"
)
_OTHERS = vocabulary(
    "assistant agent bot robot system outgoing staff service servicer kefu seller merchant template outbound "
    "客服 机器人 系统 商家 卖家 助手"
)
_NOT_TEXT = re.compile(r"[A-Za-z0-9_.:/+\-=@ *]*\Z")
"""What a program writes to itself: types, ids, addresses, times."""

_TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:(?P<mark>[{}\[\]:,])|"(?P<double>(?:[^"\\]|\\.)*+)(?:"|\Z)|'(?P<single>(?:[^'\\]|\\.)*+)(?:'|\Z)"""
    r"""|(?P<scalar>[^\s"'{}\[\],:]{1,80}))""",
    re.DOTALL,
)
_SCALAR = re.compile(rf"-?\d[\d.eE+\-]*|true|false|null|None|True|False|NaN|\*+|undefined|(?:{'|'.join(KINDS)})\**")
_START = re.compile(r"(?:\A|\n)[ \t\r\n\ufeff]{0,40}(?=[{\[](?:[ \t\r\n]|[{\[]){0,40}[\"'])")
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL
)
_PLAIN = {"n": "\n", "r": "\n", "t": "\t", "b": " ", "f": " "}
_XML = re.compile(r"\A\s{0,20}<xml>", re.IGNORECASE)
_XML_TEXT = re.compile(
    r"<(Content|Recognition|Title|Description)>\s{0,8}"
    r"(?:<!\[CDATA\[(?P<cdata>[^\]]*+(?:\](?!\]>)[^\]]*+)*+)(?:\]\]>)?|(?P<plain>[^<]*+))",
    re.IGNORECASE,
)
_MOST_ENVELOPES = 50


class _Value(NamedTuple):
    """A string of an envelope: its inside, its key, how deep it lies, the number of its object."""

    start: int
    end: int
    key: str
    depth: int
    holder: int


def find(text: str) -> Iterator[Region]:
    """All of an envelope but the message in it; of the message, escapes as what they mean."""
    if _XML.match(text):
        yield from _around(
            0,
            len(text),
            [m.span("cdata") if m["cdata"] is not None else m.span("plain") for m in _XML_TEXT.finditer(text)],
        )
        return
    at = 0
    for _ in range(_MOST_ENVELOPES):
        match = _START.search(text, at)
        if match is None:
            return
        end, values, whole = _scan(text, match.end())
        if whole:
            kept = _message(text, values)
            yield from _around(match.end(), end, [(value.start, value.end) for value in kept])
            for value in kept:
                yield from _escapes(text, value)
        at = max(end, match.end() + 1)


def _around(start: int, end: int, kept: list[tuple[int, int]]) -> Iterator[Region]:
    for a, b in kept:
        yield Region(start, a, "\n" if a - start > 1 else "")
        start = b
    yield Region(start, end, "\n" if end - start > 1 else "")


def _scan(text: str, at: int) -> tuple[int, list[_Value], bool]:
    """(where the value ends that begins at ``at``, its strings that have a key, whether it is an envelope)."""
    values: list[_Value] = []
    holders: list[tuple[str, int]] = []
    keys: list[str] = []
    key = ""
    pending: tuple[int, int] | None = None
    number = 0
    any_key = False
    while True:
        token = _TOKEN.match(text, at)
        if token is None:
            if pending is not None:
                values.append(_Value(*pending, key, len(holders), holders[-1][1] if holders else 0))
            return at, values, any_key and not text[at:].strip()
        at = token.end()
        mark = token["mark"]
        if mark is None:
            if token["scalar"] is not None:
                if not _SCALAR.fullmatch(token["scalar"]) and at < len(text):
                    return at, values, False
                continue
            group = "double" if token["double"] is not None else "single"
            pending = token.span(group)
            continue
        if mark == ":" and pending is not None:
            key = _ESCAPE.sub(lambda match: _read(match) or " ", text[slice(*pending)]).lower()
            any_key = True
        elif pending is not None:
            values.append(_Value(*pending, key, len(holders), holders[-1][1] if holders else 0))
        if mark in "{[":
            number += 1
            holders.append((mark, number))
            keys.append(key)
        elif mark in "}]" and holders:
            holders.pop()
            key = keys.pop()
            if not holders:
                return at, values, any_key
        elif mark == "," and holders and holders[-1][0] == "{":
            key = ""
        pending = None


def _message(text: str, values: list[_Value]) -> list[_Value]:
    """The strings that the customer wrote: under a key for text, as near to the top as any, not of another sender."""
    others = {
        value.holder
        for value in values
        if value.key in _SENDER_KEYS and text[value.start : value.end].strip().lower() in _OTHERS
    }
    said = [
        value
        for value in values
        if value.key in _TEXT_KEYS and value.holder not in others and says_something(text[value.start : value.end])
    ]
    worded = [value for value in said if not _NOT_TEXT.match(text[value.start : value.end])] or said
    nearest = min((value.depth for value in worded), default=0)
    return [value for value in worded if value.depth == nearest]


def _escapes(text: str, value: _Value) -> Iterator[Region]:
    for match in _ESCAPE.finditer(text, value.start, value.end):
        read = _read(match)
        if read.isspace():
            yield Region(*match.span(), "\n" if read in "\n\r" else "\t" if read == "\t" else " ", silent=True)
        else:
            yield Region(*match.span(), read if read.isprintable() else "", JOINER, silent=True)


def _read(escape: re.Match[str]) -> str:
    high, low, code, plain = escape.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    return chr(int(code, 16)) if code else _PLAIN.get(plain, plain)


_SIGN = re.compile(r"\{[\s{\[]{0,40}[\"']|<(?:xml|XML)>")
FINDER = Finder("envelope", ("{", "<xml>", "<XML>"), _SIGN.search, find)
