"""When a ticket is due: minutes of working time, counted over a shop's opening hours. Pure calendar arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from triage.ticket import SHOP_TIME

DAY_MINUTES = 24 * 60

Shift = tuple[int, int]
"""One stretch of opening time within a day: [open, close) in minutes after midnight; close may be 1440."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours in China time.

    Attributes:
        week: seven entries, Monday first; each a sorted tuple of shifts that do not overlap. At least one is not empty.
        holidays: days on which the shop is closed whatever the weekday.
        workdays: make-up working days (调休上班): they take Monday's shifts, even on a weekend or a listed holiday.
    """

    week: tuple[tuple[Shift, ...], ...] = field(default=(((0, DAY_MINUTES),),) * 7)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @property
    def always_open(self) -> bool:
        """Whether the clock never stops."""
        return not self.holidays and all(shifts == ((0, DAY_MINUTES),) for shifts in self.week)

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The opening times of one day."""
        if day in self.workdays:
            return self.week[0]
        return () if day in self.holidays else self.week[day.weekday()]


def due_time(start: datetime, minutes: int, hours: Hours | None = None) -> datetime:
    """The moment by which ``minutes`` of opening time have passed since ``start``.

    A ticket that comes outside the opening hours starts its clock at the next opening. The answer never moves earlier
    when ``start`` moves later or ``minutes`` grows, so an ordering by priority and due time stays meaningful.

    Args:
        start: aware.
        minutes: > 0.
        hours: opening hours; None counts every minute of the day.

    Returns:
        An aware moment in China time, to the second.
    """
    local = start.astimezone(SHOP_TIME).replace(microsecond=0)
    if hours is None or hours.always_open:
        return local + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = local.date()
    # The profile reader promises that some weekday is open and that the holidays are finitely many: this ends.
    while True:
        midnight = datetime.combine(day, time(), tzinfo=SHOP_TIME)
        for opens, closes in hours.shifts(day):
            begin = max(local, midnight + timedelta(minutes=opens))
            room = midnight + timedelta(minutes=closes) - begin
            if room <= timedelta():
                continue
            if left <= room:
                return begin + left
            left -= room
        day += timedelta(days=1)
