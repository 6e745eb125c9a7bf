"""The rooms inside ``serving``: each imports only from floors below it, wherever in a file the import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from triage.paths import ROOT

FLOORS: tuple[tuple[str, ...], ...] = (
    ("settings", "ids", "clock", "console", "taxonomy_file", "observe"),
    ("registry", "start", "store", "web"),
    ("offline", "bento", "jobs"),
    ("labels", "people"),
    ("tickets", "review", "audit"),
    ("rollout",),
    ("status", "app"),
    ("service", "commands"),
)
"""From the ground up. A name is a folder, or a file that stands beside the folders; all of ``serving`` is named."""

WITHIN: tuple[tuple[str, str], ...] = (
    ("store", "ids"),
    ("web", "observe"),
    ("status", "app"),
)
"""Pairs of one floor of which the second may import the first; elsewhere rooms of one floor do not know each other."""

SLICES = ("tickets", "labels", "review", "audit", "rollout", "people")

STATEMENTS = {"select", "insert", "update", "delete"}
SPEAK_SQL = ("queries.py", "record.py", "tables.py")
"""Files of any slice in which statements stand, beside the whole room ``store``."""

ALSO_SPEAK_SQL = {
    "labels": ("sight", "export", "import_", "labelled_tickets"),
    "people": ("accounts", "sessions", "tokens", "first_start"),
    "review": ("answering", "blind", "cards", "enqueue", "following", "picking", "search", "similar"),
    "audit": ("audits", "conflicts", "label_errors", "windows"),
    "rollout": ("agreement",),
}
"""Files about one question each that they ask the store themselves. The list is to become shorter, never longer."""


def _imported(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports, at its top, within functions, and for types alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _room(module: str) -> str:
    return module.split(".")[1]


def _files() -> Iterator[tuple[Path, str]]:
    """Every file with its room."""
    for path in sorted((ROOT / "serving").rglob("*.py")):
        first = path.relative_to(ROOT / "serving").parts[0]
        if first != "__init__.py":
            yield path, first.removesuffix(".py")


def test_every_room_is_on_a_floor() -> None:
    rooms = {room for _, room in _files()}
    assert rooms == {room for floor in FLOORS for room in floor}


def test_imports_go_down() -> None:
    height = {room: i for i, floor in enumerate(FLOORS) for room in floor}
    wrong = []
    for path, room in _files():
        for module in _imported(path):
            if not module.startswith("serving.") or (other := _room(module)) == room:
                continue
            if height[other] >= height[room] and (other, room) not in WITHIN:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_no_slice_knows_the_addresses_or_pages_of_another() -> None:
    for path, room in _files():
        if room not in SLICES:
            continue
        for module in _imported(path):
            parts = module.split(".")
            if parts[0] == "serving" and parts[1] in SLICES and parts[1] != room:
                assert not {"routes", "pages"} & set(parts[2:3]), f"{path.relative_to(ROOT)} imports {module}"


def test_no_two_files_import_each_other() -> None:
    """Nor any longer circle, not even one that an import within a function hides."""
    known = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path, _ in _files()}
    below = {
        name: {
            target for module in _imported(path) for target in (module, module.rpartition(".")[0]) if target in known
        }
        for name, path in known.items()
    }
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in sorted(below[name] - {name}):
                walk(other, (*way, name))
            done.add(name)

    for name in sorted(known):
        walk(name, ())


@pytest.mark.parametrize("room", SLICES)
def test_a_slice_says_what_it_answers(room: str) -> None:
    """``routes`` beside ``Parts``; with pages it says where they are, and templates and files have folders of their own."""
    folder = ROOT / "serving" / room
    names = {node.name for node in ast.parse((folder / "routes.py").read_text("utf-8")).body if hasattr(node, "name")}
    assert {"Parts", "routes"} <= names
    if (folder / "pages").is_dir():
        assert {path.name for path in (folder / "pages").iterdir() if path.is_dir()} - {"__pycache__"} <= {
            "templates",
            "static",
            "i18n",
        }
        assert "PAGES = " in (folder / "routes.py").read_text("utf-8")


def test_statements_stand_where_they_are_looked_for() -> None:
    speak = set()
    for path, room in _files():
        if room != "store" and any(module in {f"sqlalchemy.{s}" for s in STATEMENTS} for module in _imported(path)):
            speak.add((room, path.name))
    listed = {(room, f"{name}.py") for room, names in ALSO_SPEAK_SQL.items() for name in names}
    strays = {(room, name) for room, name in speak if name not in SPEAK_SQL}
    assert strays <= listed, strays - listed
    assert listed <= strays, f"these speak no SQL any more: {listed - strays}"
