"""``fendan check``: what would be read of a file, from which columns, and every problem with its rows and its mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intake.options import ReadOptions
from intake.read import TICKET_ROLES
from intake.report import Kind, Problem
from intake.tickets import FileSummary, Tickets, gather
from triage.errors import DataError, QuestionError
from triage.taxonomy import Taxonomy

FIELDS = tuple(
    role for role in TICKET_ROLES if role not in ("text", "subject", "body", "category", "urgency", "sentiment")
)

_MOSTLY = 0.5
"""Share of a file's categories that the standard taxonomy must not know for the labels to be the shop's own."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a check found. ``file`` and ``tickets`` are None where the file could not be read at all.

    Attributes:
        own_labels: the labels are the shop's own: training needs ``--taxonomy infer``.
    """

    path: Path
    problems: tuple[Problem, ...]
    file: FileSummary | None = None
    tickets: Tickets | None = None
    own_labels: bool = False

    @property
    def stops(self) -> bool:
        """Whether training would refuse the file."""
        return any(problem.stops for problem in self.problems)

    @property
    def labels(self) -> dict[str, dict[str, int]]:
        """Head -> code -> rows, the most frequent first."""
        columns = self.tickets.labels if self.tickets else {}
        return {
            head: dict(Counter(code for code in column.codes if code).most_common()) for head, column in columns.items()
        }

    def to_json(self) -> dict[str, Any]:
        """For machines; only added to, never changed."""
        out: dict[str, Any] = {
            "file": str(self.path),
            "rows": self.file.rows if self.file else 0,
            "usable": len(self.tickets.rows) if self.tickets else 0,
            "columns": dict(self.file.columns.of) if self.file else {},
            "labels": self.labels,
            "problems": [problem.to_json() for problem in self.problems],
            "own_labels": self.own_labels,
        }
        if self.file:
            data = self.file.data
            out |= {
                "format": data.form,
                "sheet": data.sheet,
                "header_row": data.header_row,
                "encoding": data.encoding,
                "delimiter": data.delimiter,
                "why": dict(self.file.columns.why),
                "unread": list(self.file.columns.unread),
                "filled": self.file.filled,
            }
        return out


def check(
    path: Path,
    options: ReadOptions,
    taxonomy: Taxonomy | None,
    *,
    may_be_own: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> FileCheck:
    """Reads ``path`` as training would and raises nothing: what is wrong stands among the problems.

    Args:
        taxonomy: None takes the labels from the data.
        may_be_own: whether a file of labels that ``taxonomy`` mostly does not know is read by its own labels.
    """
    try:
        found = gather([path], taxonomy, options, fields=FIELDS, progress=progress)
        own = taxonomy is None
        if may_be_own and _are_own(found):
            found, own = gather([path], None, options, fields=FIELDS, progress=progress), True
            found.report.note(
                "own_labels",
                path,
                "标签不是标准体系里的，按文件自己的标签读了",
                mend="训练时请加上 --taxonomy infer",
            )
    except DataError as error:
        ways = error.ways if isinstance(error, QuestionError) else ()
        kind: Kind = "question" if ways else "unreadable"
        mend = " 或 ".join(ways)
        return FileCheck(path, (Problem(kind, error.message, mend, stops=True, ways=ways, n=1),))
    if not found.heads:
        found.report.note(
            "no_labels", path, "没有标签列，可以打分，不能训练", mend="有的话用 --column category=列名 说明是哪一列"
        )
    return FileCheck(path, found.report.problems, found.files[0], found, own)


def _are_own(found: Tickets) -> bool:
    """Whether most of the file's categories are words that the taxonomy does not know."""
    unknown = sum(problem.n for problem in found.report.problems if problem.kind == "unknown_label")
    known = sum(1 for column in found.labels.values() for code in column.codes if code)
    if "category" in found.heads:
        unknown = sum(
            problem.n
            for problem in found.report.problems
            if problem.kind == "unknown_label" and problem.text.startswith("category")
        )
        column = found.labels.get("category")
        known = sum(1 for code in column.codes if code) if column else 0
    return unknown > _MOSTLY * (unknown + known)
