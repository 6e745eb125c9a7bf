"""The pictures of docs/starter-data.md: the learning curve, and what a channel or sector that was never seen costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.starter_data import CHANNELS, SECTORS
from benchmarks.starter_figures import Answers
from benchmarks.starter_fits import Curve, LeftOut
from training.report.style import chinese_font
from triage.taxonomy import HEADS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _SOFT, _GRID, _BLUE, _RED = "#1f2933", "#66727f", "#e3e8ee", "#2563a8", "#c2410c"
_TITLES = {"category": "分类 category", "urgency": "紧急程度 urgency", "sentiment": "情绪 sentiment"}


def draw(curve: Curve, channels: list[LeftOut], sectors: list[LeftOut], folder: Path) -> None:
    """Writes ``learning_curve.png`` and ``leave_one_out.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in (("learning_curve", learning_curve(curve)), ("leave_one_out", left_out(channels, sectors))):
        figure.savefig(folder / f"{name}.png", dpi=120, facecolor="white", metadata={"Software": None})


def learning_curve(curve: Curve) -> Figure:
    """Per head accuracy and macro-F1 against the number of tickets; a faint dot per fold, a line through the means."""
    figure, panels = _figure(10.5, 3.9, 1, len(HEADS))
    sizes = [size or curve.all_size for size in curve.scores]
    every = [f(fold[head]) for folds in curve.scores.values() for fold in folds for head in HEADS for f in _BOTH]
    lowest, highest = min(every), max(every)
    for axes, head in zip(panels, HEADS, strict=True):
        for color, name, figure_of in ((_BLUE, _say("准确率", "accuracy"), _accuracy), (_RED, "macro-F1", _macro_f1)):
            values = np.array([[figure_of(fold[head]) for fold in folds] for folds in curve.scores.values()])
            for column in values.T:
                axes.plot(sizes, column, "o", color=color, markersize=3.5, alpha=0.3, markeredgewidth=0)
            axes.plot(sizes, values.mean(axis=1), "o-", color=color, markersize=5.5, linewidth=1.6, label=name)
            up = 1 if figure_of is _accuracy else -1
            for x, y in zip(sizes, values.mean(axis=1), strict=True):
                axes.annotate(
                    f"{y:.3f}", (x, y), xytext=(0, 9 * up), textcoords="offset points", ha="center",
                    va="bottom" if up > 0 else "top", fontsize=8, color=color,
                )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlim(sizes[0] / 1.25, sizes[-1] * 1.25)
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.set_xticks([], minor=True)
        axes.set_ylim(lowest - 0.06, highest + 0.06)
        axes.grid(axis="y", color=_GRID)
        axes.set_title(_say(_TITLES[head], head), loc="left", fontsize=11, color=_INK)
        axes.set_xlabel(_say("学习用的工单（条，对数）", "tickets learned from (log)"))
    panels[0].legend(frameon=False, loc="lower right", fontsize=9, prop=_font(9))
    for axes in panels:
        _letters(axes)
    return figure


def left_out(channels: list[LeftOut], sectors: list[LeftOut]) -> Figure:
    """Category accuracy and urgency and sentiment macro-F1: hollow where the model had seen the channel or sector, full
    where it had not."""
    rows = len(channels) + len(sectors)
    figure, panels = _figure(10.5, 0.24 * rows + 1.9, 1, len(HEADS), sharey=True)
    names = {**CHANNELS, **SECTORS}
    places: list[float] = []
    labels: list[str] = []
    for start, group in ((0.0, channels), (len(channels) + 1.0, sectors)):
        ordered = sorted(group, key=lambda one: -one.unseen["category"].accuracy)
        for offset, one in enumerate(ordered):
            places.append(start + offset)
            name = names.get(one.value, "") if chinese_font() else ""
            labels.append(f"{name} {one.value}  ({len(one.unseen['category'].truth):,})".strip())
            for axes, head in zip(panels, HEADS, strict=True):
                figure_of = _accuracy if head == "category" else _macro_f1
                seen, unseen = figure_of(one.seen[head]), figure_of(one.unseen[head])
                axes.plot([seen, unseen], [places[-1]] * 2, color=_GRID, linewidth=2.5, zorder=1)
                axes.plot(seen, places[-1], "o", markerfacecolor="white", markeredgecolor=_SOFT, markersize=6, zorder=2)
                axes.plot(unseen, places[-1], "o", color=_BLUE, markersize=6, zorder=3)
    for axes, head in zip(panels, HEADS, strict=True):
        what = _say("准确率", "accuracy") if head == "category" else "macro-F1"
        axes.set_title(f"{_say(_TITLES[head], head)} · {what}", loc="left", fontsize=11, color=_INK)
        axes.set_ylim(max(places) + 0.8, -0.8)
        axes.axhline(len(channels), color=_SOFT, linewidth=0.8)
        axes.grid(axis="x", color=_GRID)
        axes.tick_params(axis="y", length=0)
        axes.locator_params(axis="x", nbins=5)
    panels[0].set_yticks(places, labels)
    panels[0].plot([], [], "o", color=_BLUE, label=_say("没见过", "never seen"))
    panels[0].plot([], [], "o", markerfacecolor="white", markeredgecolor=_SOFT, label=_say("见过", "seen"))
    figure.legend(frameon=False, loc="outside lower center", ncols=2, prop=_font(9.5))
    for axes in panels:
        _letters(axes)
    return figure


def _accuracy(one: Answers) -> float:
    return one.accuracy


def _macro_f1(one: Answers) -> float:
    return one.macro_f1


_BOTH = (_accuracy, _macro_f1)


def _say(chinese: str, english: str) -> str:
    return chinese if chinese_font() else english


def _figure(width: float, height: float, rows: int, columns: int, sharey: bool = False) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    panels = list(figure.subplots(rows, columns, sharey=sharey, squeeze=False).flat)
    for axes in panels:
        axes.set_axisbelow(True)
        axes.tick_params(colors=_INK, labelsize=8.5)
        for name, side in axes.spines.items():
            side.set_visible(name in ("left", "bottom"))
            side.set_color(_GRID)
    return figure, panels


def _family() -> list[str]:
    font = chinese_font()
    return [*([font] if font else []), "DejaVu Sans"]


def _font(size: float) -> object:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=_family(), size=size)


def _letters(axes: Axes) -> None:
    """Chinese letters wherever the axes say something."""
    said = [axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels()]  # type: ignore[attr-defined]
    for item in said:
        item.set_fontfamily(_family())
