"""States, roles, sources and reasons are names of a Literal, not bare words: of a misspelt word no row would be found.

mypy checks what has a type; a column of a table has none, so statements compare with the named constants.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from serving.app import pages
from serving.audit.audits import AuditState, Part
from serving.audit.pages.view_types import Grade
from serving.people.password_policy import PasswordRule
from serving.rollout.states import CandidateState, ShadowState
from serving.store.logbook import LogKind
from serving.store.tables import logbook
from serving.web.schemas import schemas
from triage.paths import ROOT
from triage.taxonomy import HEADS

COLUMNS = {"state", "reason", "role", "action", "source", "copy", "what"}
"""Columns that hold a word of a Literal."""

LATER = {"picking.py": "the order of the queue, with lanes of its own", "order.py": "as picking.py"}
"""Files that still say states as bare words, and why. The list only gets shorter."""


def _statements() -> Iterator[tuple[str, ast.Module]]:
    """Files that speak to the store."""
    for path in sorted((ROOT / "serving").rglob("*.py")):
        text = path.read_text("utf-8")
        if "from sqlalchemy import" in text and path.name not in LATER and "migrations" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def _columns(tree: ast.Module) -> set[str]:
    """Names that stand for the columns of a table: ``_i = review_items.c``, ``t, i = tickets.c, review_items.c``."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            values = value.elts if isinstance(value, ast.Tuple) else [value]
            pairs = zip(targets, values, strict=False)
            names |= {
                t.id for t, v in pairs if isinstance(t, ast.Name) and isinstance(v, ast.Attribute) and v.attr == "c"
            }
    return names


def _is_column(node: ast.expr, names: set[str]) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in COLUMNS:
        return False
    of = node.value
    return (isinstance(of, ast.Name) and of.id in names) or (isinstance(of, ast.Attribute) and of.attr == "c")


def test_no_statement_compares_a_state_with_a_bare_word() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in _statements()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and _is_column(node.left, _columns(tree))
        and any(isinstance(other, ast.Constant) and isinstance(other.value, str) for other in node.comparators)
    ]
    assert wrong == []


def test_no_statement_writes_a_state_as_a_bare_word() -> None:
    wrong = []
    for path, tree in _statements():
        for node in ast.walk(tree):
            pairs: list[tuple[Any, Any]] = []
            if isinstance(node, ast.Dict):
                pairs = [
                    (getattr(key, "value", None), value) for key, value in zip(node.keys, node.values, strict=True)
                ]
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "values":
                pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
            wrong += [
                f"{path}:{value.lineno}"
                for key, value in pairs
                if key in COLUMNS - {"what"} and isinstance(value, ast.Constant) and isinstance(value.value, str)
            ]
    assert wrong == []


def test_files_that_wait_for_it_are_there() -> None:
    assert {name for name in LATER if not list((ROOT / "serving").rglob(name))} == set()


@pytest.mark.parametrize(
    ("schema", "literal"), [("Candidate", CandidateState), ("Shadow", ShadowState)], ids=["candidate", "shadow"]
)
def test_the_http_document_knows_each_state(schema: str, literal: Any) -> None:
    assert schemas(HEADS)[schema]["properties"]["state"]["enum"] == list(get_args(literal))


@pytest.mark.parametrize(
    ("start", "literal"),
    [
        ("shadow.state.", ShadowState),
        ("truth.state.", AuditState),
        ("truth.by.", Part),
        ("truth.grade.", Grade),
        ("people.fault.password.", PasswordRule),
    ],
)
def test_each_state_that_a_page_shows_has_its_message_and_none_is_left_over(start: str, literal: Any) -> None:
    keys = {key for own in pages().catalogue.slices.values() for key in own if key.startswith(start)}
    assert keys == {start + state for state in get_args(literal)}


def test_what_is_written_down_fits_its_column() -> None:
    assert max(map(len, get_args(LogKind))) <= logbook.c.what.type.length  # type: ignore[attr-defined]
