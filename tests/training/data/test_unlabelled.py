"""Tickets without labels: texts only, masked, and every row that is left out is counted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.mask import mask
from tests.training.builders import write_jsonl, write_text
from training.data.unlabelled import read_texts
from triage.errors import DataError
from triage.ticket import MAX_TEXT


def test_texts_are_masked_and_labels_not_read(tmp_path: Path) -> None:
    path = write_text(tmp_path / "in.csv", "text,category\n电话13812345678找我,never heard of\n发票没开,\n")
    texts, left_out = read_texts([path])
    assert texts == [mask("电话13812345678找我"), "发票没开"]
    assert "13812345678" not in texts[0]
    assert left_out == 0


def test_subject_and_body_are_one_text(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", [{"subject": "快递", "body": "没收到"}, {"subject": "", "body": "发票"}])
    assert read_texts([path]) == (["快递\n没收到", "发票"], 0)


def test_what_is_blank_too_long_or_unreadable_is_left_out_and_counted(tmp_path: Path) -> None:
    long, most = "长" * (MAX_TEXT + 1), "长" * MAX_TEXT
    rows = "".join(f'{{"text": "{text}"}}\n' for text in ("好", "  ", "", long, most)) + "{broken\n"
    texts, left_out = read_texts([write_text(tmp_path / "in.jsonl", rows)])
    assert texts == ["好", most]
    assert left_out == 4


def test_several_files_of_several_kinds_follow_each_other(tmp_path: Path) -> None:
    a = write_text(tmp_path / "a.csv", "text\n一\n\n二\n")
    b = write_text(tmp_path / "b.csv", "内容,text\nx,三\n", "gb18030")
    pd.DataFrame({"text": ["四", None]}).to_parquet(tmp_path / "c.parquet")
    seen: list[float] = []
    texts, _ = read_texts([a, b, tmp_path / "c.parquet"], progress=lambda _, share: seen.append(share))
    assert texts == ["一", "二", "三", "四"]
    assert seen == sorted(seen)
    assert read_texts([]) == ([], 0)


def test_a_file_without_texts_is_named(tmp_path: Path) -> None:
    none = write_text(tmp_path / "none.csv", "名字\n好\n")
    with pytest.raises(DataError, match=r"none\.csv"):
        read_texts([none])
    blank = write_text(tmp_path / "blank.csv", "text,a\n ,1\n ,2\n")
    with pytest.raises(DataError, match=r"blank\.csv.*没有一行可用") as caught:
        read_texts([blank])
    assert caught.value.field == "text"
