"""Writes the tables of the documents that are made from the code: ``python docs/tables.py``. A test says when it is due."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from triage.policy.conditions import CONDITIONS

POLICY = Path(__file__).resolve().parent / "policy.md"
TABLE = re.compile(r"(<!-- conditions:start[^\n]*-->\n).*?(<!-- conditions:end -->)", re.DOTALL)


def conditions() -> str:
    """The table of what may stand under ``rules.when``."""
    rows = [
        f"| `rules.when.{kind.name}` | {kind.meaning} | `{_written({kind.name: kind.example})}` |"
        for kind in CONDITIONS
    ]
    return "\n".join(["| 条件 | 成立是指 | 例 |", "| --- | --- | --- |", *rows, ""])


def _written(example: dict[str, Any]) -> str:
    return yaml.safe_dump(example, allow_unicode=True, default_flow_style=True, width=1_000).strip()[1:-1]


def renewed(document: str) -> str:
    """``docs/policy.md`` with its table as the code has it."""
    return TABLE.sub(lambda found: found[1] + conditions() + found[2], document)


if __name__ == "__main__":
    POLICY.write_text(renewed(POLICY.read_text("utf-8")), "utf-8")
