"""What stands between the scores of one head and its answer: pool, calibration, decision, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration.methods import Calibrator, from_mapping
from models.core.decision import answers, between
from models.core.pool import pool
from models.promise.limits import Limits


@dataclass(frozen=True)
class CalibratedHead:
    """One fitted head with k labels.

    Attributes:
        labels: codes in column order.
        pool: (members,) weights of the scorers' scores.
        calibration: pooled scores -> probabilities.
        weights: (k,) what missing each label costs (see :mod:`models.core.decision`); all 1: the likeliest label is the answer.
        limits: which answers may act alone.
        ordinal: the labels go from the most severe to the least, and the decision heeds it.
    """

    labels: tuple[str, ...]
    pool: NDArray[np.float64]
    calibration: Calibrator
    weights: NDArray[np.float64]
    limits: Limits
    ordinal: bool = False

    def probabilities(self, scores: Sequence[NDArray[np.floating[Any]]]) -> NDArray[np.float64]:
        """(n, k) calibrated, of one (n, k) array of scores per member."""
        return self.calibration.apply(pool(list(scores), self.pool))

    def answers(
        self, probabilities: NDArray[np.float64], best: NDArray[np.int32] | None = None
    ) -> NDArray[np.integer[Any]]:
        """(n,) label numbers said of (n, k) probabilities. ``best``: (n,) the likeliest, weights counted in, where known."""
        if best is None:
            return answers(probabilities, self.weights, ordinal=self.ordinal)
        return between(probabilities * self.weights, best) if self.ordinal else best

    @property
    def affine(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """(k,) scale and (k,) shift such that the answer is the largest ``scale * score + shift``, where the head has one
        member and its calibration allows that; else None."""
        found = self.calibration.affine
        if found is None or len(self.pool) != 1:
            return None
        return found[0] * self.pool[0], found[1] + np.log(self.weights)

    def to_mapping(self) -> dict[str, Any]:
        """The head's part of the manifest."""
        limits = self.limits
        mine = limits.pool == 0
        return {
            "labels": list(self.labels),
            "ordinal": self.ordinal,
            "pool": self.pool.tolist(),
            "calibration": self.calibration.to_mapping(),
            "weights": dict(zip(self.labels, self.weights.tolist(), strict=True)),
            "limits": {
                label: {
                    "auto": None if np.isnan(limits.auto[i]) else float(limits.auto[i]),
                    "cannot_promise": bool(np.isnan(limits.auto[i])),
                    "n": int(limits.seen[i]),
                    "errors": int(limits.errors[i]),
                    "target": float(limits.target[i]),
                    "pool": int(limits.pool[i]),
                }
                for i, label in enumerate(self.labels)
            },
            "promise": {
                "target": float(limits.target[mine][0]) if mine.any() else None,
                "n": int(limits.seen[mine].sum()),
                "errors": int(limits.errors[mine].sum()),
                "bound": limits.bound(),
            },
        }

    @classmethod
    def from_mapping(cls, spec: Mapping[str, Any], members: int) -> CalibratedHead:
        """Reads :meth:`to_mapping`.

        Raises:
            KeyError, TypeError, ValueError: something is missing, of a wrong kind, or does not fit together.
        """
        labels = tuple(spec["labels"])
        k = len(labels)
        if k < 2 or len(set(labels)) != k or not all(isinstance(label, str) for label in labels):
            raise ValueError(f"labels: {labels!r}")
        shares = np.array(spec["pool"], np.float64)
        weights = np.array([spec["weights"][label] for label in labels], np.float64)
        if shares.shape != (members,) or not (np.isfinite(shares).all() and (shares >= 0).all() and shares.any()):
            raise ValueError(f"pool: {spec['pool']!r}")
        if not (np.isfinite(weights).all() and (weights > 0).all()):
            raise ValueError(f"weights: {spec['weights']!r}")
        rows = [spec["limits"][label] for label in labels]
        limits = Limits(
            np.array([np.nan if row["auto"] is None else row["auto"] for row in rows], np.float64),
            np.array([row["n"] for row in rows], np.int64),
            np.array([row["errors"] for row in rows], np.int64),
            np.array([row["target"] for row in rows], np.float64),
            np.array([row["pool"] for row in rows], np.int64),
        )
        ordinal = spec.get("ordinal", False)
        if not isinstance(ordinal, bool):
            raise ValueError(f"ordinal: {ordinal!r}")
        return cls(labels, shares, from_mapping(spec["calibration"], k), weights, limits, ordinal)
