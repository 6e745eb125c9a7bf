"""One concept, one name: no public class name stands twice, and the glossary knows the nouns of the house."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from triage.paths import PACKAGES

TWICE = {"Scorer", "Verdict", "Job", "Parts", "Row"}
"""Names that serving still gives twice, or beside another room (``Parts``: what each slice is made from). The list only gets shorter."""

IN_GLOSSARY = ("models", "training")
"""Packages whose every class has a row."""


def classes(root: Path, *packages: str) -> dict[str, list[str]]:
    """Public class -> the files that define it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(path for package in packages for path in (root / package).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(root).as_posix())
    return found


def rows(root: Path) -> list[tuple[str, str, str]]:
    """Code, Chinese and meaning of each row of the glossary."""
    lines = (root / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [re.fullmatch(r"\| `(\w+)` \| (.+?) \| (.+?) \|", line) for line in lines]
    return [(cell[1], cell[2], cell[3]) for cell in cells if cell]


def test_no_class_name_stands_twice(root: Path) -> None:
    twice = {name: where for name, where in classes(root, *PACKAGES).items() if len(where) > 1}
    assert not {name: where for name, where in twice.items() if name not in TWICE}


def test_the_glossary_has_every_noun_of_models_and_training(root: Path) -> None:
    known = [code for code, _, _ in rows(root)]
    assert len(known) == len(set(known)), "a word has one row"
    missing = {name: where for name, where in classes(root, *IN_GLOSSARY).items() if name not in known}
    assert not missing, f"give them a row in docs/glossary.md: {missing}"


def test_the_glossary_names_what_there_is_in_both_languages(root: Path) -> None:
    there = classes(root, *PACKAGES)
    for code, chinese, meaning in rows(root):
        assert code in there, f"{code} is in docs/glossary.md and nowhere in the code"
        assert re.search(r"[\u4e00-\u9fff]", chinese), code
        assert meaning, code
