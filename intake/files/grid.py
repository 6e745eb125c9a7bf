"""Rows of a grid (CSV, a sheet) -> a data file: header found, totals left out, empty fields beyond the header ignored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from intake.files.data_file import DataFile
from intake.files.header import count_totals, find_header
from triage.errors import DataError


class GridLine(NamedTuple):
    """One row as it stands: its number, its cells, and what is wrong with it (empty: nothing)."""

    number: int
    cells: Sequence[Any]
    fault: str = ""


def fill(data: DataFile, lines: list[GridLine], given: Collection[str]) -> None:
    """Takes the rows of a grid into ``data``, blank ones left out. ``given``: headings that a person named.

    Raises:
        DataError: there is no row that could be a header.
    """
    while lines and _is_blank(lines[0].cells) and not lines[0].fault:
        lines = lines[1:]
    if all(line.fault for line in lines):
        raise DataError(f"{data.path}：文件里没有表头；第一行应是列名，如 text,category")
    place = find_header([line.cells for line in lines], given)
    if place:
        above = lines[:place]
        said = "，".join(str(cell) for cell in above[0].cells if not _is_empty(cell))
        data.report.note(
            "header_row",
            data.path,
            f"列名在第 {lines[place].number} 行；它上面的 {place} 行（{said:.30}）不是数据，没有读",
            n=place,
            rows=[line.number for line in above],
        )
    header = lines[place]
    data.header_row = header.number
    rest = lines[place + 1 :]
    width = _width(header.cells, rest)
    data.name_columns(["" if cell is None else str(cell) for cell in header.cells[:width]])
    totals = count_totals([line.cells for line in rest], width)
    if totals:
        left = rest[-totals:]
        said = "，".join(str(cell) for cell in left[0].cells if not _is_empty(cell))
        data.report.note(
            "total_row",
            data.path,
            f"末尾 {totals} 行是合计或说明（{said:.30}），没有读",
            n=totals,
            rows=[x.number for x in left],
        )
        rest = rest[:-totals]
    _rows(data, rest)


def _rows(data: DataFile, lines: Sequence[GridLine]) -> None:
    named = len(data.columns)
    empty: list[int] = []
    extra = 0
    for line in lines:
        cells, beyond = list(line.cells[:named]), list(line.cells[named:])
        row: dict[str, Any] = dict(zip(data.columns, cells, strict=False))
        if line.fault:
            data.faults[line.number] = line.fault
        elif beyond and not _is_blank(beyond):
            data.faults[line.number] = (
                f"有 {len(line.cells)} 个字段，表头有 {named} 个；含逗号、引号或换行的内容要用双引号括起来"
                if data.form == "csv"
                else f"在表头（{named} 列）之外还有内容；请补上列名或删去"
            )
            row.update({f"列{named + i}": cell for i, cell in enumerate(beyond, start=1)})
            extra = max(extra, len(beyond))
        elif beyond and data.form == "csv":
            empty.append(line.number)
        elif data.form == "csv" and len(cells) < named:
            data.faults[line.number] = (
                f"有 {len(cells)} 个字段，表头有 {named} 个；含逗号、引号或换行的内容要用双引号括起来"
            )
        elif len(cells) < named:
            row = {**dict.fromkeys(data.columns), **row}
        data.rows.append((line.number, row))
    if empty:
        data.report.note(
            "empty_fields", data.path, f"{len(empty):,} 行在表头之外还有空的字段，已忽略", n=len(empty), rows=empty
        )
    data.columns += tuple(f"列{named + i}" for i in range(1, extra + 1))


def _width(header: Sequence[Any], lines: Sequence[GridLine]) -> int:
    """Columns up to the last that has a name, or holds something in a row."""
    width = len(header)
    while width and _is_empty(header[width - 1]):
        if any(len(line.cells) >= width and not _is_empty(line.cells[width - 1]) for line in lines):
            break
        width -= 1
    return width


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_blank(cells: Sequence[Any]) -> bool:
    return all(_is_empty(cell) for cell in cells)
