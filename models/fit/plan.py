"""How a model is to be fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe
from models.promise.targets import Targets

if TYPE_CHECKING:
    from models.encoder import EncoderSettings

KINDS = ("linear", "encoder", "blend")


class FitPlan(NamedTuple):
    """How to fit; see :meth:`models.triage_model.TriageModel.fit` for what the parts mean."""

    kind: str
    targets: Targets
    groups: NDArray[np.int64]
    when: NDArray[np.float64] | None
    seed: int
    settings: FeatureSettings
    recipes: Mapping[str, Sequence[Recipe]]
    costs: Mapping[str, Mapping[str, float]]
    encoder: EncoderSettings | None
    encoder_folds: int
    checkpoint: Path | None
    progress: Callable[[str, float], None]
    elsewhere: Sequence[str] = ()
