"""CSV and its kin: comma, semicolon, tab or bar; ``sep=;`` on top; titles above the header, totals below the data."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from intake.files.data_file import DataFile
from intake.files.encodings import decode
from intake.files.grid import GridLine, fill
from intake.options import ReadOptions
from triage.errors import DataError

_DELIMITERS = ",\t;|"
_SEP = re.compile(r'\s*"?sep=(.)"?[,;\t|\s]*$', re.IGNORECASE)
_SHOWN = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线"}
_LOOKED_AT = 20_000
"""Characters from the start of a file by which its delimiter is chosen."""


def read_csv(path: Path, raw: bytes, options: ReadOptions) -> DataFile:
    """Reads delimited text.

    Raises:
        DataError: the encoding is not one that is read, a quote is never closed, or there is no header.
    """
    text, encoding = decode(raw, path, options.encoding)
    data = DataFile(path, "csv", encoding=encoding)
    note_encoding(data)
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # the standard 128 KiB is a trap: one long mail breaks a file
    first, _, rest = text.partition("\n")
    if said := _SEP.match(first.rstrip("\r").lstrip("\ufeff")):  # Excel reads this line and does not show it
        text, data.delimiter = rest, said[1]
        data.report.note(
            "sep_line", path, f"第一行 {first.strip()} 说明了分隔符是{_SHOWN.get(said[1], said[1])}，不算作数据"
        )
    else:
        data.delimiter = "\t" if _suffix(path) == ".tsv" else _delimiter(text, [*options.columns.values()])
    fill(data, list(_records(text, data)), [*options.columns.values()])
    return data


def note_encoding(data: DataFile) -> None:
    """Says which encoding was read where it is not the usual one."""
    if data.encoding != "utf-8":
        data.report.note("encoding", data.path, f"识别出编码 {data.encoding}，已按它读取")


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _records(text: str, data: DataFile) -> Iterator[GridLine]:
    """Numbers records as a spreadsheet would: a quoted line break does not start a new row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=data.delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells: list[Any] = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise DataError(f"{data.where(number)}：双引号没有关上，一直到文件末尾；请补上引号") from None
            yield GridLine(number, [], f'CSV 格式不对（{error}）；字段里的双引号要写成两个 ""')
            continue
        if cells:  # a blank line; a spreadsheet shows it as an empty row, so it has been counted
            yield GridLine(number, cells)


def _delimiter(text: str, given: Collection[str]) -> str:
    """The one under which the first rows name most columns; else whichever the first line holds most."""
    from intake.files.header import count_roles

    head = text.lstrip("\ufeff\r\n")[:_LOOKED_AT]
    first = head.split("\n", 1)[0]

    def worth(mark: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=mark)
        named = 0
        try:
            for _, cells in zip(range(20), rows, strict=False):
                named = max(named, count_roles(cells) + sum(cell.strip() in given for cell in cells))
        except csv.Error:
            pass
        return named, first.count(mark)

    return max(_DELIMITERS, key=worth)
