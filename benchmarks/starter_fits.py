"""The fits of ``benchmarks.starter``: the models on the whole training part, the learning curve, and leave-one-out runs.

The sealed part is seen by :func:`everyone` only, once, after everything is decided.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from benchmarks import peers_union
from benchmarks.speed import naive
from benchmarks.starter_data import Tickets, taxonomy
from benchmarks.starter_figures import Answers, join
from models import TriageModel
from models.fit.model import LabelledTexts, fit_model
from models.linear.recipe import Recipe
from models.promise.targets import Targets
from models.spec import ModelSpec
from triage.taxonomy import HEADS

SIZES = (500, 1000, 2000)
FOLDS = 5
TARGET_ERROR = 0.03

Heads = dict[str, Answers]
Step = Callable[[str, int], None]
"""Called after each fit with what was fitted and on how many tickets."""


class Curve(NamedTuple):
    """``scores[size]``: one (head -> answers) per fold; size 0 is everything outside the fold, ``all_size`` on average."""

    scores: dict[int, list[Heads]]
    all_size: int


class LeftOut(NamedTuple):
    """One value of a column held out. ``learned``: tickets learned from; ``unseen``: answers of a model that never saw it; ``seen``: on the same tickets,
    answers of the models of the learning curve, which did."""

    value: str
    learned: int
    unseen: Heads
    seen: Heads


Recipes = dict[str, tuple[Recipe, ...]]


def fit(tickets: Tickets, recipes: Recipes | None = None) -> TriageModel:
    """The default model, as ``fendan train`` fits it; with ``recipes`` it does not choose its own."""
    learned = LabelledTexts(
        tickets.texts,
        tickets.labels(),
        taxonomy(),
        groups=tickets.copies.tolist(),
        when=[datetime.fromisoformat(row["created_at"]).timestamp() for row in tickets.rows],
    )
    return fit_model(learned, ModelSpec(targets=Targets(TARGET_ERROR), recipes=recipes or {}))


def ask(model: TriageModel, tickets: Tickets) -> Heads:
    """The model's answers in the order of the taxonomy's labels."""
    codes = {h: head.codes for h, head in taxonomy().heads.items()}
    predictions = model.predict(tickets.texts)
    out = {}
    for head in HEADS:
        given = [p.heads[head] for p in predictions]
        out[head] = Answers(
            np.array([codes[head].index(row[head]) for row in tickets.rows], np.int64),
            np.array([codes[head].index(one.label) for one in given], np.int64),
            np.array([one.confidence for one in given]),
            np.array([one.action == "auto" for one in given]),
            len(codes[head]),
        )
    return out


def everyone(train: Tickets, test: Tickets, step: Step) -> tuple[Heads, Heads, Heads, Recipes]:
    """Ours, the naive pipelines' and the strong ones', all fitted on all of ``train``, asked about ``test``; and what ours chose
    on ``train``."""
    model = fit(train)
    ours = ask(model, test)
    step("默认模型", len(train))
    codes = {h: head.codes for h, head in taxonomy().heads.items()}
    theirs: tuple[Heads, Heads] = ({}, {})
    for found, make, name in zip(theirs, (naive, strong), ("朴素流水线", "强流水线"), strict=True):
        for head in HEADS:
            pipeline = make(train.texts, train.labels()[head])
            soft = hasattr(pipeline, "predict_proba")
            scores = pipeline.predict_proba(test.texts) if soft else pipeline.decision_function(test.texts)
            order = np.array([codes[head].index(str(c)) for c in pipeline.classes_])
            found[head] = ours[head]._replace(
                answer=order[scores.argmax(axis=1)],
                confidence=scores.max(axis=1) if soft else np.full(len(test), np.nan),
                auto=np.zeros(len(test), np.bool_),
            )
            step(f"{name} {head}", len(train))
    return ours, *theirs, model.recipes


def strong(texts: list[str], labels: list[str | None]) -> Pipeline:
    """One head the way a careful team writes it: words 1-2 and characters 1-3, linear support vector machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "token_pattern will not be used"
        return peers_union.pipeline().fit(texts, labels)


def folds(tickets: Tickets, count: int = FOLDS) -> NDArray[np.int64]:
    """(n,) fold of each ticket; units stay whole."""
    names, member = np.unique(tickets.units, return_inverse=True)
    dealt = np.random.default_rng(20).permutation(len(names)) % count
    return dealt[member]


def curve(tickets: Tickets, fold: NDArray[np.int64], sizes: tuple[int, ...], step: Step) -> Curve:
    """Fits on growing, nested random draws of what lies outside each fold, asked about the fold."""
    scores: dict[int, list[Heads]] = {size: [] for size in (*sizes, 0)}
    outside = []
    for f in range(int(fold.max()) + 1):
        pool = np.random.default_rng(f).permutation(np.flatnonzero(fold != f))
        held = tickets.take(np.flatnonzero(fold == f))
        outside.append(len(pool))
        for size, found in scores.items():
            part = tickets.take(np.sort(pool[: size or len(pool)]))
            found.append(ask(fit(part), held))
            step(f"学习曲线 第 {f + 1} 折", len(part))
    return Curve(scores, round(float(np.mean(outside))))


def unfold(found: Curve, fold: NDArray[np.int64]) -> Heads:
    """Answers to every ticket, in file order, by the model that was fitted on all other folds."""
    order = np.argsort(np.concatenate([np.flatnonzero(fold == f) for f in range(int(fold.max()) + 1)]))
    return {head: join([answers[head] for answers in found.scores[0]]).take(order) for head in HEADS}


def leave_one_out(
    tickets: Tickets, column: str, seen: Heads, step: Step, recipes: Recipes, most: int | None = None
) -> list[LeftOut]:
    """Each value of ``column`` is held out in turn; tickets that share a unit with a held-out one are left out too. The recipes
    are those chosen on all tickets: two numbers a head, which a channel hardly moves, and choosing them takes most of the time."""
    values = tickets.column(column)
    out = []
    for value in np.unique(values).tolist()[:most]:
        held = values == value
        rest = ~np.isin(tickets.units, tickets.units[held])
        part = tickets.take(np.flatnonzero(rest))
        unseen = ask(fit(part, recipes), tickets.take(np.flatnonzero(held)))
        step(f"留出 {value}", len(part))
        out.append(LeftOut(value, len(part), unseen, {head: seen[head].take(held) for head in HEADS}))
    return out
