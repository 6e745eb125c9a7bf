"""Pictures of a run: confusion matrix, reliability diagram and class shares of each head, as PNG files.

Label names are Chinese where the machine has a font for them. Where it has none, the codes are drawn; where even a code
is Chinese, its number in the model's order (the model card lists them). Never empty boxes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training import metrics
from training.evaluate import HeadReport
from triage.taxonomy import Head

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PROBE = "单投诉订"
"""A font that can draw these can draw simplified Chinese."""

_PREFERRED = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi", "SimHei")
_INK, _SOFT, _GRID, _BLUE, _RED = "#1f2933", "#66727f", "#e3e8ee", "#2563a8", "#c2410c"
_MANY = 14
"""With more classes than this the cells of a confusion matrix hold the count only."""


def draw(reports: Mapping[str, HeadReport], heads: Mapping[str, Head], folder: Path) -> list[Path]:
    """Writes ``confusion_<head>.png``, ``reliability_<head>.png`` and ``classes_<head>.png`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, report in reports.items():
        labels = _shown(report.labels, heads.get(name))
        for kind, figure in (
            ("confusion", confusion(report, labels)),
            ("reliability", reliability(report)),
            ("classes", classes(report, labels)),
        ):
            path = folder / f"{kind}_{name}.png"
            figure.savefig(path, dpi=130, facecolor="white", metadata={"Software": None})
            paths.append(path)
    return paths


@functools.cache
def chinese_font() -> str | None:
    """Family name of an installed font that draws simplified Chinese; None when there is none."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    found = _best(manager.ttflist)
    if found is None:  # Matplotlib lists fonts once and for all; those that were installed later are found here
        known = {entry.fname for entry in manager.ttflist}
        new = [path for path in font_manager.findSystemFonts() if path not in known and _draws_chinese(path)]
        for path in new:
            manager.addfont(path)
        found = _best(manager.ttflist) if new else None
    return found


def _best(entries: Sequence[Any]) -> str | None:
    def rank(entry: Any) -> tuple[int, int, str]:
        place = next((i for i, family in enumerate(_PREFERRED) if entry.name.startswith(family)), len(_PREFERRED))
        return place, abs(int(entry.weight) - 400) if isinstance(entry.weight, int) else 0, entry.name

    return next((str(entry.name) for entry in sorted(entries, key=rank) if _draws_chinese(entry.fname)), None)


def _draws_chinese(path: str) -> bool:
    from matplotlib import ft2font

    try:
        face = ft2font.FT2Font(path)
    except (OSError, RuntimeError):
        return False
    glyphs = {face.get_char_index(ord(char)) for char in _PROBE}
    return len(glyphs) == len(_PROBE) and 0 not in glyphs  # a last-resort font has one box for all of them


def confusion(report: HeadReport, labels: tuple[str, ...]) -> Figure:
    """Rows are the truth; a cell's colour is its share of the row, its figures are the share and the count."""
    matrix = report.confusion
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    k = len(labels)
    side = max(3.6, 0.62 * k)
    figure, axes = _figure(side + 2.6, side + 1.7)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    for row in range(k):
        for column in range(k):
            count = int(matrix[row, column])
            if count:
                text = f"{count:,}" if k > _MANY else f"{share[row, column]:.0%}\n{count:,}"
                color = "white" if share[row, column] > 0.55 else _INK
                axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=color, linespacing=1.25)
    axes.set_xticks(range(k), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(k), [f"{label}  ({n:,})" for label, n in zip(labels, matrix.sum(axis=1), strict=True)])
    axes.set_xticks(np.arange(k + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(k + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel(_say("模型的回答", "Model's answer"))
    axes.set_ylabel(_say("真实标签（条数）", "Truth (tickets)"), labelpad=10)
    _title(axes, report.head, _say("混淆矩阵", "confusion"), f"n = {report.n:,}   accuracy {report.accuracy:.1%}")
    return figure


def reliability(report: HeadReport) -> Figure:
    """Stated confidence against what came true, in bins of equal mass, with 95 % Wilson intervals."""
    bins = report.bins
    low, high = _wilson(bins.accuracy, bins.count)
    figure, axes = _figure(5.2, 5.0)
    floor = max(0.0, min(float(bins.confidence.min()), float(low.min())) - 0.04)
    axes.plot([floor, 1], [floor, 1], color=_SOFT, linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(bins.confidence, low, high, color=_BLUE, alpha=0.35, linewidth=3)
    axes.plot(bins.confidence, bins.accuracy, color=_BLUE, marker="o", markersize=5, linewidth=1.4)
    axes.set_xlim(floor, 1.01)
    axes.set_ylim(floor, 1.01)
    axes.set_aspect("equal")
    axes.grid(color=_GRID)
    axes.set_xlabel(_say("模型说的把握", "Stated confidence"))
    axes.set_ylabel(_say("实际正确率", "Share that was right"))
    axes.text(
        0.97, 0.05, f"ECE {report.ece:.3f}\nBrier {report.brier:.3f}", transform=axes.transAxes, ha="right", color=_INK
    )
    _title(axes, report.head, _say("把握是否可信", "reliability"), f"n = {report.n:,}")
    return figure


def classes(report: HeadReport, labels: tuple[str, ...]) -> Figure:
    """Support of each class, and its F1, most frequent first."""
    scores = metrics.class_scores(report.confusion)
    order = np.argsort(-scores.support, kind="stable")[::-1]
    figure, axes = _figure(6.6, max(2.4, 0.36 * len(labels) + 1.4))
    axes.barh(range(len(order)), scores.support[order], color=_BLUE, height=0.62)
    room = max(int(scores.support.max()), 1)
    for place, i in enumerate(order):
        text = f"{scores.support[i] / report.n:.1%}   F1 {scores.f1[i]:.2f}"
        color = _RED if scores.f1[i] < 0.5 else _INK
        axes.text(int(scores.support[i]) + 0.015 * room, place, text, va="center", fontsize=8.5, color=color)
    axes.set_yticks(range(len(order)), [labels[i] for i in order])
    axes.set_xlim(0, room * 1.28)
    axes.grid(axis="x", color=_GRID)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(_say("条数", "Tickets"))
    _title(axes, report.head, _say("各类的份量", "classes"), f"macro-F1 {report.macro_f1:.3f}")
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of its own: no pyplot, so no global state and no window."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_color(_GRID)
    axes.tick_params(colors=_INK, labelsize=9)
    return figure, axes


def _title(axes: Axes, head: str, what: str, figures: str) -> None:
    axes.set_title(f"{head} · {what}      {figures}", loc="left", fontsize=11, color=_INK, pad=12)
    font = chinese_font()
    if font:
        items = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]  # type: ignore[attr-defined]
        for item in (*items, *axes.get_xticklabels(), *axes.get_yticklabels()):
            item.set_fontfamily([font, "DejaVu Sans"])


def _say(chinese: str, english: str) -> str:
    return chinese if chinese_font() else english


def _shown(codes: tuple[str, ...], head: Head | None) -> tuple[str, ...]:
    names = {label.code: label.name for label in head.labels} if head else {}
    if chinese_font():
        return tuple(names.get(code, code) for code in codes)
    return tuple(code if code.isascii() else f"#{i}" for i, code in enumerate(codes, start=1))


def _wilson(share: metrics.Floats, n: metrics.Ints) -> tuple[metrics.Floats, metrics.Floats]:
    """95 % interval of a proportion (Wilson 1927)."""
    z = 1.96
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return centre - half, centre + half
