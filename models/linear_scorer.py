"""The fitted linear machine of all heads: a vocabulary and one table of weights."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings
from models.table import Heads, Scored, Table, Vocabulary, build_table, score


class LinearScorer:
    """Scores read batches, all heads in one pass. Several threads may score at once.

    Args:
        weights: (features, outputs) float32 and ``bias``: (outputs,) float32, head after head.
        outputs: (heads,) labels of each head.
    """

    kind = "linear"

    def __init__(
        self,
        vocabulary: Vocabulary,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        outputs: list[int],
        settings: FeatureSettings,
    ) -> None:
        self.settings = settings
        self.vocabulary = vocabulary
        self._table: Table = build_table(vocabulary, weights, bias)
        groups = np.cumsum([0, *outputs])
        self._outputs = int(groups[-1])
        self._plain = Heads(groups, np.ones(groups[-1]), np.zeros(groups[-1]))

    @property
    def feature_count(self) -> int:
        return len(self.vocabulary.keys)

    def score(
        self,
        batch: Batch,
        *,
        explain: bool = False,
        heads: Heads | None = None,
        given: NDArray[np.int32] | None = None,
    ) -> Scored:
        """Scores of a batch.

        Args:
            heads: what makes the scores of a head comparable, to find the answers in the same pass.
            given: (texts, heads) the answers to explain, where they are known already.
        """
        found = score(batch, self.settings, self._table, heads or self._plain, explain=explain, given=given)
        if found.scores.shape[1] == self._outputs:
            return found
        return found._replace(scores=found.scores[:, : self._outputs], margins=found.scores[:, self._outputs])

    def beside(self, column: NDArray[np.float32]) -> LinearScorer:
        """The same scorer that also gives ``margins`` by one more column: (v + 1,) weights, then a bias. It is kept elsewhere."""
        out = copy(self)
        own = slice(None, self._outputs)
        lines = np.hstack([self._table.lines[:, : 1 + self._outputs], column[:-1, None]])
        out._table = self._table._replace(lines=lines, bias=np.append(self._table.bias[own], column[-1]))
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What the model folder keeps."""
        return {
            "keys": self.vocabulary.keys,
            "idf": self.vocabulary.idf,
            "weights": self._table.lines[:, 1 : 1 + self._outputs],
            "bias": self._table.bias[: self._outputs],
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], outputs: list[int], settings: FeatureSettings
    ) -> LinearScorer:
        """Reads :meth:`arrays`.

        Raises:
            ValueError: shapes, kinds or numbers that cannot be weights.
            KeyError: an array is missing.
        """
        size, total = len(arrays["keys"]), sum(outputs)
        shapes = {"keys": (size,), "idf": (size,), "weights": (size, total), "bias": (total,)}
        kinds = {"keys": np.uint64, "idf": np.float32, "weights": np.float32, "bias": np.float32}
        for name, shape in shapes.items():
            if arrays[name].shape != shape or arrays[name].dtype != kinds[name]:
                raise ValueError(f"{name}: {arrays[name].dtype}{arrays[name].shape}")
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name}: not finite")
        return cls(Vocabulary(arrays["keys"], arrays["idf"]), arrays["weights"], arrays["bias"], outputs, settings)
