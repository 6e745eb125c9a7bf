"""Shares and intervals as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a person reads it; a dash for None."""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


def between(interval: Sequence[float] | None, digits: int = 3, percent: bool = False) -> str:
    """An interval as a person reads it; a dash for None."""
    if interval is None:
        return "–"
    low, high = (value * 100 if percent else value for value in interval)
    return f"{low:.{digits}f}–{high:.{digits}f}" + (" %" if percent else "")
