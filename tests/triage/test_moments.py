"""Moments as people and programs write them; what could be two days is refused."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import TicketError, UnreadableError
from triage.moments import SHOP_TIME, numbers_of, parse_time

NINE = datetime(2026, 11, 3, 9, 12, tzinfo=SHOP_TIME)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-03T09:12:00+08:00",
        "2026-11-03 09:12",
        "2026/11/3 9:12",
        "2026/11/03 09:12:00",
        "2026.11.3 9:12",
        "2026年11月3日 9:12",
        "2026年11月3日 上午9:12",
        "2026年11月3日 星期二 上午 9时12分",
        "2026/11/3 AM 9:12",
        "2026/11/3 9:12 am",
        "２０２６／１１／３　９：１２",
        "2026-11-03 01:12:00 UTC",
        "2026-11-03T01:12:00Z",
        "2026-11-03 01:12 GMT",
        "2026-11-03 09:12:00 +0800",
        "2026-11-03 09:12 GMT+8",
        "2026-11-03 09:12 北京时间",
        "Nov 3, 2026 9:12 AM",
        "3 Nov 2026 09:12",
        "Tue, 03 Nov 2026 09:12:00 +0800",
        "Tue Nov  3 09:12:00 2026",
        "03/Nov/26 9:12 AM",
        "03/十一月/26 9:12 上午",
        "20261103091200",
        "202611030912",
        "1793668320",
        1793668320,
        1793668320000,
        "1793668320000",
        "46329.383333333",
        46329.383333333,
    ],
)
def test_these_are_twelve_past_nine(written: Any) -> None:
    assert parse_time("created_at", written) == NINE


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026/11/3 下午3:05", 15),
        ("2026/11/3 3:05 PM", 15),
        ("2026/11/3 下午 15:05", 15),
        ("2026/11/3 上午12:05", 0),
        ("2026/11/3 12:05 AM", 0),
        ("2026/11/3 12:05 PM", 12),
        ("2026/11/3 中午12:05", 12),
        ("2026/11/3 中午1:05", 13),
        ("2026/11/3 凌晨2:05", 2),
        ("2026/11/3 晚上8:05", 20),
    ],
)
def test_halves_of_the_day(written: str, hour: int) -> None:
    assert parse_time("at", written).hour == hour


def test_a_day_alone_is_its_midnight() -> None:
    midnight = datetime(2026, 11, 3, tzinfo=SHOP_TIME)
    for written in ("2026年11月3日", "2026/11/3", "20261103", 46329, "46329", date(2026, 11, 3)):
        assert parse_time("at", written) == midnight


def test_which_number_is_the_month_must_be_known() -> None:
    with pytest.raises(UnreadableError, match="11 月 12 日还是 12 月 11 日") as caught:
        parse_time("created_at", "11/12/2026 8:00")
    assert (caught.value.kind, caught.value.field) == ("date_order", "created_at")
    assert parse_time("at", "11/12/2026", order="day") == datetime(2026, 12, 11, tzinfo=SHOP_TIME)
    assert parse_time("at", "11/12/2026", order="month") == datetime(2026, 11, 12, tzinfo=SHOP_TIME)
    assert parse_time("at", "13/12/2026").day == 13
    assert parse_time("at", "12/13/2026").day == 13
    assert parse_time("at", "12/12/2026").day == 12
    assert numbers_of("11/12/2026 8:00") == (11, 12)
    assert numbers_of("2026/11/12") is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "昨天",
        "下午3:05",
        "2026-13-01",
        "2026/2/30",
        "26/11/3",
        12,
        "12",
        True,
        None,
        [],
        "晚上12点",
        "2026/11/3 晚上12:00",
        "2026/11/3 25:00",
        9e99,
        -1,
        float("nan"),
        float("inf"),
        "9" * 400,
    ],
)
def test_these_are_no_moments(written: Any) -> None:
    with pytest.raises(TicketError, match="created_at"):
        parse_time("created_at", written)


def test_a_zone_that_the_caller_knows() -> None:
    assert parse_time("at", "2026-11-03 01:12", zone=UTC) == NINE
    assert parse_time("at", "2026-11-03 09:12+08:00", zone=UTC) == NINE


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))
ZONES = st.integers(-11, 13).map(lambda h: timezone(timedelta(hours=h)))


@given(MOMENTS, ZONES)
def test_what_we_write_is_read_back(moment: datetime, zone: timezone) -> None:
    there = moment.astimezone(zone)
    assert parse_time("at", there.isoformat()) == moment
    assert parse_time("at", int(moment.timestamp())) == moment.replace(microsecond=0)
    local = moment.astimezone(SHOP_TIME).replace(second=0, microsecond=0)
    assert parse_time("at", f"{local:%Y}/{local.month}/{local.day} {local.hour}:{local:%M}") == local
    assert parse_time("at", f"{local:%Y}年{local.month}月{local.day}日 {local.hour}:{local:%M}") == local


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(TicketError):
        assert parse_time("at", text).tzinfo is not None
