"""Files that lie in several folders, served under one address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.staticfiles import StaticFiles


class Files(StaticFiles):
    """Looks for a file in each of ``folders``, in order."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(directory=folders[0])
        self.all_directories = list(folders)
