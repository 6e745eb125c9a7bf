"""Rows of cells -> a data file in the format its suffix names; it appears whole or not at all."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from triage.errors import InputError

SUFFIXES = (".csv", ".jsonl", ".parquet", ".xlsx")


def check_target(target: Path) -> None:
    """Whether a file may be written there: asked before the work, not after.

    Raises:
        InputError: the suffix is not one that can be written, or there is no such folder.
    """
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"不会写 {target.suffix or '没有后缀'} 的文件；-o 的后缀应是 {'、'.join(SUFFIXES)} 之一", field="output"
        )
    if not target.parent.is_dir():
        raise InputError(f"文件夹 {target.parent} 不存在；请先建好", field="output")


def write(target: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    """Writes ``columns`` of ``rows`` to ``target``.

    Raises:
        InputError: the place cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as place:
            fresh = Path(place) / f"new{target.suffix}"
            _WRITERS[target.suffix.lower()](fresh, columns, rows)
            fresh.replace(target)
    except OSError as error:
        raise InputError(f"写不了 {target}：{error.strerror or error}；请换一个可写的 -o", field="output") from error


def _text(value: Any) -> Any:
    """A cell for a text file or a sheet: moments as ISO 8601, lists and objects as JSON."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _json(value: Any) -> Any:
    """A cell for a line of JSON, which knows neither moments nor NaN."""
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return (
        json.loads(json.dumps(value, default=str).replace("NaN", "null"))
        if isinstance(value, list | dict)
        else str(_text(value))
    )


def _csv(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark makes Excel read it as UTF-8
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)


def _jsonl(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            cells = ((column, _json(row.get(column))) for column in columns)
            kept = {column: cell for column, cell in cells if cell is not None}
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")


def _parquet(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {}
    for column in columns:
        values = [row.get(column) for row in rows]
        try:
            arrays[column] = pa.array(values)
        except (pa.ArrowException, OverflowError):  # a column of mixed kinds is written as text
            arrays[column] = pa.array([None if v is None else str(_text(v)) for v in values])
    pq.write_table(pa.table(arrays), path)


def _xlsx(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("tickets")
    sheet.append(list(columns))
    for row in rows:
        line = []
        for column in columns:
            value = _text(row.get(column))
            if isinstance(value, str):
                value = ILLEGAL_CHARACTERS_RE.sub("", value)
            elif isinstance(value, int) and abs(value) >= 10**15:
                value = str(value)  # Excel keeps 15 digits of a number; an order number has more
            elif not isinstance(value, bool | int | None) and not (isinstance(value, float) and math.isfinite(value)):
                value = None if isinstance(value, float) else str(value)
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that starts with = stays a text
            line.append(cell)
        sheet.append(line)
    book.save(path)


_WRITERS: dict[str, Callable[[Path, Sequence[str], list[dict[str, Any]]], None]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
