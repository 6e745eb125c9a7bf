"""The fitted linear machine of all heads: a vocabulary and one table of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings
from models.core.scorer import Scorer
from models.core.weight_table import (
    BatchScores,
    ConditionalWeights,
    FeatureVocabulary,
    Heads,
    WeightTable,
    build_weight_table,
    score,
)


class LinearScorer(Scorer):
    """Scores read batches, all heads in one pass. Several threads may score at once.

    Args:
        weights: (features, outputs) float32 and ``bias``: (outputs,) float32, head after head.
        outputs: (heads,) labels of each head.
        conditional: the heads that are conditional on another one; None where none is.
    """

    one_pass = True

    def __init__(
        self,
        vocabulary: FeatureVocabulary,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        outputs: list[int],
        settings: FeatureSettings,
        conditional: ConditionalWeights | None = None,
    ) -> None:
        self.settings = settings
        self._vocabulary = vocabulary
        self._table: WeightTable = build_weight_table(vocabulary, weights, bias)
        groups = np.cumsum([0, *outputs])
        self.conditional = conditional
        self._outputs = int(groups[-1])
        self._plain = Heads(groups, np.ones(groups[-1]), np.zeros(groups[-1]))

    @property
    def vocabulary(self) -> FeatureVocabulary:
        return self._vocabulary

    def score(
        self,
        batch: Batch,
        *,
        explain: bool = False,
        given: NDArray[np.int32] | None = None,
        heads: Heads | None = None,
    ) -> BatchScores:
        found = score(
            batch,
            self.settings,
            self._table,
            heads or self._plain,
            explain=explain,
            given=given,
            conditional=self.conditional,
        )
        if found.scores.shape[1] == self._outputs:
            return found
        return found._replace(scores=found.scores[:, : self._outputs], margins=found.scores[:, self._outputs])

    def beside(self, column: NDArray[np.float32]) -> LinearScorer:
        """``column``: (v + 1,) weights, then a bias. It is kept elsewhere."""
        out = copy(self)
        own = slice(None, self._outputs)
        lines = np.hstack([self._table.lines[:, : 1 + self._outputs], column[:-1, None]])
        out._table = self._table._replace(lines=lines, bias=np.append(self._table.bias[own], column[-1]))
        return out

    def absorbing(self, maps: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> LinearScorer:
        arrays, conditional = self.arrays(), self.conditional
        weights, bias = arrays["weights"].astype(np.float64), arrays["bias"].astype(np.float64)
        outputs = [len(shift) for _, shift in maps]
        parents = [-1] * len(maps) if conditional is None else conditional.parent.tolist()
        blocks, column = {}, 0
        for h, (matrix, shift) in enumerate(maps):
            at = slice(column, column + outputs[h])
            column = at.stop
            weights[:, at], bias[at] = weights[:, at] @ matrix.T, matrix @ bias[at] + shift
            if conditional is not None and parents[h] >= 0:
                many, first = outputs[parents[h]], int(conditional.offset[h])
                mine = slice(first, first + outputs[h] * many)
                several = np.kron(np.eye(many), matrix)
                blocks[h] = (
                    (conditional.weights[:, mine].astype(np.float64) @ several.T).astype(np.float32),
                    (several @ conditional.bias[mine] + np.tile(shift, many)).astype(np.float32),
                )
        return LinearScorer(
            self.vocabulary,
            weights.astype(np.float32),
            bias.astype(np.float32),
            outputs,
            self.settings,
            join_blocks(blocks, outputs, parents),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        own: dict[str, NDArray[Any]] = {}
        if self.conditional is not None:
            own = {"heard_weights": self.conditional.weights, "heard_bias": self.conditional.bias}
        return own | {
            "keys": self.vocabulary.keys,
            "idf": self.vocabulary.idf,
            "weights": self._table.lines[:, 1 : 1 + self._outputs],
            "bias": self._table.bias[: self._outputs],
        }

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, NDArray[Any]],
        outputs: list[int],
        settings: FeatureSettings,
        parents: Sequence[int] = (),
    ) -> LinearScorer:
        """Reads :meth:`arrays`.

        Args:
            parents: (heads,) the head that each one is conditional on, -1 for none; empty where none is.

        Raises:
            ValueError: shapes, kinds or numbers that cannot be weights.
            KeyError: an array is missing.
        """
        size, total = len(arrays["keys"]), sum(outputs)
        shapes = {"keys": (size,), "idf": (size,), "weights": (size, total), "bias": (total,)}
        kinds = {"keys": np.uint64, "idf": np.float32, "weights": np.float32, "bias": np.float32}
        conditioned = any(parent != -1 for parent in parents)
        if conditioned:
            parent, offset, columns = _places(outputs, parents)
            shapes |= {"heard_weights": (size, columns), "heard_bias": (columns,)}
            kinds |= {"heard_weights": np.float32, "heard_bias": np.float32}
        for name, shape in shapes.items():
            if arrays[name].shape != shape or arrays[name].dtype != kinds[name]:
                raise ValueError(f"{name}: {arrays[name].dtype}{arrays[name].shape}")
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name}: not finite")
        conditional = None
        if conditioned:
            conditional = ConditionalWeights(arrays["heard_weights"], arrays["heard_bias"], parent, offset)
        vocabulary = FeatureVocabulary(arrays["keys"], arrays["idf"])
        return cls(vocabulary, arrays["weights"], arrays["bias"], outputs, settings, conditional)


def join_blocks(
    blocks: Mapping[int, tuple[NDArray[np.float32], NDArray[np.float32]]], outputs: list[int], parents: Sequence[int]
) -> ConditionalWeights | None:
    """Puts the blocks of the conditional heads beside each other.

    Args:
        blocks: head -> (v, columns) weights and (columns,) bias.
        outputs, parents: as for :class:`LinearScorer`.
    """
    if not blocks:
        return None
    parent, offset, _ = _places(outputs, parents)
    weights = np.ascontiguousarray(np.hstack([blocks[h][0] for h in sorted(blocks)]), np.float32)
    return ConditionalWeights(
        weights, np.concatenate([blocks[h][1] for h in sorted(blocks)]).astype(np.float32), parent, offset
    )


def _places(outputs: list[int], parents: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """(heads,) parents and (heads,) first columns, see :class:`models.core.weight_table.ConditionalWeights`, and how many columns there are.

    Raises:
        ValueError: a parent that is none: no such head, the head itself, or one that is conditional, too.
    """
    offset, columns = np.full(len(outputs), -1, np.int64), 0
    if len(parents) != len(outputs):
        raise ValueError(f"{len(parents)} parents of {len(outputs)} heads")
    for h, parent in enumerate(parents):
        if parent == -1:
            continue
        if not 0 <= parent < len(outputs) or parent == h or parents[parent] != -1:
            raise ValueError(f"head {h} cannot be conditional on head {parent}")
        offset[h] = columns
        columns += outputs[h] * outputs[parent]
    return np.asarray(parents, np.int64), offset, columns
