"""Made-up reports of one head, and what a picture of them shows."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.judge.evaluate import HeadReport


def report(
    k: int = 3, n: int = 40, codes: tuple[str, ...] = (), target: float | None = 0.03, right: float | None = None
) -> HeadReport:
    """Random answers; with ``right`` that share of them is right, else what chance makes of it."""
    rng = np.random.default_rng(k)
    p = rng.dirichlet(np.full(k, 0.3), n)
    answer = p.argmax(axis=1)
    truth = rng.integers(0, k, n)
    if right is not None:
        truth = np.where(rng.random(n) < right, answer, (answer + 1) % k)
    confidence = p.max(axis=1)
    return HeadReport(
        head="category",
        labels=codes or tuple(f"label_{i}" for i in range(k)),
        truth=truth,
        answer=answer,
        confidence=confidence,
        probabilities=p,
        automatic=confidence > 0.9,
        target=target,
        limits=np.where(np.arange(k) == 0, np.nan, 0.9),
    )


def texts(figure: Figure) -> list[str]:
    """All words of the first axes."""
    axes = figure.axes[0]
    legend = axes.get_legend()
    items = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), *(legend.get_texts() if legend else [])]
    return [item.get_text() for item in items]


def missing_glyphs(figure: Figure, recwarn: pytest.WarningsRecorder) -> list[str]:
    """Warnings of letters that no font had."""
    figure.canvas.draw()
    return [str(w.message) for w in recwarn.list if "missing from font" in str(w.message)]
