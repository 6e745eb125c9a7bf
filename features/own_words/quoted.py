"""Quoted history of a mail: what others wrote, or the customer earlier, below a reply's header, behind ``>`` or in 「…」.

A mail that says nothing of its own above its first header was *forwarded*: what was forwarded is then what the customer
wants to say. Only the header is left out, and what that mail quotes in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.own_words.mail_header import Header, first_header
from features.own_words.region import Finder, Line, Region, lines, vocabulary, words

_PREFIX = re.compile(
    r"\A\s{0,20}(?:\[?(?:回复|答复|转发|转寄|回覆|RE|Re|re|FW|Fw|fw|FWD|Fwd|fwd)(?:\(\d\))?\]?[ \t]?[:：][ \t]{0,3})+"
)
"""What a mail program puts before a subject."""

_SUBJECT_LINE = re.compile(rf"{_PREFIX.pattern}[^\n]*")

_MARKS = re.compile(r"(?:>(?![_.﹏<=\-︿\d])[ \t]?)+|(?:>[ \t])+")
"""Quotation marks of a line; ``>_<`` and ``>3天`` are none."""

_CHAT_QUOTE = re.compile(
    r"\A\s{0,8}[「\"“][^：:\n]{1,30}[：:][^」”\"]{1,2000}[」\"”]\s{0,4}\n[ \t]{0,4}(?:[-—–][ \t]?){5,60}(?=\n)"
)
"""An answer in WeChat, copied: 「name：what was said」, a dashed line, the answer."""

_EMPTY = re.compile(
    r"[您你]们?好|大家好|各位好?|尊敬的[^\n，,：:]{0,12}|(?:客服|亲|老师|领导|同事)们?好?|\b(?:[Hh]i|[Hh]ello)\b|\b[Dd]ear [A-Za-z]{1,20}"
    r"|(?:请|详)?[见看]一?下?(?:下文|下面|下方|如下|附件|以下)的?(?:邮件|内容)?|如下|如题|转发?给[你您]们?|转发"
    r"|(?:请|麻烦|辛苦|帮忙)?[您你]?(?:查收|查阅|知悉|知晓|处理|看)(?:一下|下)?|\b(?:FYI|fyi)\b|谢谢[您你]?|感谢|\b[Tt]hanks?\b|祝好|此致|敬礼"
    r"|发自[^\n]{0,30}|Sent from[^\n]{0,40}|来自(?:我的)?[ \t]?(?:iPhone|Outlook|iPad)[^\n]{0,20}|获取 Outlook[^\n]{0,20}|https?://[!-~]+"
)
"""What says nothing of its own: greetings, "see below", "please handle", a device's line, a link."""

_LEAST_OWN = 2
_LEAST_OWN_ABOVE_FORWARDED = 10
"""Above a header that says "forwarded", a few words only point at it."""


def says_own(text: str) -> bool:
    """Whether a mail says something of its own above its first header."""
    header = first_header(text)
    above = text if header is None else text[: header.start]
    least = _LEAST_OWN_ABOVE_FORWARDED if header is not None and header.forwarded else _LEAST_OWN
    return _own_words(above) >= least


def find(text: str) -> Iterator[Region]:
    """A subject's Re:, a quoted chat message, lines behind ``>``, and what stands below the first header."""
    prefix = _PREFIX.match(text)
    if prefix:
        yield Region(*prefix.span())
    chat = _CHAT_QUOTE.match(text)
    if chat and words(text[chat.end() :]):
        yield Region(*chat.span())
    marked = [line for line in lines(text) if _MARKS.match(line.text)]
    header = first_header(text)
    if header is None:
        yield from _marked_lines(text, marked, None)
    elif any(line.start >= header.end for line in marked):  # the answer may stand below or between
        yield Region(header.start, header.end)
        yield from _marked_lines(text, marked, header)
    elif says_own(text):
        yield Region(header.start, len(text))
    else:
        yield Region(header.start, header.end)
        below = first_header(text, header.end)
        if below is not None and _own_words(text[header.end : below.start]) >= _LEAST_OWN:
            yield Region(below.start, len(text))


def _own_words(text: str) -> int:
    return words(_EMPTY.sub("", _SUBJECT_LINE.sub("", text)))


def _marked_lines(text: str, marked: list[Line], header: Header | None) -> Iterator[Region]:
    """Lines behind ``>``; where nothing else is said they are read, without their marks."""
    rest = []
    at = 0
    for start, end in sorted([(line.start, line.end) for line in marked] + ([header[:2]] if header else [])):
        rest.append(text[at:start])
        at = max(at, end)
    own = _own_words("\n".join((*rest, text[at:]))) >= _LEAST_OWN
    for line in marked:
        marks = _MARKS.match(line.text)
        yield Region(line.start, line.end if own or marks is None else line.start + marks.end())


_SIGN = re.compile(
    r">|原始|原邮件|历史邮件|写道|来信|撰写|wrote|Original|original|Forwarded|forwarded|Replied M|转发|转寄|发件人|寄件|发信人"
    r"|From|回[复覆]\]?(?:\(\d\)\]?)?[ \t]?[:：]|答复\]?(?:\(\d\)\]?)?[ \t]?[:：]|R[eE][:：(\]]|re[:：(\]]|F[wW]|fw|」\s{0,4}\n|”\s{0,4}\n|\"\s{0,4}\n"
)
_HINTS = vocabulary(
    "> -- —— 写道 寫道 来信 撰写 wrote 」 转发的邮件 Begin 回复： 回复: 答复： 答复: 转发： 转发: 转寄 回覆 轉發 轉寄 來信 撰寫 Re RE re: re： Fw FW fw ]: ):"
)
FINDER = Finder("quoted", tuple(sorted(_HINTS)), _SIGN.search, find, colons=True)
