"""Pictures of a comparison: where each class moved, and what both models' confidence is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from training.judge import metrics
from training.judge.compare import HeadComparison, Side
from training.judge.gate import Status
from training.report.style import BLUE, GRID, INK, PALE, RED, SOFT, drawable, new, say, shown, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS: Mapping[Status, str] = {"worse": RED, "held": BLUE, "open": SOFT, "untested": PALE}


def classes(
    one: HeadComparison, status: Mapping[str, Status], margin: float, names: Mapping[str, str], both: tuple[str, str]
) -> Figure:
    """Each class's difference in recall with its one-sided 95 % limits, the largest class on top, and the margin.

    Args:
        names: label -> what people call it. ``both``: names of champion and challenger.
    """
    order = sorted(one.classes, key=lambda code: one.classes[code].n)
    drawn_as = dict(zip(one.labels, shown(one.labels, names), strict=True))
    first, second = _sides(both)
    figure, axes = new(7.4, max(2.6, 0.42 * len(order) + 1.7))
    axes.axvline(0, color=INK, linewidth=0.9)
    axes.axvline(-margin * 100, color=RED, linewidth=1, linestyle=(0, (4, 3)))
    drawn: set[Status] = set()
    meaning = {
        "worse": say("变差了", "shown worse"),
        "held": say("没有变差", "shown to hold"),
        "open": say("没有定论", "undecided"),
        "untested": say("太少，没有检验", "too few, not tested"),
    }
    for place, code in enumerate(order):
        found, kind = one.classes[code], status[code]
        colour = _COLOURS[kind]
        d = found.of.difference * 100
        label = meaning[kind] if kind not in drawn else None
        drawn.add(kind)
        axes.barh(place, d, color=colour, height=0.56, alpha=0.55, label=label)
        axes.hlines(place, found.of.low * 100, found.of.high * 100, color=colour, linewidth=1.8)
        axes.plot(d, place, color=colour, marker="o", markersize=5, linestyle="none")
    axes.set_yticks(range(len(order)), [f"{drawn_as[c]}  ({one.classes[c].n:,})" for c in order])
    axes.tick_params(axis="y", length=0)
    reach = max(3.0, *(100 * max(-c.of.low, c.of.high) for c in one.classes.values()), 150 * margin)
    axes.set_xlim(-min(reach, 100) * 1.06, min(reach, 100) * 1.06)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+g}" if value else "0")
    axes.grid(axis="x", color=GRID)
    axes.set_xlabel(
        say(
            f"召回率之差（百分点）：{second} 减 {first}；红虚线是容许的 −{margin * 100:g}",
            f"difference in recall (points): {second} minus {first}; dashed: the margin of −{margin * 100:g}",
        )
    )
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=8.5)
    title(axes, one.head, say("每一类找回多少", "recall of each class"), f"n = {one.n:,}")
    return figure


def reliability(one: HeadComparison, both: tuple[str, str]) -> Figure:
    """Stated confidence against what came true, of both: above the line is too modest, below too sure."""
    figure, axes = new(5.4, 4.8)
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
    floor = 1.0
    first, second = _sides(both)
    for side, name, colour, marker in ((one.champion, first, SOFT, "s"), (one.challenger, second, BLUE, "o")):
        bins = _bins(one, side)
        floor = min(floor, float(bins.confidence.min()), float(bins.accuracy.min()))
        error = f"ECE {metrics.ece(bins):.3f}"
        axes.plot(bins.confidence, bins.accuracy, color=colour, marker=marker, markersize=5, linewidth=1, alpha=0.85)
        axes.plot([], [], color=colour, marker=marker, markersize=5, linewidth=1, label=f"{name}   {error}")
    low = max(0.0, float(np.floor(floor * 10) / 10) - 0.02)
    axes.set_xlim(low, 1.01)
    axes.set_ylim(low, 1.01)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(color=GRID)
    axes.set_xlabel(say("模型说的把握", "Stated confidence"))
    axes.set_ylabel(say("实际正确率", "Share that was right"))
    axes.legend(loc="upper left", frameon=False, fontsize=8.5)
    title(axes, one.head, say("把握是否可信", "reliability"), f"n = {one.n:,}")
    return figure


def _sides(both: tuple[str, str]) -> tuple[str, str]:
    first, second = (
        name if drawable(name) else role for name, role in zip(both, ("champion", "challenger"), strict=True)
    )
    return first, second


def _bins(one: HeadComparison, side: Side) -> metrics.Bins:
    return metrics.reliability(side.confidence, one.correct(side))
