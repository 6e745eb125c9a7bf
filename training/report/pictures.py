"""Pictures of a run: confusion matrix, reliability, coverage against error, and class shares of each head, as PNG files.

Label names are Chinese where the machine has a font for them. Where it has none, the codes are drawn; where even a code
is Chinese, its number in the model's order (the model card lists them). Never empty boxes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.judge import metrics
from training.judge.evaluate import HeadReport
from training.report.confidence_pictures import coverage, reliability
from training.report.style import BLUE, GRID, INK, RED, new, say, shown, title
from triage.taxonomy import Head

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MANY = 14
"""With more classes than this the cells of a confusion matrix hold the count only."""


def draw(reports: Mapping[str, HeadReport], heads: Mapping[str, Head], folder: Path) -> list[Path]:
    """Writes ``confusion_<head>.png``, ``reliability_<head>.png``, ``coverage_<head>.png`` and ``classes_<head>.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, report in reports.items():
        labels = shown(report.labels, _names(heads.get(name)))
        for kind, figure in (
            ("confusion", confusion(report, labels)),
            ("reliability", reliability(report)),
            ("coverage", coverage(report)),
            ("classes", classes(report, labels)),
        ):
            path = folder / f"{kind}_{name}.png"
            figure.savefig(path, dpi=130, facecolor="white", metadata={"Software": None})
            paths.append(path)
    return paths


def confusion(report: HeadReport, labels: tuple[str, ...]) -> Figure:
    """Rows are the truth; a cell's colour is its share of the row, its figures are the share and the count."""
    matrix = report.confusion
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    k = len(labels)
    side = max(3.6, 0.62 * k)
    figure, axes = new(side + 2.6, side + 1.7)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    for row in range(k):
        for column in range(k):
            count = int(matrix[row, column])
            if count:
                text = f"{count:,}" if k > _MANY else f"{share[row, column]:.0%}\n{count:,}"
                color = "white" if share[row, column] > 0.55 else INK
                axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=color, linespacing=1.25)
    axes.set_xticks(range(k), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(k), [f"{label}  ({n:,})" for label, n in zip(labels, matrix.sum(axis=1), strict=True)])
    axes.set_xticks(np.arange(k + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(k + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel(say("模型的回答", "Model's answer"))
    axes.set_ylabel(say("真实标签（条数）", "Truth (tickets)"), labelpad=10)
    title(axes, report.head, say("混淆矩阵", "confusion"), f"n = {report.n:,}   accuracy {report.accuracy:.1%}")
    return figure


def classes(report: HeadReport, labels: tuple[str, ...]) -> Figure:
    """Support of each class, and its F1, most frequent first."""
    scores = metrics.class_scores(report.confusion)
    order = np.argsort(-scores.support, kind="stable")[::-1]
    figure, axes = new(6.6, max(2.4, 0.36 * len(labels) + 1.4))
    axes.barh(range(len(order)), scores.support[order], color=BLUE, height=0.62)
    room = max(int(scores.support.max()), 1)
    for place, i in enumerate(order):
        text = f"{scores.support[i] / report.n:.1%}   F1 {scores.f1[i]:.2f}"
        color = RED if scores.f1[i] < 0.5 else INK
        axes.text(int(scores.support[i]) + 0.015 * room, place, text, va="center", fontsize=8.5, color=color)
    axes.set_yticks(range(len(order)), [labels[i] for i in order])
    axes.set_xlim(0, room * 1.28)
    axes.grid(axis="x", color=GRID)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(say("条数", "Tickets"))
    title(axes, report.head, say("各类的份量", "classes"), f"macro-F1 {report.macro_f1:.3f}")
    return figure


def _names(head: Head | None) -> dict[str, str]:
    return {label.code: label.name for label in head.labels} if head else {}
