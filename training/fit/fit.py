"""Labelled tickets -> a model, and figures for it that it could not have learned by heart."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.corpus import Corpus
from training.data.duplicates import grouping
from training.data.frames import NO_FRAMES, NOTHING_SHARED, Frames
from training.data.split import Split, split
from training.data.standard import ELSEWHERE, load_elsewhere
from training.fit.spec import TrainingSpec
from training.judge.evaluate import HeadReport, judge
from training.judge.harm import HarmReport, harm
from training.judge.probe import ProbeReport, run, sampled
from triage.errors import TrainingError
from triage.policy.profile import Profile
from triage.prediction import IN_SCOPE
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from models import TriageModel
    from models.core.distillation import Distillation
    from models.linear.recipe import Recipe

HELD_OUT = 0.2
"""Share of the tickets that the reported figures come from."""

PROBED = 200
"""Held-out tickets that behaviour checks are made on with each training: some four thousand answers, about a second."""

LEAST_HELD_OUT = 20
"""With fewer held-out tickets no figures are reported: they would say more of chance than of the model."""


class Trained(NamedTuple):
    """What :func:`train` gives.

    Attributes:
        model: the model to ship; fitted on every ticket when ``refit``.
        reports: head -> figures on the held-out part, of the model fitted without it; empty when there was none.
        split: which rows were held out, and how.
        duplicates: rows that repeat, nearly or exactly, an earlier row.
        seconds: wall time of fitting.
        judged: the model that the reports are about; None when there was none. It is ``model`` itself unless ``refit``.
        behaviour: how still its answers held, on :data:`PROBED` of the held-out tickets; None where there are no reports.
        harm: what becomes of the most severe ones; None where there is none, or no policy was given.
        frames: what many of the tickets share, and what therefore makes no two of them alike.
    """

    model: TriageModel
    reports: dict[str, HeadReport]
    split: Split
    duplicates: int
    refit: bool
    seconds: float
    notes: tuple[str, ...]
    judged: TriageModel | None = None
    behaviour: ProbeReport | None = None
    harm: HarmReport | None = None
    frames: Frames = NO_FRAMES

    @property
    def learned(self) -> NDArray[np.int64]:
        """Rows that ``model`` has learned from."""
        every = np.arange(len(self.split.train) + len(self.split.held_out))
        return every if self.refit else self.split.train


def train(
    corpus: Corpus,
    taxonomy: Taxonomy,
    spec: TrainingSpec | None = None,
    *,
    parted: tuple[Split, NDArray[np.int64]] | None = None,
    teacher: TriageModel | None = None,
    unlabelled: Sequence[str] = (),
    elsewhere: Sequence[str] | None = None,
    profile: Profile | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Trained:
    """Groups near-duplicates, holds out a part, fits, judges, and refits on everything.

    Args:
        spec: how; None: the defaults.
        parted: the split and the groups of the corpus's rows, where somebody has made them; else they are made here.
        teacher: says what ``unlabelled`` tickets are; the linear part learns from that, too. Unlabelled tickets that repeat a
            labelled one are left out: the teacher may know their label by heart, and the held-out figures would be too good.
        elsewhere: texts that are no tickets, to tell tickets from; None: those that come with Fendan.
        profile: the policy that tells what becomes of the most severe tickets; None: nobody asks.
        checkpoint: where a stopped training of an encoder goes on.

    Raises:
        TrainingError: too few tickets, or one class only.
    """
    from models.fit.model import LabelledTexts, fit_model

    start = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    spec = spec or TrainingSpec()
    foreign: list[str] = []
    frames, shared = NO_FRAMES, NOTHING_SHARED
    if parted is not None:
        cut, groups = parted
    else:
        say("查找重复", 0.0)
        everything = grouping([*corpus.texts, *unlabelled])
        frames, shared = everything.frames, everything.shared
        groups = everything.groups[: len(corpus)]
        foreign = _foreign(unlabelled, everything.groups, len(corpus))
        cut = split(corpus, groups, share=HELD_OUT, seed=spec.seed)
    distillation = _distillation(teacher, foreign, say)
    taught = 0 if distillation is None else len(distillation.texts)
    when = seconds(corpus)
    duplicates = int((groups != range(len(corpus))).sum())
    notes = [*shared.notes(), *cut.notes, *_teacher_notes(teacher, taught, len(foreign) - taught, len(unlabelled))]
    others = load_elsewhere() if elsewhere is None else elsewhere
    if elsewhere is None and not others:
        notes.append(f"找不到 {ELSEWHERE[0]}（别行的文字），认不认得一张工单只凭陌生的字词；重装 Fendan 可补上")

    def fit(at: NDArray[np.int64], what: str, recipes: Mapping[str, Sequence[Recipe]]) -> TriageModel:
        rows = corpus.subset(at.tolist())
        labelled = {head: column for head, column in rows.labels.items() if any(column)}
        tickets = LabelledTexts(
            rows.texts,
            labelled,
            taxonomy,
            groups=groups[at].tolist(),
            when=when[at].tolist(),
            distillation=distillation,
            elsewhere=others,
            fingerprint=rows.fingerprint,
        )
        return fit_model(
            tickets,
            replace(spec, recipes=recipes),
            checkpoint=None if checkpoint is None else checkpoint / f"rows{len(at)}",
            progress=lambda _, share: say(what, share),
        )

    reports: dict[str, HeadReport] = {}
    first: TriageModel | None = None
    behaviour: ProbeReport | None = None
    worst: HarmReport | None = None
    if not spec.hold_out:
        notes.append("没有留出工单来评估，成绩请用 fendan evaluate 在别的数据上看")
    elif len(cut.held_out) >= LEAST_HELD_OUT:
        try:
            first = fit(cut.train, "训练（留出两成）", spec.recipes)
        except TrainingError as error:
            notes.append(f"留出两成之后不够训练（{error}），所以没有留出集上的成绩")
        else:
            held = corpus.subset(cut.held_out.tolist())
            reports, left_out = _judge(first, held)
            notes += left_out
            some = sampled(held.texts, PROBED, spec.seed)
            behaviour = run(first, [held.texts[row] for row in some], spec.seed, progress=say)
            worst = None if profile is None else harm(first, held, profile)
    else:
        notes.append(
            f"只有 {len(corpus)} 条工单，不够留出一部分来评估；没有成绩可报，上线前请另备数据用 fendan evaluate 评估"
        )
    if first is None or spec.refit:
        model = fit(np.arange(len(corpus)), "训练（全部工单）", first.recipes if first else spec.recipes)
    else:
        model = first
    return Trained(
        model,
        reports,
        cut,
        duplicates,
        spec.refit or first is None,
        time.perf_counter() - start,
        (*corpus.notes, *notes),
        first,
        behaviour,
        worst,
        frames,
    )


def seconds(corpus: Corpus) -> NDArray[np.float64]:
    """(n,) when each ticket came, in seconds since 1970; NaN where that is not known."""
    return np.array([np.nan if at is None else at.timestamp() for at in corpus.created_at], np.float64)


def _foreign(unlabelled: Sequence[str], groups: NDArray[np.int64], labelled: int) -> list[str]:
    """The unlabelled tickets that repeat no labelled one."""
    known = set(groups[:labelled].tolist())
    return [text for text, g in zip(unlabelled, groups[labelled:].tolist(), strict=True) if g not in known]


def _teacher_notes(teacher: TriageModel | None, kept: int, unread: int, given: int) -> list[str]:
    """What is to be known of a distillation."""
    if teacher is None:
        return []
    return [
        f"{kept:,} 条没有标签的工单由老师作答；{given - kept - unread:,} 条与有标签的近似重复，没有用",
        *([f"{unread:,} 条没有标签的工单不像老师学过的，老师的话只是猜测，没有用"] if unread else []),
        "老师若是用这批工单训练的，就见过留出的部分，下面的成绩会偏高；请再用 fendan evaluate 在别的数据上看",
    ]


def _distillation(
    teacher: TriageModel | None, texts: list[str], say: Callable[[str, float], None]
) -> Distillation | None:
    from models.core.distillation import Distillation

    if teacher is None or not texts:
        return None
    say("请老师模型作答", 0.0)
    kept = [text for text, share in zip(texts, teacher.in_scope(texts), strict=True) if share >= IN_SCOPE]
    return Distillation(kept, teacher.heads, teacher.predict_proba(kept)) if kept else None


def _judge(model: TriageModel, held: Corpus) -> tuple[dict[str, HeadReport], list[str]]:
    """Figures on the held-out part; labels too rare to have been learned are left out of it and named."""
    notes = []
    labels = {}
    for head, column in held.labels.items():
        known = set(model.heads.get(head, ()))
        rare = sorted({code for code in column if code and code not in known})
        if rare:
            notes.append(f"{head} 的 {'、'.join(rare)} 太少，只出现在留出集里，没有计入成绩")
        labels[head] = tuple(code if code in known else None for code in column)
    if not any(any(column) for column in labels.values()):
        return {}, notes
    return judge(model, Corpus(**{**{f: getattr(held, f) for f in _FIELDS}, "labels": labels})), notes


_FIELDS = ("ids", "texts", "created_at", "channel", "customer_id", "sources")
