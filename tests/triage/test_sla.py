"""Due times: opening hours, holidays, make-up days, and the order they must keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.sla import DAY_MINUTES, Hours, due_time
from triage.ticket import SHOP_TIME

NINE_TO_SIX = ((540, 1080),)
OFFICE = Hours(week=(NINE_TO_SIX,) * 5 + ((), ()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-11T10:00", 60, "2026-11-11T11:00"),
        ("2026-11-11T17:30", 60, "2026-11-12T09:30"),  # the rest counts from the next opening
        ("2026-11-11T03:00", 30, "2026-11-11T09:30"),  # came at night: the clock starts in the morning
        ("2026-11-11T17:00", 60, "2026-11-11T18:00"),  # exactly to closing time stays on the day
        ("2026-11-13T17:30", 60, "2026-11-16T09:30"),  # over the weekend
        ("2026-11-14T12:00", 540, "2026-11-16T18:00"),  # a whole shift from a Saturday
    ],
)
def test_counts_only_opening_time(start: str, minutes: int, due: str) -> None:
    assert due_time(at(start), minutes, OFFICE) == at(due)


def test_lunch_break_stops_the_clock() -> None:
    hours = Hours(week=(((540, 720), (810, 1080)),) * 7)
    assert due_time(at("2026-11-11T11:30"), 60, hours) == at("2026-11-11T14:00")
    assert due_time(at("2026-11-11T12:15"), 30, hours) == at("2026-11-11T14:00")


def test_holidays_are_closed_and_make_up_days_open() -> None:
    holidays = frozenset(date(2026, 10, day) for day in range(1, 8))
    hours = Hours(week=OFFICE.week, holidays=holidays, workdays=frozenset({date(2026, 10, 10)}))
    assert due_time(at("2026-09-30T17:30"), 60, hours) == at("2026-10-08T09:30")
    assert due_time(at("2026-10-09T17:30"), 60, hours) == at("2026-10-10T09:30")  # a Saturday
    assert due_time(at("2026-10-10T17:30"), 60, hours) == at("2026-10-12T09:30")  # Sunday stays closed


@pytest.mark.parametrize("hours", [None, Hours()])
def test_the_clock_that_never_stops(hours: Hours | None) -> None:
    assert due_time(at("2026-11-10T23:50"), 15, hours) == at("2026-11-11T00:05")


def test_other_zones_come_back_in_china_time_to_the_second() -> None:
    due = due_time(datetime(2026, 11, 11, 1, 30, 7, 999_999, tzinfo=UTC), 30, OFFICE)
    assert due.isoformat() == "2026-11-11T10:00:07+08:00"
    assert due.tzinfo is SHOP_TIME


shifts = st.lists(st.integers(0, DAY_MINUTES), unique=True, max_size=6).map(
    lambda marks: tuple(zip(*[iter(sorted(marks))] * 2, strict=False))
)
opening = st.builds(
    Hours,
    week=st.tuples(*[shifts] * 7).filter(any),
    holidays=st.frozensets(st.dates(date(2026, 11, 1), date(2026, 11, 30)), max_size=8),
)
moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 30)).map(lambda d: d.replace(tzinfo=SHOP_TIME))


@given(opening, moments, st.integers(1, 3_000), st.integers(0, 3_000), st.integers(0, 5_000))
def test_later_start_or_more_minutes_is_never_due_earlier(
    hours: Hours, start: datetime, minutes: int, more: int, later: int
) -> None:
    due = due_time(start, minutes, hours)
    assert due_time(start, minutes + more, hours) >= due
    assert due_time(start + timedelta(minutes=later), minutes, hours) >= due
    assert due >= due_time(start, minutes, None)


@given(opening, moments, st.integers(1, 3_000))
def test_agrees_with_counting_minute_by_minute(hours: Hours, start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    due = due_time(start, minutes, hours)
    day, total = start.date(), 0.0
    while day <= due.date():
        midnight = datetime.combine(day, datetime.min.time(), tzinfo=SHOP_TIME)
        for opens, closes in hours.shifts(day):
            begin = max(start, midnight + timedelta(minutes=opens))
            end = min(due, midnight + timedelta(minutes=closes))
            total += max((end - begin).total_seconds() / 60, 0)
        day += timedelta(days=1)
    assert total == minutes
