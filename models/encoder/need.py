"""The libraries that only the encoder needs."""

from __future__ import annotations

import importlib

from triage.errors import FendanError

LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors")


def require_torch() -> None:
    """Makes sure that torch and what goes with it can be imported.

    Raises:
        FendanError: one of them is missing; says what to install.
    """
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise FendanError(
                f"encoder 模型需要 {name}，这里不能导入（{error}）；请运行 pip install 'fendan[encoder]'", field="model"
            ) from error
