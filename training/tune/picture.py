"""A search in one picture: what was tried and found, and what it depended on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.report.style import BLUE, GRID, INK, PALE, RED, SOFT, new, plain, say, speak

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BARS = 12
"""Parameters shown; the others matter less."""

_LEAST = 4
"""Finished trials from which on importance can be told at all."""

_CHINESE = {
    "features": "特征",
    "word_ngram": "词的长度",
    "char_ngram": "字的长度",
    "machines": "机器个数",
    "penalty": "惩罚",
    "ratio": "比值的幂",
    "balance": "类别权重",
    "category": "分类",
    "urgency": "紧急程度",
    "sentiment": "情绪",
}


def draw(study: Any, default: float, path: Path) -> Path:
    """Writes the picture of an Optuna study. ``default``: log loss of what training does without a recipe."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(study, default).savefig(path, dpi=130, facecolor="white", metadata={"Software": None})
    return path


def picture(study: Any, default: float) -> Figure:
    """Left: log loss of each trial and the best so far. Right: how much of the differences each parameter explains."""
    import optuna

    states = optuna.trial.TrialState
    done = study.get_trials(deepcopy=False, states=(states.COMPLETE,))
    pruned = study.get_trials(deepcopy=False, states=(states.PRUNED,))
    figure, _ = new(10.5, 4.2)
    figure.clear()
    grid = figure.add_gridspec(1, 2, width_ratios=(1.25, 1))
    left, right = (figure.add_subplot(grid[i]) for i in range(2))
    plain(left)
    plain(right)
    _history(left, done, pruned, default)
    _importance(right, study, len(done))
    return figure


def _history(axes: Any, done: Any, pruned: Any, default: float) -> None:
    at, loss = np.array([t.number for t in done]), np.array([t.value for t in done])
    axes.axhline(default, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), label=say("默认配方", "default"))
    axes.scatter(at, loss, color=PALE, s=22, label=say("试完的", "finished"), zorder=3)
    axes.step(at, np.minimum.accumulate(loss), where="post", color=BLUE, label=say("到此最好的", "best so far"))
    low, high = float(min(loss.min(), default)), float(max(np.quantile(loss, 0.9), default))
    room = max(high - low, 0.01 * high)
    axes.set_ylim(low - 0.12 * room, high + 0.25 * room)  # one very bad trial must not press all others flat
    if pruned:
        marks = [t.number for t in pruned]
        axes.scatter(
            marks, [high + 0.18 * room] * len(marks), marker="x", color=RED, s=20, label=say("提前放弃的", "given up")
        )
    axes.grid(color=GRID)
    axes.set_xlabel(say("第几次试验", "Trial"))
    axes.set_ylabel(say("校准后的对数损失（折外）", "Calibrated log loss, out of fold"))
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
    axes.set_title(
        say("调参经过", "search") + f"      {default:.4f} → {loss.min():.4f}",
        loc="left",
        fontsize=11,
        color=INK,
        pad=12,
    )
    speak(axes)


def _importance(axes: Any, study: Any, finished: int) -> None:
    axes.set_title(say("取决于什么", "importance"), loc="left", fontsize=11, color=INK, pad=12)
    found = _importances(study) if finished >= _LEAST else []
    if found:
        names = [_name(name) for name, _ in found]
        axes.barh(range(len(found)), [share for _, share in found], color=BLUE, height=0.62)
        axes.set_yticks(range(len(found)), names)
        axes.set_xlabel(say("解释的份额（PED-ANOVA）", "Share explained (PED-ANOVA)"))
        axes.tick_params(axis="y", length=0)
    else:
        axes.text(0.5, 0.5, say("试验太少，还说不出", "too few trials to tell"), ha="center", color=SOFT)
        axes.set_xticks([])
        axes.set_yticks([])
    axes.grid(axis="x", color=GRID)
    speak(axes)


def _importances(study: Any) -> list[tuple[str, float]]:
    """The most important parameters, least first. What only some trials have (a second machine) is left out."""
    from optuna.importance import get_param_importances

    done = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    everywhere = set.intersection(*(set(t.params) for t in done))
    varied = sorted(p for p in everywhere if len({t.params[p] for t in done}) > 1)
    if not varied:
        return []
    found = get_param_importances(study, params=varied)
    return sorted(found.items(), key=lambda pair: pair[1])[-_BARS:]


def _name(parameter: str) -> str:
    parts = [part for part in parameter.split(".") if part != "1"]
    return " · ".join(say(_CHINESE.get(part, part), part) for part in parts)
