"""Hides personal data before a text is stored, logged, tracked or learned from; nobody can turn it back.

Every find is overwritten by its kind and stars **of the same length** (``13812345678`` -> ``[手机号]******``), so that offsets
into the raw text and into the masked text are the same numbers, and a reader still sees what stood there.
Patterns are matched on the folded text, so full-width digits are found too. Masking a masked text changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.normalise import clean, fold_same_length

KINDS: tuple[str, ...] = ("身份证号", "银行卡号", "手机号", "电话", "邮箱", "税号", "订单号", "地址")

_WATCH = re.compile(
    r"[\da-zA-Z@＠一二三四五六七八九十百](?:(?<=\d)(?:[ \-－]?\d){6}|(?<=[@＠])|(?<=[0-9a-zA-Z])[0-9a-zA-Z]{17}"
    r"|(?<=[\d一二三四五六七八九十百])[a-zA-Z]?[ \-]?(?:号|弄|栋|幢|棟|座|单元|單元|室|层|層|楼|樓|门|門|组|队))"
)
"""One cheap look (full-width digits are ``\\d`` too): most tickets have nothing to hide and are done here. One set of
characters stands in front, so that Python's ``re`` skips to the next of them instead of trying every alternative everywhere."""

_GAP = r"[ \-]?"
_ID = re.compile(r"(?<![0-9a-z])\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9x](?![0-9a-z])")
_CARD = re.compile(rf"(?<![0-9a-z])[3-6]\d{{3}}(?:{_GAP}\d{{4}}){{2}}{_GAP}\d{{3,4}}(?:{_GAP}\d{{1,3}})?(?![0-9a-z])")
_MOBILE = re.compile(rf"(?<![0-9a-z])(?:\+?86{_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}){{2}}(?!\d)")
_PHONE = re.compile(
    r"(?<![0-9a-z])(?:\(0\d{2,3}\) ?|0\d{2,3}[ \-]?)[2-9]\d{6,7}(?!\d)|(?<![0-9a-z])[48]00-?\d{3}-?\d{4}(?!\d)"
)
_EMAIL = re.compile(r"(?<![a-z0-9._%+\-])[a-z0-9._%+\-]++@[a-z0-9\-]++(?:\.[a-z0-9\-]++)+")
_TAX = re.compile(r"(?<![0-9a-z])9[0-9a-hj-npqrtuwxy]{17}(?![0-9a-z])")
_NUMBER = re.compile(r"(?<![0-9a-z.])[a-z]{0,5}[\-]?\d{8,}+[a-z]{0,2}(?![0-9a-z]|\.\d)")
_DATE = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

_NUM = r"(?:\d{1,5}[a-z]?|[一二三四五六七八九十百]{1,4})"
_ROAD = r"[\u4e00-\u9fd5a-z0-9]"
_NOT_NAME = "到在是去往至寄送给改成为换的了我你他她从把和跟与这那后前上下有没要请"
_PLACE = rf"(?:(?![{_NOT_NAME}]){_ROAD}){{2,6}}?(?:路|大街|街道|街|大道|巷|胡同|弄堂|小区|花园|公寓|家园|新村|村|苑|大厦|广场|里弄)"
_UNIT = rf"(?:\(?[东西南北中]?(?:区|段|路)?\)?{_NUM}[ \-]?(?:号院|号楼|号|弄|栋|幢|座|单元|室|层|楼|门|组|队))"
_ADDRESS = re.compile(
    rf"{_PLACE}(?:{_ROAD}{{0,8}}?{_UNIT})+(?:[ \-]?\d{{2,5}}(?!\d|元|块|天|个|件|点))?|{_UNIT}{{2,}}(?:\d{{2,5}})?"
)

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("邮箱", _EMAIL),
    ("身份证号", _ID),
    ("税号", _TAX),
    ("手机号", _MOBILE),
    ("电话", _PHONE),
    ("银行卡号", _CARD),
    ("订单号", _NUMBER),
    ("地址", _ADDRESS),
)


def mask(text: str) -> str:
    """``text`` made storable (see :func:`features.normalise.clean`) with personal data overwritten; same length."""
    text = clean(text)
    while _WATCH.search(text):
        spans = list(find(text))
        if not spans:
            break
        out: list[str] = []
        at = 0
        for start, end, kind in spans:
            out += (text[at:start], _filler(kind, end - start))
            at = end
        text = "".join((*out, text[at:]))  # again: what stood beside a find may only now be seen by itself
    return text


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields (start, end, kind) of personal data in ``text``, in order, not overlapping."""
    folded = fold_same_length(text)
    spans: list[tuple[int, int, str]] = []
    for kind, pattern in _PATTERNS:

        def hide(match: re.Match[str], kind: str = kind) -> str:
            if not _plausible(kind, match.group()):
                return match.group()
            spans.append((*match.span(), kind))
            return "*" * (match.end() - match.start())

        folded = pattern.sub(hide, folded)
    yield from sorted(spans)


def _plausible(kind: str, found: str) -> bool:
    if kind == "订单号":
        return not _DATE.fullmatch(found)
    if kind == "银行卡号":
        digits = [int(c) for c in found if c.isdigit()]
        return 15 <= len(digits) <= 19 and _luhn(digits)
    return True


def _luhn(digits: list[int]) -> bool:
    """ISO/IEC 7812-1 check digit."""
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _filler(kind: str, length: int) -> str:
    return f"[{kind}]".ljust(length, "*")[:length]
