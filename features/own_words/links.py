"""Addresses of pages and the texts that shops' apps share with them (淘宝, 京东, 拼多多, 抖音, 闲鱼, 得物).

A text that is nothing but a link says nothing else: it is read as it stands (see :mod:`features.reading`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.mask import KINDS
from features.own_words.region import Finder, Region

_FILLER = rf"\[(?:{'|'.join(KINDS)})\]\**"
"""What masking wrote into an address."""

_REST = rf"(?:[!-Z\\^-~]|\[(?=[!-~])|\](?=[!-~])|{_FILLER})"
_DOMAIN = r"(?<![A-Za-z0-9@.\-])(?:[a-z0-9\-]{1,40}\.){1,4}(?:com|cn|net|co|cc|me|top|shop|app)/"
_BARE = re.compile(
    rf"(?:(?:[hH][tT][tT][pP][sS]?|ftp)://|(?:www|WWW)\.){_REST}++|(?:[hH][tT][tT][pP][sS]?:)?{_DOMAIN}{_REST}{{2,}}+"
)
_BEFORE = re.compile(r"【[^】\n]{1,12}】[^\n「」【】。！？]{0,30}\Z")
_OPEN = r"点击链接[，,]?[^\n。！？]{0,20}?打开(?:[ ，,]{0,2}或者?[ ，,]{0,2}[^\n。！？]{0,16}?打开(?:京东|淘宝|APP|app)?)?[。！]?"
_AFTER = re.compile(
    r"(?:@?[ \t]{0,3}[A-Z]{1,4}\d{2,5}\b)?(?P<title>[ \t]{0,3}「[^」\n]{1,200}」)?"
    rf"(?P<open>[ \t，,]{{0,3}}\n?[ \t]{{0,3}}{_OPEN})?"
)
_MOST_BEFORE = 48
_COPY = re.compile(
    r"(?:\d\.\d{2}[ \t]{1,2})?(?:[A-Za-z0-9@.:/]{3,12}[ \t]{1,2}){0,3}复制(?:打开|后打开|此链接|这条|此条|本条|该)"
    r"[^\n。！？]{0,40}?(?:打开|抖音|快手|淘宝|拼多多|京东|浏览|查看)[^\s。！？【】]{0,16}"
    r"|[￥¥€₤$(（][A-Za-z0-9]{8,16}[￥¥€₤$)）]"
)


def find(text: str) -> Iterator[Region]:
    """Addresses, with the platform's name before, the article's title and the call to open behind; then calls to copy."""
    for match in _BARE.finditer(text):
        start, end = match.span()
        after = _AFTER.match(text, end)
        if after is not None and (after["title"] or after["open"]):
            before = _BEFORE.search(text, max(0, start - _MOST_BEFORE), start)
            yield Region(before.start() if before else start, after.end())
            continue
        while text[end - 1] in ".,;:!?'\")*" and end > start + 8:
            end -= 1
        yield Region(start, end)
    if "复制" in text:
        for match in _COPY.finditer(text):
            yield Region(*match.span())


_SIGN = re.compile(r"://|www\.|WWW\.|复制|\.com/|\.cn/|\.net/|\.co/|\.cc/|\.me/|\.top/|\.shop/|\.app/")
FINDER = Finder(
    "link",
    (
        "://",
        "www.",
        "WWW.",
        "复制",
        "複製",
        "復制",
        ".com/",
        ".cn/",
        ".net/",
        ".co/",
        ".cc/",
        ".me/",
        ".top/",
        ".shop/",
        ".app/",
    ),
    _SIGN.search,
    find,
)
