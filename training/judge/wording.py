"""Shares and intervals as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.judge.harm import HarmReport


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a person reads it; a dash for None."""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


def between(interval: Sequence[float] | None, digits: int = 3, percent: bool = False) -> str:
    """An interval as a person reads it; a dash for None."""
    if interval is None:
        return "–"
    low, high = (value * 100 if percent else value for value in interval)
    return f"{low:.{digits}f}–{high:.{digits}f}" + (" %" if percent else "")


def harm_words(found: HarmReport) -> str:
    """One line on the tickets that must not be missed."""
    low, high = found.interval
    said = f"{found.label} 的 {found.n:,} 条里认出 {found.found:,} 条（{percent(found.recall)}，{low:.3f}–{high:.3f}）"
    if not found.missed:
        return f"{said}，没有漏掉的"
    return (
        f"{said}；漏掉的 {found.missed:,} 条里，按 {found.profile} 策略仍是 P1/P2 的 {found.missed_pressing:,} 条，"
        f"有人先看的 {found.missed_seen:,} 条，两样都没有的 {found.lost:,} 条"
    )
