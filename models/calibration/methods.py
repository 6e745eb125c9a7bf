"""From scores to probabilities that mean what they say: what every method offers, and reading any of them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.calibration.isotonic import Isotonic
from models.calibration.multinomial import Multinomial
from models.calibration.temperature import Temperature
from models.calibration.vector import Vector


class Calibrator(Protocol):
    """A fitted map from scores to probabilities of one head with k labels."""

    @property
    def method(self) -> str:
        """Its name in files and tables."""

    def apply(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n, k) scores -> (n, k) float64 probabilities; each row sums to 1."""

    @property
    def affine(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Scale and shift, each (k,): ``scale * score + shift`` orders the labels of a ticket as the probabilities do; None
        where no such pair does."""

    def to_mapping(self) -> dict[str, Any]:
        """Plain numbers for JSON, with ``method``; :func:`from_mapping` reads them back to the bit."""


METHODS: dict[str, type[Temperature] | type[Vector] | type[Multinomial] | type[Isotonic]] = {
    kind.method: kind for kind in (Temperature, Vector, Multinomial, Isotonic)
}


def from_mapping(mapping: Mapping[str, Any], k: int) -> Calibrator:
    """A calibration for ``k`` labels from what ``to_mapping`` wrote.

    Raises:
        ValueError: an unknown method, or numbers that cannot be a calibration (says which).
    """
    if not isinstance(mapping, Mapping):
        raise ValueError("校准应是一个对象")
    kind = METHODS.get(str(mapping.get("method")))
    if kind is None:
        raise ValueError(f"不认识的校准方法 {mapping.get('method')!r}；认识的是：{'、'.join(METHODS)}")
    return kind.from_mapping(mapping, k)
