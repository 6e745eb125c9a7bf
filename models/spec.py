"""What a model is to be like, whatever it learns from. Plain data: nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.encoder.settings import EncoderSettings
from models.linear.recipe import Recipe
from models.promise.targets import Targets

if TYPE_CHECKING:
    from features.hashing import FeatureSettings


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The specification of a model.

    Attributes:
        kind: what scores, one of :data:`models.scorers.KINDS` by name.
        targets: promised error rates of automatic answers.
        recipes: head -> recipes of the linear machines, where an earlier fit or a search has chosen them.
        costs: head -> label -> what missing it costs, 1 being usual (see :mod:`models.core.decision`); such a head learns no
            weights of its own.
        features: what is counted; None: the defaults.
        encoder: settings of the encoder; None: its defaults.
        encoder_folds: how many fifths of the tickets are held out from an encoder in turn, 1 to 5. More give calibration
            and limits more tickets to stand on, and cost as many trainings.
        seed: of everything drawn at random.
    """

    kind: str = "linear"
    targets: Targets = field(default_factory=Targets)
    recipes: Mapping[str, Sequence[Recipe]] = field(default_factory=dict)
    costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    features: FeatureSettings | None = None
    encoder: EncoderSettings | None = None
    encoder_folds: int = 1
    seed: int = 0
