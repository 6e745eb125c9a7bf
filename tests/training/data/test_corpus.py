"""Rows become checked, masked tickets; what breaks the contract is named by file, row, column and value."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.builders import starter, starter_file, starter_rows, taxonomy, write_jsonl, write_text
from training.data.corpus import read_corpus
from triage.errors import DataError
from triage.ticket import MAX_TEXT

COLUMNS = ("ticket_id", "text", "category", "urgency", "sentiment", "channel", "created_at")


def refused(*paths: Path, infer: bool = False) -> str:
    with pytest.raises(DataError) as caught:
        read_corpus(paths, None if infer else taxonomy())
    return str(caught.value)


def test_a_ticket_carries_all_its_columns(tmp_path: Path) -> None:
    row = {
        "text": "我的电话13812345678，快递没到",
        "category": " logistics ",
        "ticket_id": 7,
        "created_at": "2026-11-11T12:00",
        "channel": "chat",
        "customer_id": "C1",
        "unknown": [1],
    }
    corpus = read_corpus([write_jsonl(tmp_path / "t.jsonl", [row])], taxonomy())
    assert corpus.labels == {"category": ("logistics",)}
    assert corpus.ids == ("7",)
    assert corpus.created_at[0] == datetime(2026, 11, 11, 4, tzinfo=UTC)
    assert (corpus.channel, corpus.customer_id) == (("chat",), ("C1",))
    assert str(corpus.sources[0]) == f"{tmp_path / 't.jsonl'} 第 1 行"
    assert "13812345678" not in corpus.texts[0]
    assert len(corpus.texts[0]) == len(row["text"])


def test_subject_and_body_stand_in_for_a_missing_text(tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "t.csv", "subject,body,text,category\n标题,正文,,a\n,只有正文,  ,a\n标题,正文,原文,a\n"
    )
    assert read_corpus([path]).texts == ("标题\n正文", "只有正文", "原文")


def test_half_labelled_rows_are_kept(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "text,category,urgency,sentiment\n一,invoice,,\n二,,high,\n")
    corpus = read_corpus([path], taxonomy())
    assert corpus.labels == {"category": ("invoice", None), "urgency": (None, "high")}


def test_blank_and_overlong_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [{"text": t, "category": "a"} for t in ("好", "", " \n", None, "长" * (MAX_TEXT + 1), "行")]
    corpus = read_corpus([write_jsonl(tmp_path / "t.jsonl", rows)])
    assert corpus.texts == ("好", "行")
    assert any("3 行内容是空的" in note and "第 2、3、4 行" in note for note in corpus.notes)
    assert any("1 行超过 20,000 个字" in note and "第 5 行" in note for note in corpus.notes)


def test_only_blank_texts_are_no_data(tmp_path: Path) -> None:
    assert "没有一行可用的数据" in refused(write_text(tmp_path / "t.csv", "text,category\n ,a\n"), infer=True)


def test_an_unknown_label_is_named_with_row_value_and_the_nearest(tmp_path: Path) -> None:
    says = refused(write_text(tmp_path / "t.csv", "text,category\n好,invoice\n不好,logistic\n坏,logistic\n"))
    assert f"{tmp_path / 't.csv'} 第 3 行" in says
    assert "'logistic'" in says
    assert "是不是想写 logistics？" in says
    assert "共 2 行这样" in says
    assert "--taxonomy infer" in says


def test_a_chinese_name_leads_to_its_code(tmp_path: Path) -> None:
    assert "是不是想写 logistics？" in refused(write_text(tmp_path / "t.csv", "text,category\n好,物流\n"))


@pytest.mark.parametrize("label", ["a,b", 'a"b', "x" * 65, "\u200b"])
def test_even_inferred_labels_must_be_codes(tmp_path: Path, label: str) -> None:
    says = refused(write_jsonl(tmp_path / "t.jsonl", [{"text": "好", "category": label}]), infer=True)
    assert "不能作标签" in says
    assert "第 1 行" in says


def test_whole_numbers_are_labels_in_every_format(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["好", "坏", "行"], "category": [1.0, 2.0, None]})
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    write_jsonl(tmp_path / "t.jsonl", [{"text": "好", "category": 1}, {"text": "坏", "category": 2}, {"text": "行"}])
    found = [read_corpus([tmp_path / name]) for name in ("t.parquet", "t.xlsx", "t.jsonl")]
    assert all(corpus.labels == {"category": ("1", "2", None)} for corpus in found)
    assert len({corpus.fingerprint for corpus in found}) == 1


def test_duplicate_ids_are_refused_across_files(tmp_path: Path) -> None:
    a = write_text(tmp_path / "a.csv", "ticket_id,text,category\nT-1,好,a\n,行,a\n,行,a\n")
    b = write_text(tmp_path / "b.csv", "ticket_id,text,category\nT-1,坏,a\n")
    says = refused(a, b, infer=True)
    assert "ticket_id 'T-1'" in says
    assert f"{a} 第 2 行" in says
    assert f"{b} 第 2 行" in says


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("created_at", "昨天", "ISO 8601"),
        ("created_at", 12, "ISO 8601"),
        ("ticket_id", "x" * 129, "128"),
        ("channel", "a\nb", "可见字符"),
        ("text", ["不是文字"], "应是文字"),
        ("category", {"a": 1}, "应是文字"),
    ],
)
def test_a_bad_cell_names_column_and_row(tmp_path: Path, column: str, value: object, says: str) -> None:
    row = {"text": "好", "category": "a", column: value}
    text = refused(write_jsonl(tmp_path / "t.jsonl", [{"text": "好", "category": "a"}, row]), infer=True)
    assert says in text
    assert column in text
    assert "第 2 行" in text


def test_many_faults_are_told_at_once_and_counted(tmp_path: Path) -> None:
    says = refused(write_text(tmp_path / "t.csv", "text,category\n" + "".join(f"好,wrong{i}\n" for i in range(9))))
    assert says.count("不是可用的标签") == 5
    assert "另有 4 行有问题" in says


@pytest.mark.parametrize(
    ("header", "says"),
    [("话,category", "没有 text 列"), ("text,甲", "没有标签列"), ("text，category", "没有 text 列")],
)
def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path, header: str, says: str) -> None:
    text = refused(write_text(tmp_path / "t.csv", f"{header}\n好,invoice\n"))
    assert says in text
    assert header.split(",")[-1] in text


def test_an_empty_label_column_is_no_label(tmp_path: Path) -> None:
    assert "没有一个标签" in refused(write_text(tmp_path / "t.csv", "text,category\n好,\n"))


def test_a_gbk_export_of_excel_is_read_and_said(tmp_path: Path) -> None:
    corpus = read_corpus([write_text(tmp_path / "t.csv", "text,category\n快递没有收到,logistics\n", "gbk")], taxonomy())
    assert corpus.texts == ("快递没有收到",)
    assert "gb18030" in corpus.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_at_the_start_is_no_part_of_the_first_column(tmp_path: Path, encoding: str) -> None:
    path = write_text(tmp_path / "t.csv", "text,category\n快递没有收到,logistics\n", encoding)
    assert read_corpus([path], taxonomy()).texts == ("快递没有收到",)


def test_a_head_that_the_taxonomy_lacks_is_said(tmp_path: Path) -> None:
    from triage.taxonomy import Taxonomy

    only = Taxonomy.infer({"category": ["a"]})
    corpus = read_corpus([write_text(tmp_path / "t.csv", "text,category,urgency\n好,a,b\n")], only)
    assert list(corpus.labels) == ["category"]
    assert "urgency" in corpus.notes[0]


def test_progress_ends_where_it_should(tmp_path: Path) -> None:
    a = write_text(tmp_path / "a.csv", "text,category\n" + "好,a\n" * 4001)
    seen: list[float] = []
    read_corpus([a, a], progress=lambda _, share: seen.append(share))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert 0.5 in seen
    assert seen[-1] < 1


# Fingerprint


@settings(max_examples=15)
@given(order=st.permutations(range(12)))
def test_the_fingerprint_does_not_depend_on_row_order(order: list[int]) -> None:
    part = starter().subset(range(12))
    assert part.subset(order).fingerprint == part.fingerprint
    assert part.subset(order[:11]).fingerprint != part.fingerprint


def test_the_fingerprint_does_not_depend_on_the_format(tmp_path: Path) -> None:
    rows = [{name: row[name] for name in COLUMNS} for row in starter_rows()]
    random.Random(3).shuffle(rows)
    with (tmp_path / "t.csv").open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    frame = pd.DataFrame(rows)
    frame.to_parquet(tmp_path / "t.parquet")
    frame.assign(created_at=pd.to_datetime(frame["created_at"])).to_parquet(tmp_path / "times.parquet")
    book = openpyxl.Workbook()
    book.worksheets[0].append(COLUMNS)
    for row in rows:
        book.worksheets[0].append([row[name] for name in COLUMNS])
    book.save(tmp_path / "t.xlsx")
    for name in ("t.csv", "t.parquet", "times.parquet", "t.xlsx"):
        assert read_corpus([tmp_path / name], taxonomy()).fingerprint == starter().fingerprint, name


@pytest.mark.parametrize("column", ["text", "category", "created_at", "ticket_id", "channel"])
def test_every_value_counts_for_the_fingerprint(tmp_path: Path, column: str) -> None:
    new = {"text": "换成别的", "category": "other", "created_at": "2020-01-01", "ticket_id": "neu", "channel": "neu"}
    rows = [dict(row) for row in starter_rows()]
    rows[5][column] = new[column] if rows[5][column] != new[column] else "invoice"
    assert read_corpus([write_jsonl(tmp_path / "t.jsonl", rows)], taxonomy()).fingerprint != starter().fingerprint


def test_several_files_are_one_corpus(tmp_path: Path) -> None:
    rows = starter_rows()
    parts = [write_jsonl(tmp_path / "a.jsonl", rows[:80]), write_jsonl(tmp_path / "b.jsonl", rows[80:])]
    assert read_corpus(parts, taxonomy()).fingerprint == read_corpus([starter_file()], taxonomy()).fingerprint
