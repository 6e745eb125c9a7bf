"""A path -> a data file: what the file is, is seen from its first bytes; its suffix decides between kinds of text."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

from intake.files.csv import read_csv
from intake.files.data_file import DataFile
from intake.files.excel import read_excel
from intake.files.jsonl import read_jsonl
from intake.files.parquet import read_parquet
from intake.options import ReadOptions
from triage.errors import DataError

Reader = Callable[[Path, bytes, ReadOptions], DataFile]

READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_jsonl,
    ".parquet": read_parquet,
    ".xlsx": read_excel,
}
SUFFIXES: tuple[str, ...] = tuple(READERS)
"""What can be read; each of the text formats may be packed, too (``.csv.gz``)."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RESAVE = "请在 Excel 或 WPS 里另存为 .xlsx"


FORMATS: dict[str, Reader] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "json": read_jsonl,
    "label-studio": read_jsonl,
    "doccano": read_jsonl,
    "argilla": read_jsonl,
    "xlsx": read_excel,
    "parquet": read_parquet,
}
"""Names of formats, for files whose suffix says another thing or nothing."""


def read(path: str | Path, options: ReadOptions | None = None, form: str = "") -> DataFile:
    """Reads one file; ``form`` is one of :data:`FORMATS`, where the suffix is not to decide.

    Raises:
        DataError: the file is missing, empty, of an unknown format or encoding, or has no usable header.
    """
    path = Path(path)
    options = options or ReadOptions()
    suffix = _suffix(path)
    if not form and suffix not in READERS and suffix != ".xls":
        hint = "；压缩包请先解开" if suffix in (".zip", ".rar", ".7z") else ""
        raise DataError(f"{path}：不认识的文件类型 {suffix or '（没有后缀）'!r}；可以读 {'、'.join(SUFFIXES)}{hint}")
    if not path.is_file():
        raise DataError(f"{path}：{'这是一个文件夹，请给出文件' if path.is_dir() else '没有这个文件，请检查路径'}")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}：读不了这个文件：{error.strerror or error}；请检查路径与权限") from error
    if not raw:
        raise DataError(f"{path}：文件是空的（0 字节）；至少要有表头和一行数据")
    reader = FORMATS[form] if form else _reader(path, suffix, raw)
    data = reader(path, _unpacked(path, raw), options)
    told = {"xlsx": "Excel 文件", "csv": "文本表格"}.get(data.form, "")
    if told and READERS.get(suffix) is not reader and not form:
        data.report.note("suffix", path, f"后缀是 {suffix}，里面其实是{told}，按{told}读了")
    if options.sheet and data.form != "xlsx":
        data.report.note("sheet_unused", path, "不是 Excel 文件，--sheet 没有用到")
    if not data.rows and not data.faults:
        raise DataError(f"{path}：只有表头，没有一行数据" if data.columns else f"{path}：文件里没有数据")
    _check_nul(data)
    return data


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return Path(name.removesuffix(".gz")).suffix


def _unpacked(path: Path, raw: bytes) -> bytes:
    if not path.name.lower().endswith(".gz"):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}：不是可读的 gzip 文件（{error}）；请先解开再试") from error


def _reader(path: Path, suffix: str, raw: bytes) -> Reader:
    """What the first bytes say outweighs the suffix: systems call HTML and XLSX ``.xls``, and people rename files."""
    if suffix == ".xlsx" and raw.startswith(_OLD_EXCEL):
        raise DataError(f"{path}：加了密码，或者其实是旧的 .xls，读不了；{_RESAVE}（不加密码）")
    if suffix == ".xls" or suffix in (".csv", ".tsv"):
        if raw.startswith(b"PK\x03\x04"):
            return read_excel
        if raw.startswith(_OLD_EXCEL):
            raise DataError(f"{path}：是旧的 .xls 格式，读不了；{_RESAVE}")
        if (
            raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
            .lower()
            .startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml"))
        ):
            raise DataError(f"{path}：其实是网页表格（HTML/XML），不是表格文件；用 Excel 或 WPS 打开，再另存为 .xlsx")
        if suffix == ".xls" and not {b","[0], b"\t"[0]} & set(raw.split(b"\n", 1)[0]):
            raise DataError(f"{path}：不是读得了的表格；{_RESAVE}")
        return read_csv
    return READERS[suffix]


def _check_nul(data: DataFile) -> None:
    for number, cells in data.rows:
        for column, value in cells.items():
            if isinstance(value, str) and "\x00" in value:
                data.faults.setdefault(number, f"{column} 列含有 NUL 字节（\\x00），文件可能损坏；请删去它")
