"""Numbers to calibrated labels: the linear model with all heads, its calibration, limits, evidence and folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.triage_model import TriageModel

__all__ = ["TriageModel"]


def __getattr__(name: str) -> Any:
    """Loads the model class on first use, so that importing this package costs nothing."""
    if name == "TriageModel":
        from models.triage_model import TriageModel

        return TriageModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
