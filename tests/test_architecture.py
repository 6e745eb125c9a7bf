"""The rooms of the house and the doors between them: who may import whom, and what starting up may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Any

import pytest

ROOMS = ("triage", "intake", "features", "models", "training", "serving")
MAY_IMPORT = {
    "triage": set(),
    "intake": {"triage"},
    "features": {"triage"},
    "models": {"triage", "features"},
    "training": {"triage", "intake", "features", "models"},
    "serving": {"triage", "intake", "features", "models"},
}
HEAVY = (
    "numpy",
    "pandas",
    "sklearn",
    "scipy",
    "numba",
    "mlflow",
    "bentoml",
    "torch",
    "matplotlib",
    "jieba",
    "sqlalchemy",
    "openpyxl",
    "pyarrow",
    "opencc",
)


def imports(path: Path) -> set[str]:
    """Top-level names of every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is meant"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(root: Path, room: str) -> None:
    for path in sorted((root / room).rglob("*.py")):
        stray = imports(path) & set(ROOMS) - MAY_IMPORT[room] - {room}
        assert not stray, f"{path.relative_to(root)} imports {stray}"


def test_the_domain_is_pure(root: Path) -> None:
    for path in sorted((root / "triage").rglob("*.py")):
        outside = imports(path) - set(sys.stdlib_module_names) - {"triage", "yaml", "__future__"}
        assert not outside, f"{path.relative_to(root)} imports {outside}"


def test_what_comes_in_is_read_with_few_libraries(root: Path) -> None:
    few = {"typer", "openpyxl", "pyarrow", "charset_normalizer", "opencc"}
    for path in sorted((root / "intake").rglob("*.py")):
        outside = imports(path) - set(sys.stdlib_module_names) - {"triage", "intake", "__future__"}
        assert outside <= few, f"{path.relative_to(root)} imports {outside}"


def test_no_code_under_datasets(root: Path) -> None:
    assert not list((root / "datasets").rglob("*.py"))


@pytest.mark.parametrize("where", ["root", "elsewhere"])
def test_our_datasets_folder_does_not_pass_for_the_library(root: Path, tmp_path: Path, where: str) -> None:
    """As an installed command sees it (-P: the working directory is not on the path, as with ``fendan`` and ``pytest``).

    ``python -m`` in the repository does put it there; any folder called datasets then looks like a namespace package to
    transformers, which is why the Makefile calls the installed commands.
    """
    pytest.importorskip("transformers")
    code = "from transformers.utils import is_datasets_available as f; print(f())"
    folder = root if where == "root" else tmp_path
    run = subprocess.run([sys.executable, "-P", "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(_installed("datasets"))


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def test_every_package_is_found_for_installation(root: Path) -> None:
    """Listed by a pattern, so that a new room needs no line; nothing else of the repository goes along."""
    from setuptools import find_packages

    find = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    found = set(find_packages(str(root), include=find["include"], exclude=find["exclude"]))
    there = {
        ".".join(path.parent.relative_to(root).parts)
        for room in ROOMS
        for path in (root / room).rglob("*.py")
        if "__pycache__" not in path.parts
    }
    assert found == there


def test_help_imports_nothing_heavy(root: Path) -> None:
    code = "import sys, fendan; print(','.join(sorted(m for m in sys.modules if '.' not in m)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.strip().split(","))
    assert not loaded & set(HEAVY)
    assert "fendan" in loaded


def commands(group: Any, *above: str) -> Iterator[tuple[str, str]]:
    """Every command of a Typer app, those of groups too: what is typed, and its help text."""
    for name, one in group.commands.items():
        typed = " ".join((*above, name))
        yield typed, one.help or ""
        yield from commands(one, *above, name) if hasattr(one, "commands") else ()


def test_every_command_teaches() -> None:
    """What it does in Chinese, and an example that can be typed."""
    import typer

    import fendan

    found = dict(commands(typer.main.get_command(fendan.build())))
    assert len(found) > 25
    silent = [typed for typed, text in found.items() if f"fendan {typed}" not in text.partition("例：")[2]]
    assert not silent, f"no example in the help of {silent}"
    foreign = [
        typed for typed, text in found.items() if not any("\u4e00" <= c <= "\u9fff" for c in text.split("例：")[0])
    ]
    assert not foreign, foreign


def test_every_command_of_training_has_one_file(root: Path) -> None:
    """A file that is not listed would be a command that nobody can call."""
    from training.commands import COMMANDS

    shared = {"__init__", "options", "output", "score_file"}
    files = {path.stem for path in (root / "training" / "commands").glob("*.py")} - shared
    assert {command.__name__.rpartition(".")[2] for command in COMMANDS} == files


def test_nothing_is_compiled_or_read_at_import() -> None:
    """Importing the reading and scoring code must not build tables or compile kernels."""
    code = (
        "import features.kernels as k, features.normalise as n, features.segment as s, models.triage_model\n"
        "assert n.fold_table.cache_info().currsize == 0 and s.load_lexicon.cache_info().currsize == 0\n"
        "assert not k.score_texts.signatures"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parent.parent)
    assert util.find_spec("models") is not None


def test_compiled_functions_use_nothing_of_other_files(root: Path) -> None:
    """Numba's cache looks at the file of a function alone: code or constants from another one would go stale unseen."""
    compiled = 0
    for path in sorted(p for room in ROOMS for p in (root / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        foreign = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(d) for d in node.decorator_list):
                compiled += 1
                used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
                assert not used & foreign, f"{path.relative_to(root)}: {node.name} uses {used & foreign}"
    assert compiled > 10
