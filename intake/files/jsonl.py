"""JSON Lines, and one JSON document that holds a list of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from intake.files.csv import note_encoding
from intake.files.data_file import DataFile
from intake.files.encodings import decode
from intake.options import ReadOptions
from triage.errors import DataError

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""JSON can spell half a character pair; no encoding can write it."""


def read_jsonl(path: Path, raw: bytes, options: ReadOptions) -> DataFile:
    """Reads a file with an object a line, or a document with a list of objects, whatever the suffix says.

    Raises:
        DataError: the encoding is not one that is read, or the document is none.
    """
    text, encoding = decode(raw, path, options.encoding)
    document = _document(path, text)
    data = DataFile(path, "jsonl" if document is None else "json", encoding=encoding)
    note_encoding(data)
    if document is None:
        _lines(data, text)
    else:
        for number, value in enumerate(document, start=1):
            _take(data, number, value)
    columns: dict[str, None] = {}
    for _, cells in data.rows:
        columns.update(dict.fromkeys(cells))
    data.columns = tuple(columns)
    return data


def _document(path: Path, text: str) -> Sequence[Any] | None:
    """The list of a JSON document (``[…]``, or ``{"tickets": […]}``); None where each line is an object of its own."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start not in ("[", "{"):
        return None
    lines = path.name.lower().removesuffix(".gz").endswith(".json") is False
    try:
        value = _whole(json.loads(text)) if _SURROGATE.search(text) else json.loads(text)
    except json.JSONDecodeError as error:
        if lines or "Extra data" in error.msg:
            return None
        raise DataError(
            f"{path}：不是合法的 JSON：第 {error.lineno} 行第 {error.colno} 个字符处 {error.msg}；"
            "应是一个列表 [{…}, …]，或每行一个对象"
        ) from None
    except (RecursionError, ValueError):
        return None
    if isinstance(value, list) and (not lines or (value and all(isinstance(item, dict) for item in value))):
        return value
    if isinstance(value, dict):
        held = [
            item
            for item in value.values()
            if isinstance(item, list) and item and all(isinstance(x, dict) for x in item)
        ]
        if len(held) == 1 and not lines:
            return list(held[0])
        if not lines and "\n" in text.strip():
            return [value]
    return None


def _lines(data: DataFile, text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines(): U+2028 may stand inside a string
        if not line.strip():
            continue
        try:
            value = _whole(json.loads(line)) if _SURROGATE.search(line) else json.loads(line)
        except json.JSONDecodeError as error:
            fault = f"不是合法的 JSON：第 {error.colno} 个字符处 {error.msg}；每行写一个完整的对象"
        except RecursionError:
            fault = "不是合法的 JSON：嵌套太深"
        except ValueError:  # Python reads no integer of more than 4,300 digits
            fault = "不是合法的 JSON：有一个数太长；编号请写成字符串"
        else:
            _take(data, number, value, line.strip())
            continue
        data.faults[number] = fault
        data.rows.append((number, {}))


def _take(data: DataFile, number: int, value: Any, line: str = "") -> None:
    if not isinstance(value, dict):
        shown = line or json.dumps(value, ensure_ascii=False)
        data.faults[number] = f'应是一个 JSON 对象，如 {{"text": "…"}}；收到的是 {shown:.40}'
    data.rows.append((number, value if isinstance(value, dict) else {}))


def _whole(value: Any) -> Any:
    """The same JSON with a replacement character for every half of a character pair, in keys too."""
    return json.loads(
        json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
