"""What a head's confidence is worth, in two pictures: does it come true, and what does it buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.judge import intervals, metrics
from training.judge.evaluate import HeadReport
from training.report.style import BLUE, GRID, INK, PALE, RED, SOFT, new, plain, say, speak, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 40
"""Columns of the histogram over the confidences that occur."""

_TOP = 0.9995
_MARKS = (0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999)

_DOTS = 400
"""Points of the coverage curve; more could not be told apart."""

_STEADY = 20
"""The coverage curve starts after so many answers: an error rate of fewer jumps about."""


def reliability(report: HeadReport) -> Figure:
    """Above: stated confidence against what came true, bins of equal mass with exact 95 % intervals, and each label's limit.

    Below: how many answers have which confidence, and how many of them were wrong. Both axes are log-odds, because most
    answers are over 90 % and what may go out alone is decided there; what is over the last mark is drawn on it.
    """
    figure, _ = new(5.6, 6.6)
    figure.clear()
    grid = figure.add_gridspec(2, 1, height_ratios=(4, 1.15), hspace=0.02)
    axes = figure.add_subplot(grid[0])
    below = figure.add_subplot(grid[1], sharex=axes)
    for one in (axes, below):
        plain(one)
    bins = report.bins
    low, high = intervals.proportions(np.rint(bins.accuracy * bins.count), bins.count)
    floor = float(np.clip(min(report.confidence.min(), low.min()) - 0.02, 0.02, 0.45))
    axes.plot([floor, _TOP], [floor, _TOP], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(
        _inside(bins.confidence, floor), _inside(low, floor), _inside(high, floor), color=BLUE, alpha=0.35, lw=3
    )
    at = _inside(bins.confidence, floor), _inside(bins.accuracy, floor)
    axes.plot(*at, color=BLUE, marker="o", markersize=5, linestyle="none", clip_on=False, zorder=3)
    axes.plot(*at, color=BLUE, linewidth=1, alpha=0.3)
    for scale, limit, ticks, all_marks in (
        (axes.set_xscale, axes.set_xlim, axes.set_xticks, _MARKS),
        (axes.set_yscale, axes.set_ylim, axes.set_yticks, (*_MARKS, 0.2, 0.8, 0.95, 0.995)),
    ):
        marks = sorted(mark for mark in all_marks if mark >= floor)
        scale("function", functions=(_log_odds, _share))
        limit(floor, _TOP)
        ticks(marks, [f"{mark * 100:g} %" for mark in marks])
        ticks([], minor=True)
    axes.grid(color=GRID)
    axes.tick_params(labelbottom=False)
    axes.set_ylabel(say("实际正确率", "Share that was right"))
    _limits(axes, below, report)
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 3}
    axes.text(0.97, 0.04, _figures(report), transform=axes.transAxes, ha="right", fontsize=9, color=INK, bbox=paper)
    said = _inside(report.confidence, floor)
    below.hist(
        [said[report.correct], said[~report.correct]],
        bins=_share(np.linspace(_log_odds(floor), _log_odds(_TOP), _COLUMNS + 1)).tolist(),
        stacked=True,
        color=[PALE, RED],
        label=[say("答对", "right"), say("答错", "wrong")],
    )
    below.grid(axis="y", color=GRID)
    below.set_xlabel(say("模型说的把握", "Stated confidence"))
    below.set_ylabel(say("条数", "Tickets"))
    below.legend(loc="upper left", frameon=False, fontsize=8.5)
    speak(below)
    title(axes, report.head, say("把握是否可信", "reliability"), f"n = {report.n:,}")
    return figure


def _log_odds(share: Any) -> Any:
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def _share(log_odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(log_odds)))


def _inside(share: metrics.Floats, floor: float) -> metrics.Floats:
    return np.clip(share, floor + 1e-9, _TOP - 1e-9)


def _figures(report: HeadReport) -> str:
    lines = []
    for name, value in (("ECE", report.ece), ("Brier", report.brier)):
        low, high = report.intervals[name.lower()] or (value, value)
        lines.append(f"{name} {value:.3f}  [{low:.3f}, {high:.3f}]")
    return "\n".join(lines)


def _limits(axes: Axes, below: Axes, report: HeadReport) -> None:
    """A thin line at each label's least confidence to act alone."""
    known = np.minimum(report.limits[~np.isnan(report.limits)], _TOP)
    for i, limit in enumerate(np.unique(known).tolist()):
        for one in (axes, below):
            label = say("可自动处理的下限（各类）", "limit to act alone, by label") if i == 0 and one is axes else None
            one.axvline(limit, color=RED, alpha=0.45, linewidth=0.8, linestyle=(0, (2, 2)), label=label)
    if len(known):
        axes.legend(loc="upper left", frameon=False, fontsize=8.5)


def coverage(report: HeadReport) -> Figure:
    """Share of wrong answers among the surest ones, against how many those are; the target, and where the model stands.

    The curve is one limit for all labels (El-Yaniv, Wiener, JMLR 2010) with pointwise exact 95 % intervals. The model has
    a limit for each label, chosen beforehand on other tickets, so its point may lie off the curve.
    """
    order = np.argsort(-report.confidence, kind="stable")
    wrong = np.cumsum(~report.correct[order], dtype=np.int64)
    first = min(_STEADY, report.n)
    at = np.unique(np.linspace(first, report.n, _DOTS).round().astype(np.int64))
    error, share = wrong[at - 1] / at, at / report.n
    low, high = intervals.proportions(wrong[at - 1], at)
    figure, axes = new(6.0, 4.4)
    axes.fill_between(share, low * 100, high * 100, color=BLUE, alpha=0.14, linewidth=0)
    axes.plot(share, error * 100, color=BLUE, linewidth=1.6, label=say("一个统一下限", "one limit for all labels"))
    target = report.target
    if target is not None:
        label = say(f"目标 {target:.1%}", f"target {target:.1%}")
        axes.axhline(target * 100, color=RED, linewidth=1, linestyle=(0, (4, 3)), label=label)
    top = 100 * max(1.35 * float(error[-1]), 2 * (target or 0.005))
    reached = report.selective_error
    span = report.intervals["selective_error"]
    if reached is not None and span is not None:
        axes.vlines(report.coverage, span[0] * 100, span[1] * 100, color=INK, linewidth=1.4)
        says = f"{report.coverage:.1%} → {reached:.2%}"
        axes.plot(
            report.coverage,
            reached * 100,
            color=INK,
            marker="D",
            markersize=6,
            linestyle="none",
            label=say(f"本模型：{says}", f"this model: {says}"),
        )
        top = max(top, 150 * reached)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, min(top, 100))
    axes.set_xticks(np.linspace(0, 1, 6), [f"{x:.0%}" for x in np.linspace(0, 1, 6)])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.grid(color=GRID)
    axes.set_xlabel(say("自动处理的份额（覆盖率）", "Share answered without a person (coverage)"))
    axes.set_ylabel(say("其中错的", "Wrong among those"))
    axes.legend(loc="upper left", frameon=False, fontsize=8.5)
    title(axes, report.head, say("覆盖率与错误率", "coverage and error"), f"n = {report.n:,}")
    return figure
