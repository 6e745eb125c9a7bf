"""The header that mail programs write above what is quoted: a divider, "在 …，… 写道：", or 发件人/发送时间/收件人/主题.

Chinese and English forms of QQ邮箱, 网易邮箱, Foxmail, Outlook, Gmail, iPhone, 新浪邮箱, 阿里邮箱, 飞书邮箱 and Zoho, with line
breaks or without. A courier's "发件人：… 收件人：…" in prose is no header: it has neither a subject nor a time of sending.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_DASHES = r"(?<![-—‐=_])[-—‐=_]{2,}+[ \t]{0,4}"
_DIVIDER = re.compile(
    rf"{_DASHES}(?:(?:回复的|转发的|引用的)?(?:原始|历史|原)(?:邮件|信息|消息)(?:信息|内容|原文)?"
    r"|(?P<forwarded>转发的?(?:邮件|消息|信息){1,2}|转寄的?邮件|[Ff]orwarded [Mm]essage)"
    r"|[Oo]riginal(?: [Mm]essage| [Ee]mail)?|[Rr]eplied [Mm]essage)[ \t]{0,4}[:：]?[-—‐=_]{2,}+"
    r"|(?P<forward>Begin forwarded message[:：]|(?:开始|以下是)转发的邮件[：:]|下面是被转发的邮件[：:])"
)
_WROTE = re.compile(r"(?:写道|来信|撰写|\bwrote)[ \t]{0,4}(?:[：:]|-{2,6}|(?=\s*\Z)|(?=[ \t]*\n))")
_DATED = re.compile(
    r"(?:(?:在|于|At|On)[ \t]{0,2})?(?<!\d)20\d{2} ?[年/.\-] ?\d{1,2}|\bOn (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d)"
    r"|(?<!\d)\d{1,2}[./]\d{1,2}[./]20\d{2}|在 ?星期[一二三四五六日天]"
)
_SENDER = re.compile(r"\d{1,2}[:：]\d{2}|[@<>]|\[邮箱\]|\*\*\*")
_FROM = "发件人|寄件人|寄件者|发信人|From"
_SENT = "发送时间|发送日期|寄件日期|Sent"
_LABEL = re.compile(
    rf"(?:(?<=[\s>*;；|])|\A)\*{{0,2}}(?:(?P<sender>{_FROM})|(?P<sent>{_SENT})|(?P<date>时间|日期|Date)"
    r"|(?P<to>收件人|收件者|抄送|密送|副本|To|Cc|CC|Bcc|Reply-To)|(?P<subject>主题|主旨|标题|邮件主题|Subject))\*{0,2}[ \t\u3000]{0,3}[：:|]\*{0,2}"
)
_MOST_WROTE = 220
"""Characters from the date to 写道."""

_MOST_FIELD = 300
"""Characters from one label of a block to the next."""

_MOST_PARTS = 4
_LINE_LEAD = 80
_RULE = " \t\r\n\u3000-—‐_=*>|"


class Header(NamedTuple):
    """Where a header stands, all parts of it, and whether it says that the mail was forwarded."""

    start: int
    end: int
    forwarded: bool


def first_header(text: str, at: int = 0) -> Header | None:
    """The first header from ``at`` on: a divider and the block below it are one."""
    found = [header for header in (_divider(text, at, None), _wrote(text, at, None), _block(text, at, None)) if header]
    if not found:
        return None
    start, end, forwarded = min(found)
    for _ in range(_MOST_PARTS):
        stop = min(len(text), end + 3 * _MOST_FIELD)
        parts = [part for part in (_divider(text, end, stop), _wrote(text, end, stop), _block(text, end, stop)) if part]
        if not parts or text[end : min(parts).start].strip(_RULE):
            break
        end = min(parts).end
        forwarded = forwarded or min(parts).forwarded
    return Header(_above(text, at, start), end, forwarded)


def _above(text: str, at: int, start: int) -> int:
    """Where what stands above a header ends: without blanks and without a line that is only a rule."""
    end = at + len(text[at:start].rstrip())
    line = text.rfind("\n", at, end) + 1 or at
    return end if text[line:end].strip(_RULE) else at + len(text[at:line].rstrip())


def _divider(text: str, at: int, stop: int | None) -> Header | None:
    match = _DIVIDER.search(text, at, len(text) if stop is None else stop)
    return Header(*match.span(), bool(match["forwarded"] or match["forward"])) if match else None


def _wrote(text: str, at: int, stop: int | None) -> Header | None:
    """ "张三 <…> 于2026年11月3日周二 10:05写道：": a date, a time or an address, and the verb at the end."""
    for match in _WROTE.finditer(text, at, len(text) if stop is None else stop):
        low = max(at, match.start() - _MOST_WROTE)
        dates = list(_DATED.finditer(text, low, match.start()))
        if not dates or not _SENDER.search(text, dates[-1].start(), match.start()):
            continue
        start = dates[-1].start()
        line = max(text.rfind("\n", low, start) + 1, low)
        return Header(line if start - line <= _LINE_LEAD and _names(text[line:start]) else start, match.end(), False)
    return None


def _names(lead: str) -> bool:
    """Whether what stands before the date in its line is the sender's name and address, or a rule, and not prose."""
    return not re.search(r"\w", lead) or (
        re.search(r"[@<]|\[邮箱\]", lead) is not None and not re.search("[，。！？；]", lead)
    )


def _block(text: str, at: int, stop: int | None) -> Header | None:
    """Labels in a row, the sender's first; with a subject, or with a time of sending and a recipient."""
    group: list[re.Match[str]] = []
    for label in _LABEL.finditer(text, at, len(text) if stop is None else stop):
        if label["sender"]:
            if _is_block(group):
                break
            group = [label]
        elif group and label.start() - group[-1].end() <= _MOST_FIELD:
            group.append(label)
        elif _is_block(group):
            break
        else:
            group = []
    if not _is_block(group):
        return None
    last = group[-1].end()
    line_end = text.find("\n", last, last + _MOST_FIELD)
    return Header(group[0].start(), last if line_end < 0 else line_end, False)


def _is_block(group: list[re.Match[str]]) -> bool:
    kinds = {label.lastgroup for label in group}
    return "sender" in kinds and (("subject" in kinds and len(kinds) > 2) or {"sent", "to"} <= kinds)
