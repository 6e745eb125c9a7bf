"""Files as people export them: each folder is one, with what ``fendan check`` must find in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from intake.check import FileCheck, check
from intake.options import ReadOptions
from training.data.standard import load_taxonomy

HOME = Path(__file__).parent
CASES = sorted(path.parent.name for path in HOME.glob("*/expected.yaml"))
KEYS = {
    "says", "file", "column", "label", "sheet", "encoding", "taxonomy",
    "columns", "unread", "labels", "rows", "header_row", "encoding_read", "stops", "kinds", "counts", "words", "never", "trained",
}  # fmt: skip


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HOME / name / "expected.yaml").read_text(encoding="utf-8"))
    assert set(found) <= KEYS
    return found


def checked(name: str, case: dict[str, Any]) -> FileCheck:
    options = ReadOptions.of(
        case.get("column", ()), case.get("label", ()), case.get("sheet", ""), case.get("encoding", "")
    )
    infer = case.get("taxonomy") == "infer"
    return check(HOME / name / case["file"], options, None if infer else load_taxonomy(""), may_be_own=not infer)


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_as_its_owner_means_it(name: str) -> None:
    case = expected(name)
    found = checked(name, case)
    shown = found.to_json()
    told = "\n".join(problem.line() for problem in found.problems)
    if "stops" in case:
        assert found.stops == case["stops"], told
    else:
        assert not found.stops, told
    for key in ("columns", "labels", "rows", "header_row", "unread"):
        if key in case:
            assert shown[key] == case[key], told
    if "encoding_read" in case:
        assert shown["encoding"] == case["encoding_read"]
    kinds = {problem["kind"] for problem in shown["problems"]}
    assert set(case.get("kinds", ())) <= kinds, kinds
    for kind, n in case.get("counts", {}).items():
        assert sum(p["n"] for p in shown["problems"] if p["kind"] == kind) == n, told
    for words in case.get("words", ()):
        assert words in told
    for words in case.get("never", ()):
        assert words not in told


def test_every_problem_can_be_acted_on() -> None:
    """What stops a file names its rows (or the whole file) and says what to do."""
    for name in CASES:
        for problem in checked(name, expected(name)).problems:
            if problem.stops:
                assert problem.mend or any(sign in problem.text for sign in ("请", "--", "另存为")), problem.text
                assert problem.n > 0
