"""What ``benchmarks.quality`` has measured, kept as JSON so that a stopped run continues where it was.

A record holds as long as its key does: data, settings, seed, library versions, and the code of the system. Code counts by what it
says, not how it looks: comments and docstrings may change.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from triage.paths import PACKAGES

ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("benchmarks", *PACKAGES)
_DESCRIPTION = "benchmarks.peers"
"""Names and protocols only; settings are in the key by themselves."""


@dataclass(frozen=True)
class Record:
    """One system's answers on the test part of one head, and what they cost.

    Attributes:
        labels: codes; ``answers`` are n numbers of them, in the order of the test rows that carry a label of the head.
        auto: n times 0 or 1, whether the answer would be routed without a person; None where a system cannot say.
        dev: accuracy on tickets held out of the training part, where the system held some out.
        covers: heads that ``train_seconds``, ``predict_seconds`` and ``size`` (bytes) are the cost of together.
        predicted: texts answered in ``predict_seconds``.
        machine, measured_at, load: where, when (UTC) and how busy (load average of a minute, before and after).
        notes: what fitting found, e.g. after how many epochs it stopped.
    """

    key: str
    corpus: str
    head: str
    system: str
    labels: list[str]
    answers: list[int]
    auto: list[int] | None
    dev: float | None
    covers: int
    train_seconds: float
    predict_seconds: float
    predicted: int
    size: int
    settings: dict[str, Any]
    seed: int
    versions: dict[str, str]
    machine: str
    measured_at: str
    load: list[float]
    notes: dict[str, int] = field(default_factory=dict)


def key(*, data: str, settings: Mapping[str, Any], seed: int, versions: Mapping[str, str], code: str) -> str:
    """sha256 of everything that decides the answers."""
    parts = {"data": data, "settings": dict(settings), "seed": seed, "versions": dict(versions), "code": code}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def path_of(folder: Path, corpus: str, head: str, system: str) -> Path:
    return folder / corpus / head / f"{system}.json"


def read(path: Path, wanted: str) -> Record | None:
    """The record if it is there, whole, and has the key; otherwise it is to be measured anew."""
    try:
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return record if record.key == wanted else None


def write(path: Path, record: Record) -> None:
    """In one step: a run that is stopped leaves no half a record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(asdict(record), ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def versions_of(packages: tuple[str, ...]) -> dict[str, str]:
    """Version of each package, "" where it is not installed."""
    return {name: _version(name) for name in packages}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def machine() -> str:
    """What the timings depend on, in words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def load_average() -> float:
    """Processes waiting for a core, mean of the last minute; -1 where the system does not tell."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else -1.0


@functools.cache
def code_key(module: str, root: Path = ROOT) -> str:
    """sha256 of a module's code and of all of ours that it imports, wherever in it, and of the data files beside that."""
    digest = hashlib.sha256()
    paths = _closure(module, root)
    for path in sorted(paths):
        tree = _bare(ast.parse(path.read_text(encoding="utf-8")))
        digest.update(f"{path.relative_to(root)}\n{ast.dump(tree)}\n".encode())
    for folder in sorted({path.parent for path in paths}):
        for path in sorted(p for kind in ("txt", "json", "yaml") for p in folder.glob(f"*.{kind}")):
            digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _closure(module: str, root: Path) -> set[Path]:
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _file(name, root)
        if name in found or path is None or name == _DESCRIPTION:
            continue
        found[name] = path
        waiting += _imports(ast.parse(path.read_text(encoding="utf-8")))
    return set(found.values())


def _file(name: str, root: Path) -> Path | None:
    """The file of one of our modules; None for others, and for names that are no module."""
    if name.split(".")[0] not in _PACKAGES:
        return None
    base = root.joinpath(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def _imports(tree: ast.Module) -> list[str]:
    """Modules imported at run time; ``from a import b`` may mean the module ``a.b``."""
    names: list[str] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        waiting += ast.iter_child_nodes(node)
    return names


def _bare(tree: ast.Module) -> ast.Module:
    """Without strings that stand alone: docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_words(line)] or [ast.Pass()]
    return tree


def _is_words(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
