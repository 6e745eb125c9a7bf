"""JSON Lines, JSON arrays and documents that wrap one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from intake.files.open import read
from intake.options import ReadOptions
from tests.training.builders import write_text
from triage.errors import DataError

ROWS = [{"text": "没到", "n": 1}, {"text": "坏了\u2028的", "n": None}]


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("t.jsonl", "\n".join(json.dumps(row) for row in ROWS), "jsonl"),
        ("t.ndjson", "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "jsonl"),
        ("t.json", "\n".join(json.dumps(row) for row in ROWS), "jsonl"),
        ("t.json", json.dumps(ROWS), "json"),
        ("t.json", json.dumps(ROWS, indent=2), "json"),
        ("t.jsonl", json.dumps(ROWS, indent=2), "json"),
        ("t.json", json.dumps({"count": 2, "tickets": ROWS}), "json"),
        ("t.json", json.dumps({"data": ROWS, "meta": {"page": 1}}, indent=1), "json"),
    ],
)
def test_the_same_rows_in_every_wrapping(tmp_path: Path, name: str, content: str, form: str) -> None:
    data = read(write_text(tmp_path / name, content))
    assert (data.form, data.rows) == (form, [(1, ROWS[0]), (2, ROWS[1])])
    assert data.columns == ("text", "n")
    assert str(data.source(2)).endswith("第 2 条" if form == "json" else "第 2 行")


def test_an_element_that_is_no_object_is_a_fault_of_its_own(tmp_path: Path) -> None:
    data = read(write_text(tmp_path / "t.json", '[{"text": "没到"}, 5, ["x"]]'))
    assert list(data.faults) == [2, 3]
    assert "收到的是 5" in data.faults[2]


def test_a_broken_document_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="第 2 行第 3 个字符处"):
        read(write_text(tmp_path / "t.json", '[{"text": "没到"},\n  }]'))


def test_packed_files(tmp_path: Path) -> None:
    packed = tmp_path / "t.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(ROWS[0]).encode()))
    assert read(packed).rows == [(1, ROWS[0])]
    table = tmp_path / "t.csv.gz"
    table.write_bytes(gzip.compress("编号,内容\n1,没到\n".encode("gb18030")))
    assert read(table).rows == [(2, {"编号": "1", "内容": "没到"})]
    broken = tmp_path / "b.csv.gz"
    broken.write_bytes(b"no gzip")
    with pytest.raises(DataError, match="不是可读的 gzip"):
        read(broken)
    with pytest.raises(DataError, match="压缩包请先解开"):
        read(tmp_path / "t.zip")


def test_an_encoding_that_was_said(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.jsonl", json.dumps({"text": "沒到"}, ensure_ascii=False), "big5")
    assert read(path, ReadOptions(encoding="big5")).rows == [(1, {"text": "沒到"})]
    with pytest.raises(DataError, match="按 --encoding utf-8 读，第 1 行有坏字节"):
        read(path, ReadOptions(encoding="utf-8"))
    with pytest.raises(DataError, match="不是认识的编码"):
        read(path, ReadOptions(encoding="utf-9"))


def test_a_sheet_that_means_nothing_is_told(tmp_path: Path) -> None:
    data = read(write_text(tmp_path / "t.jsonl", '{"text": "没到"}'), ReadOptions(sheet="工单"))
    assert [p.kind for p in data.report.problems] == ["sheet_unused"]
