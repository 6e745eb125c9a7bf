"""The picture of docs/benchmarks.md: accuracy and macro-F1 with intervals, one panel per corpus and head.

Blue discs and orange squares (Okabe & Ito 2008): told apart by shape as well as by colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers import SYSTEMS
from benchmarks.quality_data import TITLES
from benchmarks.quality_figures import Board
from training.report.style import chinese_font

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _SOFT, _GRID, _BAND = "#1f2933", "#66727f", "#e3e8ee", "#eef3f9"
_BLUE, _ORANGE = "#0072b2", "#d55e00"
_SHORT = {
    "naive": ("朴素 TF-IDF", "naive TF-IDF"),
    "union": ("词＋字 SVM", "union SVM"),
    "fasttext": ("fastText", "fastText"),
    "textcnn": ("TextCNN", "TextCNN"),
    "linear": ("分单 线性", "Fendan linear"),
    "encoder": ("分单 编码器", "Fendan encoder"),
    "blend": ("分单 混合", "Fendan blend"),
}


def draw(boards: Sequence[Board], systems: Sequence[str], path: Path) -> None:
    """Writes the picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(boards, systems).savefig(path, dpi=120, facecolor="white", metadata={"Software": None})


def picture(boards: Sequence[Board], systems: Sequence[str]) -> Figure:
    """Two panels a row; systems from top to bottom as in the tables."""
    from matplotlib.figure import Figure

    shown = [name for name in systems if any(line.name == name for board in boards for line in board.lines)]
    columns = min(2, len(boards))
    rows = -(-len(boards) // columns)
    figure = Figure(figsize=(5.4 * columns, rows * (0.27 * len(shown) + 0.75) + 0.5), layout="constrained")
    panels: list[Axes] = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
    for axes in panels[len(boards) :]:
        axes.set_visible(False)
    for axes, board in zip(panels, boards, strict=False):
        _panel(axes, board, shown)
    handles = [
        panels[0].plot([], [], mark, color=color, markersize=6, label=name)[0]
        for mark, color, name in (("o", _BLUE, _say("准确率", "accuracy")), ("s", _ORANGE, "macro-F1"))
    ]
    legend = figure.legend(handles=handles, frameon=False, loc="outside lower center", ncols=2, fontsize=9.5)
    for text in legend.get_texts():
        text.set_fontfamily(_family())
    return figure


def _panel(axes: Axes, board: Board, shown: Sequence[str]) -> None:
    axes.set_axisbelow(True)
    for place, name in enumerate(shown):
        if SYSTEMS[name].ours:
            axes.axhspan(place - 0.5, place + 0.5, color=_BAND, zorder=0, linewidth=0)
        found = [line for line in board.lines if line.name == name]
        if not found:
            axes.annotate("–", (0.5, place), xycoords=("axes fraction", "data"), ha="center", va="center", color=_SOFT)
            continue
        line = found[0]
        for value, mark, color, up in ((line.accuracy, "o", _BLUE, -0.17), (line.macro_f1, "s", _ORANGE, 0.17)):
            axes.hlines(place + up, value.low, value.high, color=color, linewidth=1.6, alpha=0.6, zorder=2)
            axes.plot(value.value, place + up, mark, color=color, markersize=5, zorder=3)
    chinese, english = TITLES[board.corpus]
    axes.set_title(f"{_say(chinese, english)} · {board.head}  (n {board.n:,})", loc="left", fontsize=10.5, color=_INK)
    axes.set_ylim(len(shown) - 0.45, -0.55)
    axes.set_yticks(range(len(shown)), [_say(*_SHORT[name]) for name in shown])
    axes.grid(axis="x", color=_GRID)
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(colors=_INK, labelsize=8.5)
    axes.tick_params(axis="y", length=0)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(_GRID)
    for item in (axes._left_title, *axes.get_xticklabels(), *axes.get_yticklabels()):  # type: ignore[attr-defined]
        item.set_fontfamily(_family())


def _say(chinese: str, english: str) -> str:
    return chinese if chinese_font() else english


def _family() -> list[str]:
    font = chinese_font()
    return [*([font] if font else []), "DejaVu Sans"]
