"""Single values as people write them -> checked values: one rule for HTTP, data files and the MLflow model.

Blanks, case and full width do not matter; a sum may carry its sign, unit and thousands separators; a tier may have its usual
Chinese name. What only a whole column can tell (which number of 11/12/2026 is the month) is in ``intake/values.py``.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from decimal import Decimal
from typing import Any

from triage.errors import TicketError, UnreadableError

TIERS: tuple[str, ...] = ("regular", "silver", "gold", "vip")
"""Customer tiers from the lowest to the highest; the policy relies on this order."""

MAX_COUNT = 10_000

_SIMPLIFIED = str.maketrans("黃會員鑽銀貴賓鉑級戶註冊", "黄会员钻银贵宾铂级户注册")

_TIER_WORDS: dict[str, str] = {
    **dict.fromkeys(("普通", "普通客户", "普通会员", "普通用户", "一般", "普卡", "铜牌", "铜卡", "青铜", "青铜会员", "非会员"), "regular"),
    **dict.fromkeys(("注册会员", "新客", "新客户", "normal", "basic", "standard", "bronze", "非vip"), "regular"),
    **dict.fromkeys(("银卡", "银卡会员", "白银", "白银会员", "白银客户", "银牌", "银牌会员", "银级"), "silver"),
    **dict.fromkeys(("金卡", "金卡会员", "黄金", "黄金会员", "黄金客户", "金牌", "金牌会员", "金牌客户", "金级"), "gold"),
    **dict.fromkeys(("贵宾", "贵宾客户", "vip客户", "vip会员", "vip用户", "v.i.p", "v.i.p."), "vip"),
    **dict.fromkeys(("钻石", "钻石会员", "钻石卡", "铂金", "铂金会员", "铂金卡", "白金", "白金会员", "白金卡", "黑卡"), "vip"),
    **dict.fromkeys(("黑金", "黑金会员", "至尊", "至尊会员", "platinum", "diamond", "大客户", "重点客户"), "vip"),
}  # fmt: skip

NULL_WORDS = (
    "nan null none n/a #n/a na <na> nat nil nul undefined \\n #value! #ref! #div/0! #name? #num! #null! - -- --- — —— – − / \\ . * "
    "? ?? ??? 空 空值 空白 (空) (空白) (null) (blank) (none) blank [空] [null] <null> 无 暂无 没有 未填 未填写"
)
"""What programs and people write into a cell that holds nothing, with blanks between, as :func:`folded`."""

_AMOUNT = re.compile(
    r"(?:rmb|cny|人民币|¥)?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*"
    r"(?P<unit>万|w|千|k)?\s*(?:元整|元|圆|块钱|块|rmb|cny|人民币)?"
)
_UNITS = {"万": 10_000, "w": 10_000, "千": 1_000, "k": 1_000}
_COUNT = re.compile(r"(?:第\s*)?(?P<number>\d+(?:\.0+)?|[一二两三四五六七八九十])\s*(?:次|回|遍|times|time|x)?")
_FIRST = ("首次", "初次")
_DIGITS = {sign: i for i, sign in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
_ROUNDED = re.compile(r"\d(?:\.\d+)?e\+?\d{2}", re.IGNORECASE)


def folded(value: str) -> str:
    """For comparison: compatibility forms (NFKC) and letter case levelled, blanks at the ends cut off, inner ones single."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def is_null(value: Any) -> bool:
    """Whether a side field holds nothing: None, NaN, blank, or one of the usual words for it (NULL, #N/A, 空, —)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and (not (text := folded(value)) or text in _nulls())


@functools.cache
def _nulls() -> frozenset[str]:
    return frozenset(NULL_WORDS.split())


def text(name: str, value: Any) -> str:
    """A text as it is; None is an empty one (a message with only a picture)."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TicketError(f"{name} 应是字符串；收到的是{kind_of(value)} {value!r:.60}", field=name)
    return value


def short(name: str, value: Any) -> str:
    """An id or a channel: 1–128 visible characters, blanks at the ends cut off; a whole number is its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = text(name, value).strip()
    if len(found) > 128 or not found.isprintable():
        raise UnreadableError(f"{name} 应是 1–128 个可见字符；收到的是 {found!r:.80}", kind="short", field=name)
    return found


def identifier(name: str, value: Any) -> str:
    """An id; one that a spreadsheet rounded (2.02611E+17) is none any more."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    if is_rounded(value):
        raise UnreadableError(f"{name} 的 {value!r:.40} {ROUNDED}", kind="rounded", field=name)
    return short(name, value)


ROUNDED = (
    "是被表格软件改成科学计数的数，后面的数字已经丢了，认不出是哪张工单；"
    "请把这一列设成文本，从原来的系统重新导出，或者不要这一列"
)


def is_rounded(value: Any) -> bool:
    """Whether an id lost its last digits to scientific notation."""
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) >= 10**15
    return isinstance(value, str) and bool(_ROUNDED.fullmatch(value.strip()))


def tier(name: str, value: Any) -> str:
    """One of :data:`TIERS`, or a usual word for one (VIP, 金卡, 黄金会员)."""
    word = folded(value) if isinstance(value, str) else ""
    word = word if word in TIERS else _TIER_WORDS.get(word.replace(" ", "").translate(_SIMPLIFIED), "")
    if not word:
        raise UnreadableError(
            f"{name} 应是 {'、'.join(TIERS)} 之一（VIP、金卡、黄金会员这样的也可以）；收到的是 {value!r:.60}",
            kind="tier",
            field=name,
        )
    return word


def amount(name: str, value: Any) -> float:
    """Yuan, not below 0: 1280, "1,280.00", ¥1280, 1280元, 1.2万."""
    found: float | None = None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        found = (
            float(value) if isinstance(value, float) or abs(int(value)) < 10**300 else None
        )  # a longer one fits no float
    elif isinstance(value, str) and (match := _AMOUNT.fullmatch(folded(value))):
        found = float(match["number"].replace(",", "")) * _UNITS.get(match["unit"] or "", 1)
    if found is None or not math.isfinite(found) or found < 0:
        raise UnreadableError(
            f"{name} 应是不小于 0 的数（元），1,280.00、¥1280、1280元、1.2万也可以；收到的是 {value!r:.60}",
            kind="amount",
            field=name,
        )
    return round(found, 6)


def count(name: str, value: Any) -> int:
    """How often a customer has written, from 1: 2, "2", 2.0, 第2次."""
    found = 0
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        found = int(value) if math.isfinite(value) and value == int(value) else 0
    elif isinstance(value, str):
        word = folded(value)
        if word in _FIRST:
            found = 1
        elif match := _COUNT.fullmatch(word):
            number = match["number"]
            found = _DIGITS[number] if number in _DIGITS else int(float(number))
    if not 1 <= found <= MAX_COUNT:
        raise UnreadableError(
            f"{name} 应是 1 到 {MAX_COUNT} 的整数（含这一次），“第2次”也可以；收到的是 {value!r:.60}",
            kind="count",
            field=name,
        )
    return found


def kind_of(value: Any) -> str:
    """What a JSON value is, in Chinese."""
    names = {type(None): "null", bool: "布尔值", int: "数字", float: "数字", str: "字符串", list: "数组", dict: "对象"}
    return names.get(type(value), type(value).__name__)
