"""A small or pretrained transformers encoder with all heads: ``pip install 'fendan[encoder]'``.

Nothing here imports torch until it is used: whoever serves a linear model never pays for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.encoder.pretrain import pretrain
    from models.encoder.scorer import EncoderScorer
    from models.encoder.settings import EncoderSettings

__all__ = ["EncoderScorer", "EncoderSettings", "pretrain"]

_HOME = {"EncoderScorer": "scorer", "pretrain": "pretrain"}


def __getattr__(name: str) -> Any:
    """Loads a class or function on first use.

    Raises:
        FendanError: torch or a library that goes with it is not installed.
    """
    if name == "EncoderSettings":  # plain data: needs no torch
        from models.encoder.settings import EncoderSettings

        return EncoderSettings
    if name in _HOME:
        from models.encoder.need import require_torch

        require_torch()
        found = getattr(importlib.import_module(f"models.encoder.{_HOME[name]}"), name)
        globals()[name] = found  # a function may bear its module's name, which the import above has bound here
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
