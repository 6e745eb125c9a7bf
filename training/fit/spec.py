"""How a model is made, beyond its data: what the options say, what a run records, what a retraining takes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.encoder.settings import EncoderSettings
from models.linear.recipe import Recipe
from models.promise.targets import Targets
from models.spec import ModelSpec

FILE = "spec.json"
"""The artefact of a run that keeps :meth:`TrainingSpec.to_mapping`."""

OLDER_FILES = ("how.json",)
"""Names that runs of earlier versions keep it under."""


@dataclass(frozen=True, slots=True)
class TrainingSpec(ModelSpec):
    """The specification of one training: of the model, and of how it comes to be judged and shipped.

    Attributes:
        hold_out: whether a part is held out for figures; without it training takes half the time, and the model is judged elsewhere.
        refit: whether the model to ship is fitted once more on everything.
    """

    hold_out: bool = True
    refit: bool = True

    def to_mapping(self) -> dict[str, Any]:
        """As JSON. A trunk that is a folder is named in full, so that it is found from elsewhere."""
        encoder = None if self.encoder is None else self.encoder.to_mapping()
        if encoder and encoder["trunk"] and Path(encoder["trunk"]).is_dir():
            encoder["trunk"] = str(Path(encoder["trunk"]).resolve())
        return {
            "kind": self.kind,
            "targets": self.targets.to_mapping(),
            "recipes": {head: [recipe.to_mapping() for recipe in found] for head, found in self.recipes.items()},
            "costs": {head: dict(found) for head, found in self.costs.items()},
            "features": None if self.features is None else self.features.to_mapping(),
            "encoder": encoder,
            "encoder_folds": self.encoder_folds,
            "seed": self.seed,
            "hold_out": self.hold_out,
            "refit": self.refit,
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> TrainingSpec:
        """Reads :meth:`to_mapping`. FieldReader of other names are ignored; what is missing has its default (older
        records have no costs, no encoder, no seed).

        Raises:
            TrainingError: a target, a recipe or a setting that is not allowed.
        """
        from features.hashing import FeatureSettings  # half a second that only reading a record needs

        features, encoder = data.get("features"), data.get("encoder")
        return cls(
            kind=data.get("kind", "linear"),
            targets=Targets.from_mapping(data["targets"]) if "targets" in data else Targets(),
            recipes={
                head: tuple(Recipe.from_mapping(r) for r in found) for head, found in data.get("recipes", {}).items()
            },
            costs=data.get("costs", {}),
            features=None if features is None else FeatureSettings(**features),
            encoder=None if encoder is None else EncoderSettings.from_mapping(encoder),
            encoder_folds=data.get("encoder_folds", 1),
            seed=data.get("seed", 0),
            hold_out=data.get("hold_out", True),
            refit=data.get("refit", True),
        )
