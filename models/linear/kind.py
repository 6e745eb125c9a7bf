"""Linear machines on counted features: quick to fit, quick to ask, and they say which words led to an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from models.core.scorer import FitData, FittedScorer, StoredScorer
    from models.linear.recipe import Recipe
    from models.linear.scorer import LinearScorer


class LinearSpec(Protocol):
    """What is asked of a specification."""

    @property
    def recipes(self) -> Mapping[str, Sequence[Recipe]]: ...

    @property
    def seed(self) -> int: ...


class LinearKind:
    """See :class:`models.core.scorer.ScorerKind`."""

    name = "linear"
    title = "线性"
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def fit(self, spec: LinearSpec, data: FitData) -> FittedScorer:
        """Fits the machines of all heads.

        Raises:
            TrainingError: nothing to learn from.
        """
        from models.linear.build import build

        return build(data, spec.recipes, spec.seed)

    def read(self, stored: StoredScorer) -> LinearScorer:
        """Reads a scorer.

        Raises:
            ValueError, KeyError: arrays that do not fit together, or a head that is conditional on one there is not.
        """
        from models.linear.scorer import LinearScorer

        names = list(stored.heads)
        outputs = [len(spec["labels"]) for spec in stored.heads.values()]
        parents = [
            -1 if spec.get("listens_to") is None else names.index(spec["listens_to"]) for spec in stored.heads.values()
        ]
        return LinearScorer.from_arrays(stored.arrays, outputs, stored.features, parents)


LINEAR = LinearKind()
