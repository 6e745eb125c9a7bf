"""A file with labels from elsewhere -> rows, each with the place a person would look for. CSV, TSV, JSONL, Label Studio."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from serving.labels import label_studio
from triage.errors import DataError, InputError
from triage.spreadsheet import plain
from triage.taxonomy import HEADS

FORMATS = ("csv", "jsonl", "label-studio")
MAX_ROWS = 20_000
"""Rows of one file. It is written in one transaction, for which the service waits: under two seconds for 10,000."""

_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "label-studio"}
_PEOPLE = ("by", "annotator")
_TIMES = ("at", "updated_at")


class Row(NamedTuple):
    """One row: where it stands, its cells as read, and what is wrong with it as a row (empty: nothing)."""

    where: str
    cells: Mapping[str, Any]
    fault: str = ""


def read(path: Path, form: str = "", heads: Sequence[str] = HEADS) -> list[Row]:
    """All rows that say something of ``heads``; ``form`` empty means that the suffix says which format it is.

    Cells are named ``ticket_id``, ``revision``, heads, ``note``, ``by`` and ``at``, whatever the file calls them.

    Raises:
        InputError, DataError: the file cannot be read as a whole.
    """
    kind = form or _SUFFIXES.get(path.suffix.lower(), "")
    if kind not in FORMATS:
        known = f"{'、'.join(_SUFFIXES)} 或 --format {'、'.join(FORMATS)}"
        raise InputError(f"不知道 {path.name} 是什么格式；可用的：{known}", field="format")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"读不了 {path}：{error.strerror or error}；请检查路径", field="file") from error
    text = _decoded(data, path)
    rows = list({"csv": _csv, "jsonl": _jsonl, "label-studio": _label_studio}[kind](text, path, heads))
    if len(rows) > MAX_ROWS:
        raise InputError(f"{path} 有 {len(rows):,} 行，一次最多 {MAX_ROWS:,} 行；请拆成几个文件", field="file")
    return rows


def _decoded(data: bytes, path: Path) -> str:
    """UTF-8, or what Excel in China writes (GB18030 holds GBK and GB2312)."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(f"{path} 既不是 UTF-8 也不是 GB18030；请另存为 UTF-8", field="file")


def _csv(text: str, path: Path, heads: Sequence[str]) -> Iterator[Row]:
    """A quoted line break does not start a new row; the header is row 1, as in a spreadsheet."""
    header, _, _ = text.partition("\n")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",\t;", key=header.count)
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(records, [])]
        _check_columns(names, path, heads)
        for number, record in enumerate(records, start=2):
            if not any(record):
                continue
            where = f"第 {number} 行"
            if len(record) != len(names):
                yield Row(where, {}, f"有 {len(record)} 个字段，表头有 {len(names)} 个：{','.join(record):.60}")
                continue
            yield from _said(where, {k: plain(v) for k, v in zip(names, record, strict=True)}, heads)
    except csv.Error as error:
        raise DataError(f"{path} 不是完整的 CSV（{error}）", field="file") from None


def _jsonl(text: str, _: Path, heads: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines(): U+2028 may stand inside a string
        if not line.strip():
            continue
        where = f"第 {number} 行"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield from _said(where, value, heads)
        else:
            yield Row(where, {}, f"不是一个 JSON 对象：{line.strip():.60}")


def _label_studio(text: str, path: Path, heads: Sequence[str]) -> Iterator[Row]:
    """Label Studio's own export (tasks with annotations) or its converter's JSON_MIN (flat objects)."""
    try:
        tasks = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path} 不是 Label Studio 的 JSON（{error}）；导出时选 JSON、JSON_MIN 或 CSV", field="file"
        ) from None
    if not isinstance(tasks, list):
        raise DataError(f"{path} 应是一个任务列表 […]；导出时选 JSON、JSON_MIN 或 CSV", field="file")
    for number, task in enumerate(tasks, start=1):
        where = f"第 {number} 个任务"
        if not isinstance(task, dict):
            yield Row(where, {}, f"不是一个 JSON 对象：{task!r:.60}")
        elif "data" in task and "annotations" not in task:
            continue  # exported before anybody annotated it
        elif "data" in task:
            try:
                yield from (Row(where, cells) for cells in label_studio.words(task, heads))
            except ValueError as error:
                yield Row(where, {}, str(error))
        else:
            yield from _said(where, task, heads)


def _said(where: str, cells: Mapping[str, Any], heads: Sequence[str]) -> Iterator[Row]:
    """The row under the names we use; nothing when it holds no label."""
    labels = {head: cells[head] for head in heads if cells.get(head) not in (None, "")}
    if not labels:
        return
    out = {name: cells.get(name) for name in ("ticket_id", "revision", "note")} | labels
    out["by"] = label_studio.person(next((cells[name] for name in _PEOPLE if cells.get(name) not in (None, "")), None))
    out["at"] = next((cells[name] for name in _TIMES if cells.get(name)), None)
    if out["at"] is None and "annotation_id" in cells:
        out["at"] = cells.get("created_at")  # of the annotation; elsewhere the column is the customer's time
    yield Row(where, out)


def _check_columns(names: list[str], path: Path, heads: Sequence[str]) -> None:
    if "ticket_id" not in names or not set(names) & set(heads):
        raise DataError(
            f"{path} 的表头应有 ticket_id 和 {'、'.join(heads)} 中的至少一列；现在是：{'、'.join(names):.200}",
            field="file",
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DataError(f"{path} 的列名写了两次：{'、'.join(twice)}", field=twice[0])
