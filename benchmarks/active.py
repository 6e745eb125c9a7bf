"""Labels that a good order saves: ``python -m benchmarks.active --corpora DIR`` writes docs/active-learning.md and its picture.

Simulates the review queue on labelled corpora (training parts only): the model learns from a few tickets, people are asked for
``STEP`` more, the model learns again, and so on; everything is judged on a fifth that is never asked for. The orders compared:
at random, by uncertainty alone, and by :func:`serving.review.order.rank`, the review queue's own, with its share of random
ones. Near-duplicates stand on one side of the cut.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.quality_data import CORPORA, TITLES
from models import TriageModel
from models.fit.model import LabelledTexts, fit_model
from models.linear.recipe import Recipe
from models.spec import ModelSpec
from serving.review.kind import kind_of
from serving.review.order import TOP, rank
from training.data.corpus import Corpus, read_corpus
from training.data.duplicates import group
from training.report.style import BLUE, RED, SOFT, chinese_font
from triage.taxonomy import Taxonomy

DOCS = Path(__file__).resolve().parent.parent / "docs"
START, STEP, ROUNDS = 200, 200, 12
RANDOM_SHARE = 0.1
ORDERS: dict[str, tuple[str, str]] = {
    "random": ("随机", "at random"),
    "uncertain": ("只看没把握", "uncertainty alone"),
    "ours": ("审核队列的次序", "the review queue's order"),
}
_HEAD = "category"
_RECIPES = (Recipe(),)


@dataclass(frozen=True)
class Pool:
    """One corpus: tickets that can be asked for, and those that judge. ``truth`` are label numbers, ``kinds`` numbers too."""

    name: str
    texts: list[str]
    labels: list[str]
    kinds: NDArray[np.int64]
    asked: NDArray[np.int64]
    judge: NDArray[np.int64]
    taxonomy: Taxonomy


def pool_of(name: str, corpus: Corpus, seed: int = 0) -> Pool:
    """Cuts a fifth of the near-duplicate groups off to judge by."""
    rows = [i for i, label in enumerate(corpus.labels[_HEAD]) if label]
    texts = [corpus.texts[i] for i in rows]
    groups = np.asarray(group(texts))
    names = np.unique(groups)
    out = np.isin(groups, np.random.default_rng(seed).choice(names, len(names) // 5, replace=False))
    kinds = np.unique([kind_of(text) for text in texts], return_inverse=True)[1]
    labels = [corpus.labels[_HEAD][i] or "" for i in rows]
    taxonomy = Taxonomy.infer({_HEAD: labels})
    return Pool(name, texts, labels, kinds, np.flatnonzero(~out), np.flatnonzero(out), taxonomy)


def learn(pool: Pool, known: Sequence[int]) -> TriageModel:
    """A linear model of the default features and one recipe, fitted on the tickets ``known``."""
    texts, labels = [pool.texts[i] for i in known], [pool.labels[i] for i in known]
    return fit_model(LabelledTexts(texts, {_HEAD: labels}, pool.taxonomy), ModelSpec(recipes={_HEAD: _RECIPES}))


def accuracy(pool: Pool, model: TriageModel) -> float:
    """Share of the judging tickets that are answered right."""
    given = model.predict([pool.texts[i] for i in pool.judge])
    return float(np.mean([a.heads[_HEAD].label == pool.labels[i] for a, i in zip(given, pool.judge, strict=True)]))


def choose(
    order: str, pool: Pool, model: TriageModel, known: Sequence[int], many: int, rng: np.random.Generator
) -> list[int]:
    """The next ``many`` tickets to ask about."""
    rest = np.setdiff1d(pool.asked, known)
    if order == "random":
        return [int(i) for i in rng.choice(rest, min(many, len(rest)), replace=False)]
    p = model.predict_proba([pool.texts[i] for i in rest])[_HEAD]
    best = p.argmax(axis=1)
    sorted_p = np.sort(p, axis=1)
    doubt = 1.0 - (sorted_p[:, -1] - sorted_p[:, -2])
    if order == "uncertain":
        return [int(i) for i in rest[np.argsort(-doubt, kind="stable")[:many]]]
    codes = model.heads[_HEAD]
    labelled = Counter(pool.labels[i] for i in known)
    copies = Counter(pool.kinds[list(known)].tolist())
    chosen: list[int] = []
    worth = np.empty(len(rest))
    left = np.ones(len(rest), bool)

    def rate(at: Sequence[int]) -> None:
        typical = sum(labelled.values()) / len(codes)
        for j in at:
            worth[j] = rank(
                "unsure",
                float(doubt[j]),
                copies=copies[int(pool.kinds[rest[j]])],
                labelled=labelled[codes[best[j]]],
                typical=typical,
                waited=timedelta(0),
            )

    rate(range(len(rest)))
    while len(chosen) < min(many, len(rest)):
        if rng.random() < RANDOM_SHARE:
            j = int(rng.choice(np.flatnonzero(left)))
        else:
            j = int(np.where(left, worth, -TOP).argmax())
        left[j] = False
        chosen.append(int(rest[j]))
        labelled[codes[best[j]]] += 1  # as the queue counts: what was answered lately, by the label that was predicted
        copies[int(pool.kinds[rest[j]])] += 1
        rate(np.flatnonzero(left & (best == best[j])).tolist())
    return chosen


def curve(pool: Pool, order: str, seed: int, rounds: int, step: Callable[[int], None]) -> list[float]:
    """Accuracy after START, START + STEP, … labels; the first tickets are drawn at random, the same for every order."""
    rng = np.random.default_rng(seed)
    known = [int(i) for i in rng.choice(pool.asked, START, replace=False)]
    out = []
    for number in range(rounds + 1):
        model = learn(pool, known)
        out.append(accuracy(pool, model))
        step(1)
        if number < rounds:
            known += choose(order, pool, model, known, STEP, rng)
    return out


def saved(ours: Sequence[float], other: Sequence[float]) -> tuple[int, float]:
    """(labels, share): the labels of ``other``'s last point, and which share of them ``ours`` does without for the same.

    Both are mean curves, made never to fall, and linear between their points.
    """
    sizes = START + STEP * np.arange(len(other))
    mine, theirs = np.maximum.accumulate(ours), np.maximum.accumulate(other)
    goal = theirs[-1]
    first = int(np.argmax(theirs >= goal))
    if mine[-1] < goal:
        return int(sizes[first]), 0.0
    at = int(np.argmax(mine >= goal))
    if at == 0:
        needed = float(sizes[0])
    else:
        needed = sizes[at - 1] + STEP * (goal - mine[at - 1]) / (mine[at] - mine[at - 1])
    return int(sizes[first]), 1.0 - float(needed) / float(sizes[first])


Curves = dict[tuple[str, str], NDArray[np.float64]]
"""(corpus, order) -> (seeds, points) accuracies."""


def draw(curves: Curves, names: Sequence[str], path: Path) -> None:
    """One panel a corpus: accuracy by labels, mean and range over the seeds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * len(names), 3.6), layout="constrained")
    font = {"family": chinese_font()} if chinese_font() else {}
    colours = dict(zip(ORDERS, (SOFT, RED, BLUE), strict=True))
    axes = np.atleast_1d(figure.subplots(1, len(names)))
    for axis, name in zip(axes, names, strict=True):
        for order, (chinese, english) in ORDERS.items():
            found = curves[name, order]
            x = START + STEP * np.arange(found.shape[1])
            axis.plot(x, found.mean(axis=0), color=colours[order], label=chinese if font else english)
            axis.fill_between(x, found.min(axis=0), found.max(axis=0), color=colours[order], alpha=0.15, linewidth=0)
        axis.set_title(TITLES[name][0 if font else 1], **font)
        axis.set_xlabel("人工标签数" if font else "labels", **font)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("准确率" if font else "accuracy", **font)
    axes[-1].legend(loc="lower right", prop=font, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def page(curves: Curves, names: Sequence[str], seeds: int) -> str:
    """docs/active-learning.md."""
    rows = []
    for name in names:
        mean = {order: curves[name, order].mean(axis=0) for order in ORDERS}
        for other in ("random", "uncertain"):
            labels, share = saved(mean["ours"], mean[other])
            rows.append(
                f"| {TITLES[name][0]} {TITLES[name][1]} | {ORDERS[other][0]} {ORDERS[other][1]} | {labels:,} | "
                f"{mean[other][-1]:.4f} | {mean['ours'][-1]:.4f} | {share:.0%} |"
            )
    return f"""# 先审哪张：省下多少标签 What to ask first: labels saved

审核队列不按先来后到，按**没把握的程度 × 这一类缺多少标签 × 有没有相似的刚审过**排，再留一成随机（`serving/review/order.py`）。
这里在公开语料的训练部分上模拟：从 {START} 条标签开始，每轮再问 {STEP} 条、重训一次，在从不被问到的五分之一上看准确率；
{seeds} 个随机种子取平均，阴影是最低到最高。

![准确率随人工标签数上升：随机最慢，审核队列的次序与只看没把握相近](img/active-learning.png)

| 语料 corpus | 对手 peer order | 标签 labels | 对手准确率 its accuracy | 我们同样多标签 ours, as many labels | 省下 labels saved at its accuracy |
| --- | --- | ---: | ---: | ---: | ---: |
{chr(10).join(rows)}

“省下”：对手用完这么多标签时的准确率，我们用少几成的标签就达到（两条平均曲线，点间按直线；0 % 就是没有省下，负数是要多这么多）。

重做：`make bench-active CORPORA=DIR`
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.active", description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True, help=f"放着公开语料 {'、'.join(CORPORA)} 的文件夹")
    parser.add_argument("--only", nargs="+", choices=CORPORA, default=["citizen_messages", "auto_opinions"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=DOCS, help="active-learning.md 与 img/ 所在的文件夹（docs）")
    args = parser.parse_args(arguments)
    curves: Curves = {}
    with tqdm(total=len(args.only) * len(ORDERS) * args.seeds * (args.rounds + 1), disable=None, leave=False) as bar:
        for name in args.only:
            pool = pool_of(name, read_corpus([args.corpora / name / "train.csv"], None))
            for order in ORDERS:
                bar.set_description(f"{name} {order}")
                found = [curve(pool, order, seed, args.rounds, bar.update) for seed in range(args.seeds)]
                curves[name, order] = np.array(found)
    draw(curves, args.only, args.out / "img" / "active-learning.png")
    text = page(curves, args.only, args.seeds)
    (args.out / "active-learning.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
