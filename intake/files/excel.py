"""Excel workbooks: the sheet with tickets is found behind a cover, cells that were merged are filled downwards."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from intake.files.data_file import DataFile
from intake.files.grid import GridLine, fill
from intake.files.header import LOOKED_AT, count_roles
from intake.options import ReadOptions
from triage.errors import DataError

_MERGED = re.compile(rb'<mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_CHUNK = 1 << 20
_EXACT = 10**15
"""A spreadsheet keeps fifteen digits of a number; what is longer was rounded."""


class _Range(NamedTuple):
    """Cells that were merged: rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


def read_excel(path: Path, raw: bytes, options: ReadOptions) -> DataFile:
    """Reads the sheet ``options.sheet``, or the first one whose first rows name columns that are known.

    Raises:
        DataError: it is no workbook, has no such sheet, or no header.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl names every extension of Excel's that it leaves out
            return _read(path, raw, options)
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, EOFError, zlib.error) as error:
        # XML that is none is a SyntaxError
        raise DataError(f"{path}：不是可读的 XLSX 文件（{error}）；请在 Excel 里重新另存为 .xlsx") from error


def _read(path: Path, raw: bytes, options: ReadOptions) -> DataFile:
    import openpyxl

    data = DataFile(path, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        sheets: list[Any] = list(book.worksheets)
        if not sheets:
            raise DataError(f"{path}：里面没有工作表")
        for sheet in sheets:
            sheet.reset_dimensions()  # some exporters write a wrong size; read what is really there
        likely = [] if options.sheet else _likely(sheets)
        sheet = _chosen(path, sheets, options.sheet) if options.sheet else likely[0]
        data.sheet = sheet.title
        if len(sheets) > 1 and not options.sheet:
            others = "、".join(s.title for s in sheets if s is not sheet)
            which = "第一张" if sheet is sheets[0] else "有列名的一张"
            alike = "、".join(s.title for s in likely[1:])
            data.report.note(
                "sheets",
                path,
                f"有 {len(sheets)} 张工作表，读的是{which}「{sheet.title}」（没有读：{others}）",
                n=len(sheets) - 1,
                mend=(f"{alike} 也像是工单；" if alike else "") + "要读别的请加 --sheet 名称",
            )
        lines = [
            GridLine(number, [_cell(cell) for cell in cells])
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
        _fill_merged(data, lines, _merged(raw, sheet))
    finally:
        book.close()
    fill(data, [line for line in lines if any(cell is not None for cell in line.cells)], [*options.columns.values()])
    return data


def _chosen(path: Path, sheets: Sequence[Any], name: str) -> Any:
    for sheet in sheets:
        if sheet.title.strip() == name:
            return sheet
    if name.isdecimal() and 1 <= int(name) <= len(sheets):
        return sheets[int(name) - 1]
    titles = "、".join(f"{i} {sheet.title}" for i, sheet in enumerate(sheets, start=1))
    raise DataError(f"{path}：没有叫 {name!r} 的工作表；有的是：{titles}", field="sheet")


def _likely(sheets: Sequence[Any]) -> list[Any]:
    """The visible sheets in which some row names two columns or more; else the one that names one; else the first."""
    shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or list(sheets)
    if len(shown) == 1:
        return shown
    worth = [
        max((count_roles(cells) for cells in sheet.iter_rows(max_row=LOOKED_AT, values_only=True)), default=0)
        for sheet in shown
    ]
    return [sheet for sheet, n in zip(shown, worth, strict=True) if n >= 2] or [shown[worth.index(max(worth))]]


def _cell(value: Any) -> Any:
    """A spreadsheet has one kind of number: 1.0 is shown, and meant, as 1. A date without a time is its midnight."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def _merged(raw: bytes, sheet: Any) -> list[_Range]:
    """Which cells were merged; the quick reader of openpyxl does not say, the sheet's own XML does, after its rows."""
    found: list[_Range] = []
    with zipfile.ZipFile(io.BytesIO(raw)) as book, book.open(sheet._worksheet_path) as xml:
        tail = b""
        while part := xml.read(_CHUNK):
            text = tail + part
            found += [_Range(int(m[2]), _column(m[1]), int(m[4]), _column(m[3])) for m in _MERGED.finditer(text)]
            tail = text[-80:] if not _MERGED.search(text[-80:]) else b""
    return list(dict.fromkeys(found))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _fill_merged(data: DataFile, lines: list[GridLine], ranges: Sequence[_Range]) -> None:
    """What stands in the first of the cells that were merged is meant for all rows of them."""
    filled: list[int] = []
    for merged in ranges:
        if merged.bottom == merged.top or merged.bottom > len(lines):
            continue
        first = lines[merged.top - 1].cells
        value = first[merged.left] if merged.left < len(first) else None
        if value is None:
            continue
        for number in range(merged.top + 1, merged.bottom + 1):
            cells = list(lines[number - 1].cells)
            cells += [None] * (merged.left + 1 - len(cells))
            if cells[merged.left] is None and any(cell is not None for cell in cells):
                cells[merged.left] = value
                lines[number - 1] = GridLine(number, cells)
                filled.append(number)
    if filled:
        data.report.note(
            "merged_cells",
            data.path,
            f"有 {len(filled):,} 个格子与上面的合并，按合并的内容补上了",
            n=len(filled),
            rows=sorted(set(filled)),
        )
