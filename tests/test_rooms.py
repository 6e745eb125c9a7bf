"""The floors of the house inside its packages: imports run down, nothing runs in a circle, libraries stay where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.house import CIRCLES, FLOORS, LIBRARIES
from triage.paths import PACKAGES


@cache
def files(root: Path) -> dict[str, ast.Module]:
    """Module -> its syntax tree, of all our packages."""
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return {_name(path.relative_to(root)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.Module, known: Mapping[str, ast.Module]) -> Iterator[str]:
    """Our modules that a file imports, wherever in it; a name that is a file of its own counts as that file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else node.module


def room(module: str) -> tuple[str, str]:
    """Package and room of a module; the package's own ``__init__`` is its door and no room."""
    package, _, rest = module.partition(".")
    return package, rest.partition(".")[0]


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_is_on_the_map(root: Path, package: str) -> None:
    there = {room(module)[1] for module in files(root) if room(module)[0] == package} - {""}
    drawn = [name for floor in FLOORS[package] for name in floor]
    assert sorted(drawn) == sorted(there)


@pytest.mark.parametrize("package", FLOORS)
def test_rooms_import_from_floors_below(root: Path, package: str) -> None:
    level = {name: height for height, floor in enumerate(FLOORS[package]) for name in floor}
    for module, tree in files(root).items():
        mine = room(module)
        if mine[0] != package or not mine[1]:
            continue
        for other in imported(tree, files(root)):
            theirs = room(other)
            if theirs[0] == package and theirs[1] not in ("", mine[1]):
                assert level[theirs[1]] < level[mine[1]], f"{module} imports {other}, which is not below it"


def test_no_room_of_the_service_imports_the_routes_or_pages_of_another(root: Path) -> None:
    for module, tree in files(root).items():
        if room(module)[0] != "serving" or module.count(".") < 2:
            continue
        for other in imported(tree, files(root)):
            ends = other.rsplit(".", 1)[-1] in ("routes", "pages")
            assert not ends or room(other) == room(module), f"{module} imports {other}"


def test_no_file_imports_itself_by_way_of_others(root: Path) -> None:
    graph = {module: set(imported(tree, files(root))) - {module} for module, tree in files(root).items()}
    reach = {module: reachable(graph, module) for module in graph}
    circles = {frozenset(a for a in reach[m] if m in reach[a]) for m in graph if m in reach[m]}
    assert circles <= CIRCLES


def reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """All that ``start`` imports, and what that imports, and so on."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in graph.get(waiting.pop(), set()) - found:
            found.add(other)
            waiting.append(other)
    return found


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_stay_where_they_belong(root: Path, library: str) -> None:
    for module, tree in files(root).items():
        names = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        place = module.replace(".", "/")
        path = f"{place}.py" if (root / f"{place}.py").exists() else f"{place}/__init__.py"
        assert library not in names or path.startswith(LIBRARIES[library]), f"{path} imports {library}"
