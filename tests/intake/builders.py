"""Small files for the tests of what comes in. All words in them are our own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from intake.columns import Columns, assign
from intake.files.data_file import DataFile
from intake.options import ReadOptions
from intake.read import TICKET_ROLES
from intake.report import RowSource

WORDS = (
    "券用不了",
    "快递停了三天",
    "杯子碎了",
    "发票税号错了",
    "想换大一码",
    "登录要验证码",
    "钱没退回来",
    "客服不理人",
)


def data_of(columns: Sequence[str], *rows: Sequence[Any], form: str = "csv") -> DataFile:
    """A file as its reader leaves it: the header in row 1."""
    data = DataFile(Path("导出.csv"), form, header_row=1)
    data.name_columns(columns)
    data.rows = [(n, dict(zip(data.columns, row, strict=True))) for n, row in enumerate(rows, start=2)]
    return data


def columns_of(data: DataFile, *said: str) -> Columns:
    """The columns of a file, with what a person said of them."""
    return assign(data, ReadOptions.of(said), TICKET_ROLES)


def cells_of(*words: Any) -> list[tuple[RowSource, Any]]:
    """A column of labels, from row 2 on."""
    return [(RowSource("导出.csv", row), word) for row, word in enumerate(words, start=2)]


def write_csv(
    path: Path, columns: Sequence[str], *rows: Sequence[Any], mark: str = ",", encoding: str = "utf-8"
) -> Path:
    lines = [mark.join(map(str, row)) for row in (columns, *rows)]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def write_json(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) if path.suffix == ".jsonl" else "[" + ",".join(lines) + "]", encoding="utf-8")
    return path


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], merged: Sequence[str] = ()) -> Path:
    """A workbook; ``merged``: ranges of the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    book.save(path)
    return path
