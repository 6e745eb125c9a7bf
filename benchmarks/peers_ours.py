"""Ours: the one place where the benchmark calls our own training."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers import Answer, Lesson, Missing

if TYPE_CHECKING:
    from models import TriageModel
    from training.corpus import Corpus
    from training.fit import Trained
    from triage.taxonomy import Taxonomy

_CHUNK = 2000
"""Texts answered at a time; bounds the memory of the predictions' probabilities."""


def ready(settings: Mapping[str, Any]) -> None:
    """Raises :class:`Missing` for a kind of model that this version cannot train or this machine cannot run."""
    from importlib import util

    from training.fit import train

    kind = settings["kind"]
    if kind == "linear":
        return
    if "kind" not in inspect.signature(train).parameters:
        raise Missing(f"training.fit.train 还不能训练 {kind}（没有 kind 参数）")
    absent = [name for name in ("torch", "transformers") if util.find_spec(name) is None]
    if absent:
        raise Missing(f"没有安装 {'、'.join(absent)}；安装：pip install 'fendan[encoder]'，或用 --peers 不选 {kind}")


def ours(kind: str, corpus: Corpus, taxonomy: Taxonomy, **options: Any) -> Trained:
    """Trains one of our models as ``fendan train`` does: a part held out, then refitted on everything."""
    from training.fit import train

    if kind != "linear":
        options["kind"] = kind
    return train(corpus, taxonomy, refit=True, **options)


class FittedOurs:
    """All heads at once."""

    def __init__(self, lesson: Lesson) -> None:
        options = dict(lesson.settings)
        trained = ours(options.pop("kind"), lesson.corpus, lesson.taxonomy, seed=lesson.seed, **options)
        self.dev = {head: report.accuracy for head, report in trained.reports.items()}
        self.heads = lesson.heads
        self.model: TriageModel = trained.model

    def predict(self, texts: Sequence[str]) -> dict[str, Answer]:
        out = {head: Answer([], []) for head in self.heads}
        for start in range(0, len(texts), _CHUNK):
            for one in self.model.predict(texts[start : start + _CHUNK]):
                for head, (labels, auto) in out.items():
                    given = one.heads[head]
                    labels.append(given.label)
                    auto.append(given.action == "auto")  # type: ignore[union-attr]
        return out

    def save(self, folder: Path) -> None:
        self.model.save(folder / "model")


def fit(lesson: Lesson) -> FittedOurs:
    """All heads of the lesson."""
    return FittedOurs(lesson)
