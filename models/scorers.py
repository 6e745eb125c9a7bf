"""The kinds of scorers, and the kinds of models made of them: the one place that lists them.

A new scorer is a folder with a ``kind.py`` (see :class:`models.core.scorer.ScorerKind`) and its place in the lists below.
"""

from __future__ import annotations

from typing import NamedTuple

from models.core.scorer import ScorerKind
from models.encoder.kind import ENCODER
from models.linear.kind import LINEAR
from models.spec import ModelSpec
from triage.errors import TrainingError


class ModelKind(NamedTuple):
    """``members``: the scorers whose scores are pooled; the first is enough where the others do not pay."""

    name: str
    title: str
    members: tuple[ScorerKind[ModelSpec], ...]

    def has(self, scorer: ScorerKind[ModelSpec]) -> bool:
        """Whether a scorer of that kind is among the members."""
        return scorer in self.members


SCORERS: tuple[ScorerKind[ModelSpec], ...] = (LINEAR, ENCODER)

BLENDS = (ModelKind("blend", "两者合议（哪一项不划算就只用线性）", (LINEAR, ENCODER)),)


def kinds() -> dict[str, ModelKind]:
    """Name -> kind of model: each scorer alone, then the blends."""
    alone = [ModelKind(scorer.name, scorer.title, (scorer,)) for scorer in SCORERS]
    return {kind.name: kind for kind in (*alone, *BLENDS)}


def find(name: str) -> ModelKind:
    """The kind of that name.

    Raises:
        TrainingError: there is none; says which there are.
    """
    known = kinds()
    if name not in known:
        raise TrainingError(f"模型种类 {name!r} 不认识；可以是 {'、'.join(known)}", field="model")
    return known[name]


def files() -> tuple[str, ...]:
    """Names of all files that may lie beside the weights in a model folder."""
    return tuple(name for scorer in SCORERS for name in scorer.files)
