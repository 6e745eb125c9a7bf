"""What goes along when the code is packed: every template, style, script and list that it reads, in the wheel and in a bento."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOMS = ("triage", "features", "models", "training", "serving")


def shown(room: Path) -> set[str]:
    """Templates, static files and messages of a room."""
    kinds = ("templates", "static", "i18n")
    return {str(path.relative_to(room)) for path in room.rglob("*") if path.is_file() and path.parent.name in kinds}


def packages(root: Path) -> dict[str, Path]:
    """Packages by name."""
    folders = (path.parent for room in ROOMS for path in (root / room).rglob("__init__.py"))
    return {".".join(folder.relative_to(root).parts): folder for folder in folders}


def data_files(root: Path) -> set[Path]:
    """All that lies in our packages and is not code."""
    found = (path for room in ROOMS for path in (root / room).rglob("*") if path.is_file())
    return {path for path in found if path.suffix != ".py" and "__pycache__" not in path.parts}


def test_the_wheel_has_every_file_that_is_no_code(root: Path) -> None:
    patterns = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    packed: set[Path] = set()
    for name, folder in packages(root).items():
        for pattern in (*patterns.get("*", ()), *patterns.get(name, ())):
            packed |= set(folder.glob(pattern))
    assert data_files(root) - packed == set()
    assert len(shown(root / "serving")) > 40


def test_a_bento_has_every_file_that_the_service_shows(root: Path) -> None:
    stated = yaml.safe_load((root / "bentofile.yaml").read_text("utf-8"))
    assert "serving/**" in stated["include"]
    left_out = {path for pattern in stated["exclude"] for path in root.glob(pattern.removesuffix("/"))}
    for name in shown(root / "serving"):
        path = root / "serving" / name
        assert not left_out & {path, *path.parents}, name
