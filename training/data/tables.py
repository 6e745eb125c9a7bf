"""CSV, JSONL, Parquet and XLSX files -> one plain :class:`Table`; every fault is tied to the row a person would look for.

A fault of the whole file (encoding, no header, not a Parquet file) is raised. A fault of one row (broken JSON, a field
too many) is kept beside the row: training refuses the file with the list of them, scoring writes them next to the row.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from training.data.encodings import decode
from triage.errors import DataError

SUFFIXES: tuple[str, ...] = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xlsx")

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""JSON can spell half a character pair; no encoding can write it."""

Row = tuple[int, dict[str, Any]]
"""Row number as a person sees it, and the cells by column; a cell is str, int, float, bool, datetime, None, or JSON."""


@dataclass(slots=True)
class Table:
    """One data file.

    Attributes:
        columns: names in the file's order.
        rows: (row number, cells). The header of CSV and XLSX is row 1, as in a spreadsheet; JSONL counts
            lines, Parquet records, both from 1.
        faults: row number -> what is wrong with that row, in Chinese. Such a row stands in ``rows`` too, as far as read.
        notes: what a person should know: which encoding was read, which sheet was taken.
    """

    path: Path
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def where(self, number: int) -> str:
        """How a message names a row."""
        return f"{self.path} 第 {number} 行"


def read(path: str | Path) -> Table:
    """Reads one file; the suffix says which format it is.

    Raises:
        DataError: the file is missing, empty, of an unknown format or encoding, or has no usable header.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        hint = "；旧的 .xls 请在 Excel 里另存为 .xlsx" if path.suffix.lower() == ".xls" else ""
        raise DataError(
            f"{path}：不认识的文件类型 {path.suffix or '（没有后缀）'!r}；可以读 {'、'.join(SUFFIXES)}{hint}"
        )
    if not path.is_file():
        raise DataError(f"{path}：{'这是一个文件夹，请给出文件' if path.is_dir() else '没有这个文件，请检查路径'}")
    if path.stat().st_size == 0:
        raise DataError(f"{path}：文件是空的（0 字节）；至少要有表头和一行数据")
    try:
        table = reader(path)
    except OSError as error:
        raise DataError(f"{path}：读不了这个文件：{error.strerror or error}；请检查路径与权限") from error
    if not table.rows and not table.faults:
        raise DataError(f"{path}：只有表头，没有一行数据" if table.columns else f"{path}：文件里没有数据")
    _check_nul(table)
    return table


def _check_nul(table: Table) -> None:
    for number, cells in table.rows:
        for column, value in cells.items():
            if isinstance(value, str) and "\x00" in value:
                table.faults.setdefault(number, f"{column} 列含有 NUL 字节（\\x00），文件可能损坏；请删去它")


def _csv(path: Path) -> Table:
    text, encoding = decode(path.read_bytes(), path)
    table = Table(path, notes=_encoding_note(path, encoding))
    csv.field_size_limit(
        min(sys.maxsize, 2**31 - 1)
    )  # the standard 128 KiB limit is a trap: one long mail breaks a file
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(path, text), strict=True)
    records = _records(reader, table)
    header = next((cells for _, cells in records if cells), None)
    if header is None:
        raise DataError(f"{path}：文件里没有表头；第一行应是列名，如 text,category")
    table.columns = _header(path, header)
    for number, cells in records:
        if not cells:
            continue  # a blank line; a spreadsheet shows it as an empty row, so it has been counted
        if len(cells) != len(table.columns):
            table.faults[number] = (
                f"有 {len(cells)} 个字段，表头有 {len(table.columns)} 个；含逗号、引号或换行的内容要用双引号括起来"
            )
        table.rows.append((number, dict(zip(table.columns, cells, strict=False))))
    return table


def _records(reader: Any, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Numbers records as a spreadsheet would: a quoted line break does not start a new row."""
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise DataError(f"{table.where(number)}：双引号没有关上，一直到文件末尾；请补上引号") from None
            table.faults[number] = f'CSV 格式不对（{error}）；字段里的双引号要写成两个 ""'
            table.rows.append((number, {}))
            continue
        yield number, cells


def _delimiter(path: Path, text: str) -> str:
    """Tab for .tsv; else whichever of comma, tab, semicolon the header holds most (Excel writes all three)."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    return "\t" if path.suffix.lower() == ".tsv" else max(",\t;", key=head.count)


def _jsonl(path: Path) -> Table:
    text, encoding = decode(path.read_bytes(), path)
    table = Table(path, notes=_encoding_note(path, encoding))
    columns: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines(): U+2028 may stand inside a string
        if not line.strip():
            continue
        cells: dict[str, Any] = {}
        try:
            value = _whole(json.loads(line)) if _SURROGATE.search(line) else json.loads(line)
            if isinstance(value, dict):
                cells = value
            else:
                table.faults[number] = f'应是一个 JSON 对象，如 {{"text": "…"}}；收到的是 {line.strip():.40}'
        except json.JSONDecodeError as error:
            table.faults[number] = f"不是合法的 JSON：第 {error.colno} 个字符处 {error.msg}；每行写一个完整的对象"
        except RecursionError:
            table.faults[number] = "不是合法的 JSON：嵌套太深"
        except ValueError:  # Python reads no integer of more than 4,300 digits
            table.faults[number] = "不是合法的 JSON：有一个数太长；编号请写成字符串"
        table.rows.append((number, cells))
        columns.update(dict.fromkeys(cells))
    table.columns = tuple(columns)
    return table


def _whole(value: Any) -> Any:
    """The same JSON with a replacement character for every half of a character pair, in keys too."""
    return json.loads(
        json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        data = pq.ParquetFile(path).read()  # not read_table(): a folder named a=b would add a column
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"{path}：不是可读的 Parquet 文件（{str(error).splitlines()[0]}）") from error
    columns = _header(path, data.column_names)
    values = [data.column(i).to_pylist() for i in range(data.num_columns)]
    rows = [(n, dict(zip(columns, cells, strict=True))) for n, cells in enumerate(zip(*values, strict=True), start=1)]
    return Table(path, columns, rows)


def _xlsx(path: Path) -> Table:
    from zipfile import BadZipFile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl names every extension of Excel's that it leaves out
            return _sheet(path)
    except (
        BadZipFile,
        KeyError,
        ValueError,
        SyntaxError,
        EOFError,
        zlib.error,
    ) as error:  # XML that is none: SyntaxError
        raise DataError(f"{path}：不是可读的 XLSX 文件（{error}）；请在 Excel 里重新另存为 .xlsx") from error


def _sheet(path: Path) -> Table:
    import openpyxl

    table = Table(path)
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheets = book.worksheets
        if not sheets:
            raise DataError(f"{path}：里面没有工作表")
        sheet: Any = sheets[0]
        sheet.reset_dimensions()  # some exporters write a wrong size; read what is really there
        if len(sheets) > 1:
            others = "、".join(s.title for s in sheets[1:])
            table.notes.append(f"{path}：有 {len(sheets)} 张工作表，读的是第一张「{sheet.title}」（没有读：{others}）")
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if all(cell is None for cell in cells):
                continue
            if not table.columns:
                while cells and cells[-1] is None:
                    cells = cells[:-1]
                table.columns = _header(path, ["" if c is None else str(c) for c in cells])
                continue
            if any(cell is not None for cell in cells[len(table.columns) :]):
                table.faults[number] = f"在表头（{len(table.columns)} 列）之外还有内容；请补上列名或删去"
            row: dict[str, Any] = dict.fromkeys(table.columns)
            row.update(zip(table.columns, map(_cell, cells), strict=False))
            table.rows.append((number, row))
    finally:
        book.close()
    return table


def _cell(value: Any) -> Any:
    """A spreadsheet has one kind of number: 1.0 is shown, and meant, as 1. A date without a time is its midnight."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def _header(path: Path, names: list[str]) -> tuple[str, ...]:
    """Column names without stray blanks; a nameless column (an index that pandas wrote) is called after its place."""
    columns = [str(name).strip().lstrip("\ufeff") or f"列{i}" for i, name in enumerate(names, start=1)]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise DataError(f"{path}：列名写了两次：{'、'.join(twice)}；请改名或删去一列", field=twice[0])
    return tuple(columns)


def _encoding_note(path: Path, encoding: str) -> list[str]:
    return [] if encoding == "utf-8" else [f"{path}：识别出编码 {encoding}，已按它读取"]


_READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
