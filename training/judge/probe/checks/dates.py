"""The same story some months earlier or later: every date of the ticket moves by the same span.

The model is not told what day it is, so a date by itself says nothing; the days *between* two dates do (waiting for a
refund since …), and they stay. Left alone is a ticket that hangs on the calendar: a date up to which something is needed,
today and tomorrow beside a date, the days of a sale or a feast.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

from training.judge.probe.check import Check

_DATE = re.compile(r"(?<![\d.])(?:(20\d\d)年)?(1[0-2]|[1-9])月([12]\d|3[01]|[1-9])([日号])")
_HANGS = re.compile(
    r"今天|今日|今早|今晚|明天|明早|明晚|后天|昨天|昨日|昨晚|前天|本月|上月|下月|下周|本周|上周|周[一二三四五六日末]|星期"
    r"|之前|以前|日前|号前|前要|前用|截止|到期|过期|期限|前发|前到|婚|生日|开学|考试|演出|展会|年会|出发|航班|机票"
    r"|节|双1|双十|双一|618|元旦|春|年货|\d\.\d{1,2}(?!\d)|\d月(?!\d)|[一二三四五六七八九十]月|[上中下]旬|月[初底中末]|(?<!月)\d{1,2}[日号]"
)


def perturb(text: str, rng: random.Random) -> str | None:
    found = list(_DATE.finditer(text))
    if not found or _HANGS.search(_DATE.sub("", text)):
        return None
    if any(re.match(r"[^，。；]{0,4}(?:前|截|到期|要用|止)", text[one.end() :]) for one in found):
        return None
    days = [_read(one) for one in found]
    if None in days:
        return None
    shift = timedelta(days=rng.choice((-1, 1)) * rng.randint(40, 200))
    out: list[str] = []
    at = 0
    for one, day in zip(found, days, strict=True):
        assert day is not None
        moved = day + shift
        year = f"{moved.year}年" if one.group(1) else ""
        out += (text[at : one.start()], f"{year}{moved.month}月{moved.day}{one.group(4)}")
        at = one.end()
    return "".join((*out, text[at:]))


def _read(found: re.Match[str]) -> date | None:
    """The day; one without a year is of a year without a leap day."""
    try:
        return date(int(found.group(1) or 2025), int(found.group(2)), int(found.group(3)))
    except ValueError:
        return None


CHECK = Check("dates", "日期整体前移或后移", "invariance", perturb)
