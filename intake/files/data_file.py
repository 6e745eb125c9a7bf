"""A data file as it was read, whatever its format: rows of cells, each with the number that a person would look for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intake.report import Report, RowSource

Row = tuple[int, dict[str, Any]]
"""Row number as a person sees it, and the cells by column; a cell is str, int, float, bool, datetime, None, or JSON."""


@dataclass(slots=True)
class DataFile:
    """One data file.

    Attributes:
        columns: names in the file's order; of a name that stands twice the second is called ``name.2``.
        rows: (row number, cells). The rows of CSV and XLSX are those a spreadsheet shows; JSONL counts lines, a JSON array
            and Parquet records, all from 1.
        faults: row number -> what is wrong with that row, in Chinese. Such a row stands in ``rows`` too, as far as read.
        repeated: names that stand more than once in the header.
        form: csv, jsonl, json, parquet or xlsx.
        encoding, delimiter, sheet, header_row: how it was read; empty or 0 where the format has none.
        tool: the labelling tool that wrote it; empty for others.
        report: what a person should know: which encoding was read, which sheet was taken.
    """

    path: Path
    form: str = ""
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 0
    tool: str = ""
    report: Report = field(default_factory=Report)

    @property
    def notes(self) -> list[str]:
        """What a person should know of the reading, one line each."""
        return self.report.notes()

    def source(self, number: int) -> RowSource:
        """Where a row stands."""
        unit = "个任务" if self.tool else "条" if self.form == "json" else "行"
        return RowSource(str(self.path), number, unit)

    def where(self, number: int) -> str:
        """How a message names a row."""
        return str(self.source(number))

    def name_columns(self, names: Sequence[str]) -> None:
        """Takes the header: stray blanks cut off, a nameless column (an index that pandas wrote) called after its place."""
        given = [str(name).strip().lstrip("\ufeff") or f"列{i}" for i, name in enumerate(names, start=1)]
        counts: Counter[str] = Counter()
        columns: list[str] = []
        for name in given:
            counts[name] += 1
            unique = name if counts[name] == 1 else f"{name}.{counts[name]}"
            while unique in columns or (unique != name and unique in given):
                counts[name] += 1
                unique = f"{name}.{counts[name]}"
            columns.append(unique)
        self.columns = tuple(columns)
        self.repeated = frozenset(name for name in given if given.count(name) > 1)
        if self.repeated:
            names_said = "、".join(sorted(self.repeated))
            self.report.note(
                "repeated_columns",
                self.path,
                f"列名写了不止一次：{names_said}；都保留着，第二个起叫作 {sorted(self.repeated)[0]}.2 这样",
                n=len(self.repeated),
            )
