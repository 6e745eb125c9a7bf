"""A transformers encoder with all heads: learns more from many tickets, costs more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from models.encoder.need import LIBRARIES
from models.encoder.settings import EncoderSettings

if TYPE_CHECKING:
    from models.core.scorer import FitData, FittedScorer, StoredScorer
    from models.encoder.scorer import EncoderScorer


class EncoderSpec(Protocol):
    """What is asked of a specification."""

    @property
    def encoder(self) -> EncoderSettings | None: ...

    @property
    def encoder_folds(self) -> int: ...

    @property
    def seed(self) -> int: ...


class EncoderKind:
    """See :class:`models.core.scorer.ScorerKind`."""

    name = "encoder"
    title = "编码器"
    needs = LIBRARIES
    files = ("encoder.json", "encoder.safetensors", "tokenizer.json")

    def fit(self, spec: EncoderSpec, data: FitData) -> FittedScorer:
        """Fits one to ship and as many as there are folds.

        Raises:
            TrainingError: nothing to learn from, an unreadable trunk, a foreign checkpoint.
            FendanError: torch or what goes with it is not installed.
        """
        from models.encoder.need import require_torch

        require_torch()
        from models.encoder.build import build

        return build(data, spec.encoder or EncoderSettings(seed=spec.seed), spec.encoder_folds, spec.seed)

    def read(self, stored: StoredScorer) -> EncoderScorer:
        """Reads a scorer.

        Raises:
            ArtefactError: a file is missing or altered; ValueError: it has other heads than the model.
            FendanError: torch or what goes with it is not installed.
        """
        from models.encoder import EncoderScorer

        scorer = EncoderScorer.from_files(stored.files)
        if scorer.heads != {name: tuple(spec["labels"]) for name, spec in stored.heads.items()}:
            raise ValueError("the encoder has other heads")
        return scorer


ENCODER = EncoderKind()
