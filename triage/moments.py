"""Moments as people and programs write them -> aware datetimes. One rule for HTTP, data files and the command line.

A moment without a zone is China time. What could be two days (11/12/2026) is refused unless the caller knows which of the two
numbers is the month: a column of a file can show it, a single value cannot.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Literal

from triage.errors import UnreadableError

SHOP_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Zone of a timestamp that names none: China has had one zone and no daylight saving since 1992."""

Order = Literal["day", "month"]
"""Which number stands first in a date like 11/12/2026."""

EXAMPLE = "2026-11-11T12:00:00+08:00"

_SERIAL_ZERO = datetime(1899, 12, 30)
_SERIALS = (36_526, 73_051)
"""Days that a spreadsheet counts from the end of 1899: 2000-01-01 to 2099-12-31."""

_EPOCHS = (946_684_800, 4_102_444_800)
"""Seconds since 1970: the same hundred years."""

_NUMBER = re.compile(r"\d+(\.\d+)?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")

_MONTHS = {
    name: i
    for i, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_MONTHS |= {
    name: i
    for i, name in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], start=1)
}

_MORNING = ("am", "a.m.", "上午", "早上", "早晨", "清晨", "凌晨", "半夜")
_EVENING = ("pm", "p.m.", "下午", "晚上", "傍晚", "晚间")
_NOON = ("中午", "正午")
_HALF = "|".join(map(re.escape, (*_MORNING, *_EVENING, *_NOON)))

_WEEKDAY = r"(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?)"
_DAYS = (
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号]?",
    r"(?P<a>\d{1,2})\s*(?P<sign>[-/.])\s*(?P<b>\d{1,2})\s*(?P=sign)\s*(?P<y>\d{4})",
    r"(?P<d>\d{1,2})[-/. ](?P<name>[a-z]{3}|[一二三四五六七八九十]{1,2})(?:[a-z]*|月)[-/., ]+(?P<y>\d{4}|\d{2})",
    r"(?P<name>[a-z]{3})[a-z]*\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})",
)
_TIME = (
    rf"(?P<before>{_HALF})?\s*(?P<hour>\d{{1,2}})\s*[:时点]\s*(?P<minute>\d{{1,2}})?\s*分?"
    rf"(?:\s*:?\s*(?P<second>\d{{1,2}})(?:[.,]\d+)?\s*秒?)?\s*(?P<after>{_HALF})?"
)
_ZONE = r"(?P<zone>(?:z|utc|gmt)?\s*(?:[+-]\s*\d{1,2}(?::?\d{2})?)?|北京时间|中国标准时间)"
_FORMS = tuple(
    re.compile(rf"{_WEEKDAY}?\s*{day}(?:[\sT,]*{_WEEKDAY})?(?:[\sT,]*{_TIME})?\s*{_ZONE}", re.IGNORECASE)
    for day in _DAYS
)
_CTIME = re.compile(rf"{_WEEKDAY}\s+(?P<name>[a-z]{{3}})\s+(?P<d>\d{{1,2}})\s+{_TIME}\s+(?P<y>\d{{4}})(?P<zone>)", re.I)


def parse_time(name: str, value: Any, *, order: Order | None = None, zone: timezone = SHOP_TIME) -> datetime:
    """Reads one moment: ISO 8601; dates and times as Chinese and English programs write them, am and pm in words; seconds or
    milliseconds since 1970; a spreadsheet's day number.

    Args:
        order: which number stands first in 11/12/2026, where the caller knows.
        zone: of a moment that names none.

    Raises:
        UnreadableError: of kind ``date_order`` where it could be two days, else ``date``.
    """
    try:
        moment = value if isinstance(value, datetime) else _read(name, value, order)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableError(
            f"{name} 应是 ISO 8601 时间，如 {EXAMPLE}（2026/11/3 9:12、2026年11月3日 上午9:12 这样的也可以）；"
            f"收到的是 {value!r:.60}",
            kind="date",
            field=name,
        ) from None
    return moment


def numbers_of(value: Any) -> tuple[int, int] | None:
    """The first two numbers of a date whose day and month could be exchanged in writing (11/12/2026); None for others."""
    if not isinstance(value, str):
        return None
    found = _FORMS[1].fullmatch(_plain(value))
    return (int(found["a"]), int(found["b"])) if found else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _read(name: str, value: Any, order: Order | None) -> datetime:
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError
    text = _plain(value)
    if _NUMBER.fullmatch(text):  # before ISO 8601, which takes milliseconds for a day of the 18th century
        return _compact(text) or _counted(float(text))
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    for form in (*_FORMS, _CTIME):
        if found := form.fullmatch(text):
            return _built(name, value, found, order)
    raise ValueError


def _counted(number: float) -> datetime:
    """A day number of a spreadsheet, or seconds or milliseconds since 1970."""
    if _SERIALS[0] <= number < _SERIALS[1]:
        return _SERIAL_ZERO + timedelta(seconds=round(number * 86_400))
    for unit in (1, 1_000):
        if _EPOCHS[0] <= number / unit < _EPOCHS[1]:
            return datetime.fromtimestamp(number / unit, UTC)
    raise ValueError


def _compact(text: str) -> datetime | None:
    """20261103, 202611030912 and 20261103091200."""
    found = _COMPACT.fullmatch(text)
    return datetime(*(int(part) for part in found.groups() if part)) if found else None  # type: ignore[arg-type]


def _built(name: str, value: str, found: re.Match[str], order: Order | None) -> datetime:
    parts = found.groupdict()
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    month, day = _month_and_day(name, value, parts, order)
    hour = _hour(parts)
    at = datetime(year, month, day, hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
    return at.replace(tzinfo=_zone(parts["zone"]))


def _month_and_day(name: str, value: str, parts: dict[str, Any], order: Order | None) -> tuple[int, int]:
    if parts.get("name"):
        return _MONTHS.get(parts["name"], 0), int(parts["d"])
    if "a" not in parts:
        return int(parts["m"]), int(parts["d"])
    a, b = int(parts["a"]), int(parts["b"])
    if a > 12 or order == "day":
        return b, a
    if b > 12 or order == "month" or a == b:
        return a, b
    raise UnreadableError(
        f"{name} 的 {value!r:.60} 说不清是 {a} 月 {b} 日还是 {b} 月 {a} 日；请写成 {parts['y']}-月-日",
        kind="date_order",
        field=name,
    )


def _hour(parts: dict[str, Any]) -> int:
    """The hour of 24; "下午 3" is 15, "上午 12" is 0, "中午 1" is 13."""
    if not parts.get("hour"):
        return 0
    hour = int(parts["hour"])
    half = parts["before"] or parts["after"]
    if half is None or hour > 12:
        return hour
    if half in _MORNING:
        return hour % 12
    if half in _NOON:
        return hour if hour >= 10 else hour + 12
    if hour == 12 and half not in ("下午", "pm", "p.m."):
        raise ValueError  # "晚上 12 点" ends a day or begins one
    return hour % 12 + 12


def _zone(text: str) -> timezone | None:
    if not text:
        return None
    if text in ("北京时间", "中国标准时间"):
        return SHOP_TIME
    found = re.search(r"([+-])\s*(\d{1,2}):?(\d{2})?$", text)
    if not found:
        return UTC
    shift = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-shift if found[1] == "-" else shift)
