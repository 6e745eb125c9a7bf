"""The fitted linear machine of all heads: a vocabulary and one table of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings
from models.core.weight_table import Following, Heads, Scored, Table, Vocabulary, build_table, score


class LinearScorer:
    """Scores read batches, all heads in one pass. Several threads may score at once.

    Args:
        weights: (features, outputs) float32 and ``bias``: (outputs,) float32, head after head.
        outputs: (heads,) labels of each head.
        following: the heads that listen to another one; None where none does.
    """

    kind = "linear"

    def __init__(
        self,
        vocabulary: Vocabulary,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        outputs: list[int],
        settings: FeatureSettings,
        following: Following | None = None,
    ) -> None:
        self.settings = settings
        self.vocabulary = vocabulary
        self._table: Table = build_table(vocabulary, weights, bias)
        groups = np.cumsum([0, *outputs])
        self.following = following
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
        found = score(
            batch,
            self.settings,
            self._table,
            heads or self._plain,
            explain=explain,
            given=given,
            following=self.following,
        )
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
        heard: dict[str, NDArray[Any]] = {}
        if self.following is not None:
            heard = {"heard_weights": self.following.weights, "heard_bias": self.following.bias}
        return heard | {
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
        leaders: Sequence[int] = (),
    ) -> LinearScorer:
        """Reads :meth:`arrays`.

        Args:
            leaders: (heads,) the head that each one listens to, -1 for none; empty where none does.

        Raises:
            ValueError: shapes, kinds or numbers that cannot be weights.
            KeyError: an array is missing.
        """
        size, total = len(arrays["keys"]), sum(outputs)
        shapes = {"keys": (size,), "idf": (size,), "weights": (size, total), "bias": (total,)}
        kinds = {"keys": np.uint64, "idf": np.float32, "weights": np.float32, "bias": np.float32}
        listening = any(leader != -1 for leader in leaders)
        if listening:
            leader, offset, columns = _places(outputs, leaders)
            shapes |= {"heard_weights": (size, columns), "heard_bias": (columns,)}
            kinds |= {"heard_weights": np.float32, "heard_bias": np.float32}
        for name, shape in shapes.items():
            if arrays[name].shape != shape or arrays[name].dtype != kinds[name]:
                raise ValueError(f"{name}: {arrays[name].dtype}{arrays[name].shape}")
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name}: not finite")
        following = None
        if listening:
            following = Following(arrays["heard_weights"], arrays["heard_bias"], leader, offset)
        vocabulary = Vocabulary(arrays["keys"], arrays["idf"])
        return cls(vocabulary, arrays["weights"], arrays["bias"], outputs, settings, following)


def following_of(
    blocks: Mapping[int, tuple[NDArray[np.float32], NDArray[np.float32]]], outputs: list[int], leaders: Sequence[int]
) -> Following | None:
    """Puts the blocks of the heads that listen beside each other.

    Args:
        blocks: head -> (v, columns) weights and (columns,) bias.
        outputs, leaders: as for :class:`LinearScorer`.
    """
    if not blocks:
        return None
    leader, offset, _ = _places(outputs, leaders)
    weights = np.ascontiguousarray(np.hstack([blocks[h][0] for h in sorted(blocks)]), np.float32)
    return Following(weights, np.concatenate([blocks[h][1] for h in sorted(blocks)]).astype(np.float32), leader, offset)


def _places(outputs: list[int], leaders: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """(heads,) leaders and (heads,) first columns, see :class:`models.core.weight_table.Following`, and how many columns there are.

    Raises:
        ValueError: a leader that is none: no such head, the head itself, or one that listens, too.
    """
    offset, columns = np.full(len(outputs), -1, np.int64), 0
    if len(leaders) != len(outputs):
        raise ValueError(f"{len(leaders)} leaders of {len(outputs)} heads")
    for h, leader in enumerate(leaders):
        if leader == -1:
            continue
        if not 0 <= leader < len(outputs) or leader == h or leaders[leader] != -1:
            raise ValueError(f"head {h} cannot listen to head {leader}")
        offset[h] = columns
        columns += outputs[h] * outputs[leader]
    return np.asarray(leaders, np.int64), offset, columns
