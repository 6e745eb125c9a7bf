"""Labelled tickets -> a model, and figures for it that it could not have learned by heart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from training.corpus import Corpus
from training.duplicates import group
from training.evaluate import HeadReport, judge
from training.split import Split, split
from triage.errors import TrainingError
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from models import TriageModel

HELD_OUT = 0.2
"""Share of the tickets that the reported figures come from."""

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
    """

    model: TriageModel
    reports: dict[str, HeadReport]
    split: Split
    duplicates: int
    refit: bool
    seconds: float
    notes: tuple[str, ...]


def train(
    corpus: Corpus,
    taxonomy: Taxonomy,
    *,
    target_error: float = 0.03,
    refit: bool = True,
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> Trained:
    """Groups near-duplicates, holds out a part, fits, judges, and refits on everything.

    Raises:
        TrainingError: too few tickets, or one class only.
    """
    from models import TriageModel

    start = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    say("查找重复", 0.0)
    groups = group(corpus.texts)
    duplicates = int((groups != range(len(corpus))).sum())
    parted = split(corpus, groups, share=HELD_OUT, seed=seed)
    notes = [*parted.notes]

    def fit(rows: Corpus, members: list[int], what: str, penalties: dict[str, float] | None) -> TriageModel:
        labelled = {head: column for head, column in rows.labels.items() if any(column)}
        return TriageModel.fit(
            rows.texts,
            labelled,
            taxonomy=taxonomy,
            target_error=target_error,
            groups=members,
            progress=lambda _, share: say(what, share),
            seed=seed,
            data_fingerprint=rows.fingerprint,
            penalties=penalties,
        )

    reports: dict[str, HeadReport] = {}
    first: TriageModel | None = None
    if len(parted.held_out) >= LEAST_HELD_OUT:
        learned = corpus.subset(parted.train.tolist())
        try:
            first = fit(learned, groups[parted.train].tolist(), "训练（留出两成）", None)
        except TrainingError as error:
            notes.append(f"留出两成之后不够训练（{error}），所以没有留出集上的成绩")
        else:
            reports, left_out = _judge(first, corpus.subset(parted.held_out.tolist()))
            notes += left_out
    else:
        notes.append(
            f"只有 {len(corpus)} 条工单，不够留出一部分来评估；没有成绩可报，上线前请另备数据用 fendan evaluate 评估"
        )
    if first is None or refit:
        penalties = first.penalties if first else None
        model = fit(corpus, groups.tolist(), "训练（全部工单）", penalties)
    else:
        model = first
    return Trained(
        model,
        reports,
        parted,
        duplicates,
        refit or first is None,
        time.perf_counter() - start,
        (*corpus.notes, *notes),
    )


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
