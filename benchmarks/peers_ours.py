"""Ours: the one place where the benchmark calls our own training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers import Answer, Lesson, Missing

if TYPE_CHECKING:
    from models import TriageModel
    from training.data.corpus import Corpus
    from training.fit.fit import Trained
    from triage.taxonomy import Taxonomy

_TORCH = ("torch", "transformers", "tokenizers", "safetensors")
_NEEDS = {"linear": (), "encoder": _TORCH, "blend": _TORCH}

_CHUNK = 2000
"""Texts answered at a time; bounds the memory of the predictions' probabilities."""


def ready(settings: Mapping[str, Any]) -> None:
    """Raises :class:`Missing` for a kind of model that this machine cannot run."""
    absent = [name for name in _NEEDS[settings["kind"]] if util.find_spec(name) is None]
    if absent:
        kind = settings["kind"]
        raise Missing(f"没有安装 {'、'.join(absent)}；安装：pip install 'fendan[encoder]'，或用 --peers 不选 {kind}")


def ours(
    kind: str, corpus: Corpus, taxonomy: Taxonomy, *, encoder: Mapping[str, Any] | None = None, seed: int = 0
) -> Trained:
    """Trains one of our models as ``fendan train`` does, without the figures on a part of its own: the test part gives them.

    ``encoder``: settings of the encoder that are not the defaults.
    """
    from training.fit.fit import train
    from training.fit.spec import TrainingSpec

    spec = TrainingSpec(kind=kind, hold_out=False, seed=seed)
    if encoder:
        from models.encoder import EncoderSettings

        spec = replace(spec, encoder=EncoderSettings(**encoder))
    return train(corpus, taxonomy, spec)


class FittedOurs:
    """All heads at once."""

    def __init__(self, lesson: Lesson) -> None:
        options = dict(lesson.settings)
        trained = ours(options.pop("kind"), lesson.corpus, lesson.taxonomy, seed=lesson.seed, **options)
        heads = trained.model.manifest["heads"].items()
        self.dev = {
            head: float(spec["accuracy"]) for head, spec in heads
        }  # on training tickets held out in inner folds
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
