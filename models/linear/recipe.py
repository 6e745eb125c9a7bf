"""What may be varied when a linear machine is fitted, and what is tried when nobody says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from triage.errors import TrainingError


@dataclass(frozen=True, slots=True, order=True)
class Recipe:
    """How one machine is fitted.

    Attributes:
        penalty: LIBLINEAR's C, in [0.001, 100]; small shrinks more: tone wants more shrinkage than topic.
        ratio: power of the naive Bayes ratio, in [0, 1] (see :mod:`models.linear.ratio`).
        balance: 0 counts every ticket alike, 1 every label alike; in between a label of n tickets counts ``n ** -balance``.

    Raises:
        TrainingError: a value out of its range.
    """

    penalty: float = 0.5
    ratio: float = 0.0
    balance: float = 0.0

    def __post_init__(self) -> None:
        for name, low, high in (("penalty", 1e-3, 100.0), ("ratio", 0.0, 1.0), ("balance", 0.0, 1.0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise TrainingError(f"配方的 {name} 应在 {low:g} 与 {high:g} 之间；收到的是 {value!r}", field=name)

    def to_mapping(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Recipe:
        """Reads :meth:`to_mapping`.

        Raises:
            TrainingError: an unknown name, or a value out of its range.
        """
        unknown = sorted(set(data) - {"penalty", "ratio", "balance"})
        if unknown:
            raise TrainingError(
                f"配方里不认识 {'、'.join(unknown)}；可以有的是 penalty、ratio、balance", field=unknown[0]
            )
        return cls(**data)


TRIED = tuple(
    Recipe(penalty, ratio)
    for ratio, penalties in ((0.0, (0.25, 1.0)), (0.25, (0.5,)), (0.5, (0.25, 0.5)), (0.75, (0.5,)), (1.0, (0.5,)))
    for penalty in penalties
)
"""Tried for every head by default. ``fendan tune`` looks further."""
