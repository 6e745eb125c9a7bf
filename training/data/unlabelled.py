"""Tickets without labels: what a teacher answers and what pretraining reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from intake.headings import WORDS
from intake.options import ReadOptions
from intake.read import read_file
from intake.values import FieldReader
from triage.errors import DataError
from triage.ticket import MAX_TEXT


def read_texts(
    paths: Sequence[str | Path],
    *,
    options: ReadOptions | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[list[str], int]:
    """The own words, masked, of data files (CSV, JSONL, Parquet, XLSX), and how many rows were blank, too long or unreadable.

    Only ``text`` (or ``subject`` and ``body``) is read; labels, where there are any, are not.

    Raises:
        DataError: a file without texts.
    """
    from features.reading import read as read_text

    texts: list[str] = []
    left_out = 0
    for done, path in enumerate(paths):
        if progress:
            progress("读取没有标签的工单", done / len(paths))
        data, columns = read_file(path, options or ReadOptions(), WORDS)
        fields = FieldReader(data, columns)
        for number, cells in data.rows:
            text = "" if number in data.faults else fields.text(number, cells)
            if text.strip() and len(text) <= MAX_TEXT:
                texts.append(read_text(text).masked)
            else:
                left_out += 1
    if paths and not texts:
        raise DataError(f"{paths[0]} 里没有一行可用的文字", field="text")
    return texts, left_out
