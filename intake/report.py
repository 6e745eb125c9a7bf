"""What was read, left out and repaired of a file, by kind: notes for people, errors that name their rows, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from triage.errors import DataError, QuestionError, UnreadableKind

FileKind = Literal[
    "unreadable", "question", "suffix", "encoding", "sep_line", "sheets", "sheet_unused", "header_row", "total_row", "merged_cells",
    "empty_fields", "repeated_columns", "columns", "subject_only", "no_labels", "unknown_head", "one_class", "own_labels",
]  # fmt: skip
RowKind = Literal[
    "broken_row", "unreadable_text", "placeholder_text", "blank_text", "long_text", "repeated_row", "repeated_id",
    "date_order_settled", "unlabelled_records", "unlabelled_rows",
]  # fmt: skip
LabelKind = Literal[
    "labels_read", "unusual_labels", "scale", "unknown_label", "forbidden_label", "several_labels", "joined_labels",
    "unreadable_label", "placeholder_labels", "unsaid_labels", "twin_labels", "small_classes", "conflicting_labels", "given_away",
    "template",
]  # fmt: skip
Kind = FileKind | RowKind | LabelKind | UnreadableKind
"""What a problem is about; programs branch on it. Each stands in ``docs/data.md``."""

SHOWN_ROWS = 5
"""Rows of a problem that are told; the rest is counted."""

SHOWN_FAULTS = 5
"""Faults that an error tells in full; the rest is counted."""


class RowSource(NamedTuple):
    """Where a row came from: the file and the row number a person would look for."""

    path: str
    row: int
    unit: str = "行"

    def __str__(self) -> str:
        return f"{self.path} 第 {self.row} {self.unit}"


@dataclass(slots=True)
class Problem:
    """One kind of trouble with a file.

    Attributes:
        kind: stable English code; programs branch on it.
        text: what was found, in Chinese, with the first value where there is one.
        mend: what a person can do about it; may be empty.
        stops: whether the file cannot be learned from until it is mended.
        ways: possible answers where a person must choose, each as what to add to the command.
        n: how many rows (or, without rows, how many things) have it.
        sources: the first few rows.
    """

    kind: Kind
    text: str
    mend: str = ""
    stops: bool = False
    ways: tuple[str, ...] = ()
    n: int = 0
    sources: list[RowSource] = field(default_factory=list)

    def say(self) -> str:
        """As a line of an error or of notes: the first row, what is wrong, in how many rows, and the way out."""
        said = f"{self.sources[0]}：{self.text}" if self.sources else self.text
        if self.n > 1 and self.sources:
            said += f"（共 {self.n:,} {self.sources[0].unit}这样）"
        return f"{said}；{self.mend}" if self.mend else said

    def note(self, path: str) -> str:
        """As a note on a whole file: what was found, in which rows."""
        said = f"{path}：{self.text}" if path else self.text
        if self.sources:
            rows = "、".join(str(source.row) for source in self.sources[:3]) + ("…" if self.n > 3 else "")
            said += f"（第 {rows} {self.sources[0].unit}）"
        return f"{said}；{self.mend}" if self.mend else said

    def line(self) -> str:
        """Without the file's name: what was found, in how many rows and in which, and the way out."""
        said = self.text
        if self.sources:
            rows = "、".join(str(source.row) for source in self.sources[:SHOWN_ROWS])
            unit = self.sources[0].unit
            more = f"… 共 {self.n:,} {unit}" if self.n > len(self.sources) else ""
            said += f"（第 {rows} {unit}{more}）"
        return f"{said}；{self.mend}" if self.mend and self.mend not in self.text else said

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "n": self.n,
            "rows": [source.row for source in self.sources],
            "mend": self.mend,
            "text": self.text,
            "stops": self.stops,
        }


class Report:
    """Collects problems of one or several files; the same trouble in many rows is told once."""

    def __init__(self) -> None:
        self._problems: dict[tuple[Kind, str, str], Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems in the order in which they were met."""
        return tuple(self._problems.values())

    def add(
        self, kind: Kind, text: str, source: RowSource, *, key: str = "", mend: str = "", stops: bool = False
    ) -> None:
        """Counts one row. Rows of one ``kind`` and ``key`` (default: ``text``) are one problem, told in the words of the first."""
        self.add_all(kind, text, (source,), key=key, mend=mend, stops=stops)

    def add_all(
        self,
        kind: Kind,
        text: str,
        sources: Sequence[RowSource],
        *,
        key: str = "",
        mend: str = "",
        stops: bool = False,
        ways: Sequence[str] = (),
    ) -> None:
        """Counts several rows at once; otherwise as :meth:`add`."""
        problem = self._problems.setdefault((kind, key or text, ""), Problem(kind, text, mend, stops, tuple(ways)))
        problem.n += len(sources)
        problem.sources += sorted(sources)[: SHOWN_ROWS - len(problem.sources)]

    def note(
        self,
        kind: Kind,
        path: str | Path,
        text: str,
        *,
        n: int = 1,
        rows: Iterable[int] = (),
        mend: str = "",
        stops: bool = False,
    ) -> None:
        """Adds what is to be known of a whole file."""
        sources = [RowSource(str(path), row) for row in list(rows)[:SHOWN_ROWS]]
        self._problems[kind, text, str(path)] = Problem(kind, text, mend, stops, n=n, sources=sources)

    def update(self, other: Report) -> None:
        """Takes over the problems of another report; the same trouble in both is one."""
        for (kind, key, path), problem in other._problems.items():
            if path:
                self._problems[kind, key, path] = problem
            else:
                self.add_all(
                    kind,
                    problem.text,
                    problem.sources,
                    key=key,
                    mend=problem.mend,
                    stops=problem.stops,
                    ways=problem.ways,
                )
                self._problems[kind, key, ""].n += problem.n - len(problem.sources)

    def notes(self) -> list[str]:
        """What a person should know though it stops nothing, one line each."""
        lines = []
        for (_, _, path), problem in self._problems.items():
            if problem.stops:
                continue
            places = {source.path for source in problem.sources}
            if path or not places:
                lines.append(problem.note(path))
            else:
                lines.append(f"{places.pop()}：{problem.line()}" if len(places) == 1 else problem.say())
        return lines

    def throw(self) -> None:
        """Raises what stops as one :class:`DataError`; returns when nothing does."""
        faults = [(key[2], problem) for key, problem in self._problems.items() if problem.stops]
        if not faults:
            return
        lines = [problem.note(path) if path else problem.say() for path, problem in faults[:SHOWN_FAULTS]]
        if len(faults) > SHOWN_FAULTS:
            rest = sum(problem.n for _, problem in faults[SHOWN_FAULTS:])
            lines.append(f"……另有 {rest:,} 行有问题")
        ways = next((problem.ways for _, problem in faults if problem.ways), ())
        raise QuestionError("\n".join(lines), ways=ways) if ways else DataError("\n".join(lines))
