"""How a model is named: a folder, ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION`` (MLflow's notation)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from triage.errors import InputError

CHAMPION = "models:/fendan@champion"
"""The model that is meant where none is named."""

_URI = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")


class ModelReference(NamedTuple):
    """``folder`` for a folder; else the registered ``name`` with an ``alias`` or a ``version``."""

    folder: Path | None = None
    name: str = ""
    alias: str = ""
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> ModelReference:
        """Reads what a person wrote after ``--model``.

        Raises:
            InputError: it starts like a registry name but is none.
        """
        if not text.startswith("models:"):
            return cls(folder=Path(text))
        match = _URI.fullmatch(text)
        if match is None:
            raise InputError(
                f"模型 {text!r} 看不懂；写 models:/名字@别名、models:/名字/版本，或一个文件夹", field="model"
            )
        return cls(None, match["name"], match["alias"] or "", match["version"] or "")

    def __str__(self) -> str:
        if self.folder is not None:
            return str(self.folder)
        return f"models:/{self.name}@{self.alias}" if self.alias else f"models:/{self.name}/{self.version}"
