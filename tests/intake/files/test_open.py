"""Files in four formats become the same table, and every fault names its row."""

from __future__ import annotations

import csv
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.files.open import read
from tests.training.builders import write_jsonl, write_text
from triage.errors import DataError

CELLS = st.text(
    st.one_of(
        st.sampled_from('",;\t\n\r 退款。！=+-@😡'), st.characters(exclude_categories=("Cs",), exclude_characters="\0")
    ),
    max_size=12,
)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6)


@given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
def test_what_python_writes_as_csv_is_read_back(tmp_path_factory, rows, quoting) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=quoting)
        writer.writerow(["text", "category"])
        writer.writerows(rows)
    table = read(path)
    assert [tuple(cells.values()) for _, cells in table.rows] == rows
    assert table.columns == ("text", "category")
    assert not table.faults
    assert [number for number, _ in table.rows] == list(range(2, len(rows) + 2))


@given(rows=ROWS)
def test_jsonl_and_parquet_give_the_same_cells(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("files")
    records = [{"text": text, "category": category} for text, category in rows]
    pq.write_table(pa.Table.from_pylist(records), folder / "t.parquet")
    write_jsonl(folder / "t.jsonl", records)
    for name in ("t.parquet", "t.jsonl"):
        table = read(folder / name)
        assert [cells for _, cells in table.rows] == records
        assert [number for number, _ in table.rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_the_three_delimiters_of_excel(tmp_path: Path, mark: str) -> None:
    table = read(write_text(tmp_path / "t.csv", f"text{mark}category\n没收到{mark}logistics\n"))
    assert table.rows == [(2, {"text": "没收到", "category": "logistics"})]


def test_a_quoted_line_break_does_not_shift_row_numbers(tmp_path: Path) -> None:
    table = read(write_text(tmp_path / "t.csv", 'text,category\r\n"第一行\r\n第二行",a\r\n\r\n好,b,多\r\n'))
    assert [(n, cells["text"]) for n, cells in table.rows] == [(2, "第一行\r\n第二行"), (4, "好")]
    assert "3 个字段" in table.faults[4]


def test_a_huge_field_is_read(tmp_path: Path) -> None:
    long = "很长" * 100_000
    assert read(write_text(tmp_path / "t.csv", f'text,category\n"{long}",a\n')).rows[0][1]["text"] == long


def test_nul_is_a_fault_of_its_row(tmp_path: Path) -> None:
    table = read(write_text(tmp_path / "t.csv", "text,category\n好,a\n坏\0的,b\n"))
    assert list(table.faults) == [3]
    assert "NUL" in table.faults[3]


@pytest.mark.parametrize("broken", ['text\n"没有关上\n再一行\n', 'text,category\na,"b\n'])
def test_an_open_quote_is_named(tmp_path: Path, broken: str) -> None:
    with pytest.raises(DataError, match="双引号没有关上"):
        read(write_text(tmp_path / "t.csv", broken))


def test_a_stray_quote_is_a_fault_of_its_row_alone(tmp_path: Path) -> None:
    table = read(write_text(tmp_path / "t.csv", 'text,category\n"a"b,c\n好,d\n'))
    assert list(table.faults) == [2]
    assert table.rows[-1] == (3, {"text": "好", "category": "d"})


def test_jsonl_faults_name_line_and_place(tmp_path: Path) -> None:
    deep = "[" * 100_000
    lines = ['{"text": "好\u2028的"}', "", "[1]", '{"text": }', deep, '{"ticket_id": ' + "1" * 5000 + "}"]
    table = read(write_text(tmp_path / "t.jsonl", "\n".join(lines)))
    assert table.rows[0] == (1, {"text": "好\u2028的"})
    assert sorted(table.faults) == [3, 4, 5, 6]
    assert "[1]" in table.faults[3]
    assert "第 10 个字符" in table.faults[4]
    assert "太深" in table.faults[5]
    assert "太长" in table.faults[6]


def test_half_a_character_pair_is_replaced_and_a_whole_one_kept(tmp_path: Path) -> None:
    table = read(write_text(tmp_path / "t.jsonl", r'{"text": "\ud83d\ude21 \ud83d 好", "\udc00": ["\udbff"]}'))
    assert table.rows[0][1] == {"text": "😡 \ufffd 好", "\ufffd": ["\ufffd"]}


def sheet(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_a_spreadsheet_s_numbers_dates_gaps_and_sheets(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "t.xlsx",
        (None, None),
        ("text", "ticket_id", "created_at", None),
        ("没收到", 12.0, datetime(2026, 11, 11, 12), None),
        (None, None, None),
        ("好", 1.5, None, "多"),
    )
    book = openpyxl.load_workbook(path)
    book.create_sheet("第二张")
    book.save(path)
    table = read(path)
    first = {"text": "没收到", "ticket_id": 12, "created_at": datetime(2026, 11, 11, 12)}
    assert table.rows[0] == (3, first)
    assert isinstance(table.rows[0][1]["ticket_id"], int)
    assert list(table.faults) == [5]
    assert "第二张" in table.notes[0]


def test_a_broken_spreadsheet_is_refused(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    whole = sheet(tmp_path / "t.xlsx", ("text",), ("好",))
    broken = tmp_path / "b.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[: len(data) // 2] if name.endswith("sheet1.xml") else data)
    cut = tmp_path / "c.xlsx"
    cut.write_bytes(whole.read_bytes()[:1000])
    text = write_text(tmp_path / "d.xlsx", "text\n好\n")
    archive = tmp_path / "e.xlsx"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("word/document.xml", "<a/>")
    for path in (broken, cut, text, archive):
        with pytest.raises(DataError, match="不是可读的 XLSX 文件") as caught:
            read(path)
        assert str(path) in str(caught.value)
    assert not recwarn.list


def test_parquet_cells_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "a=b" / "t.parquet"
    path.parent.mkdir()
    day = datetime(2026, 11, 11)
    pq.write_table(
        pa.table(
            {
                "text": pa.array(["好", None]).dictionary_encode(),
                "day": pa.array([day.date(), None]),
                "sum": pa.array([Decimal("1.50"), None]),
            }
        ),
        path,
    )
    table = read(path)
    assert table.columns == ("text", "day", "sum"), "the folder's name adds no column"
    assert table.rows == [
        (1, {"text": "好", "day": day.date(), "sum": Decimal("1.50")}),
        (2, {"text": None, "day": None, "sum": None}),
    ]


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="不是可读的 Parquet"):
        read(write_text(tmp_path / "t.parquet", "text\n好\n"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.doc", "x", "可以读 .csv"),
        ("t", "x", "没有后缀"),
        ("t.xls", "x", "另存为 .xlsx"),
        ("t.csv", "", "0 字节"),
        ("t.csv", "\n\n", "没有表头"),
        ("t.csv", "text,category\n", "没有一行数据"),
        ("t.jsonl", "\n\n", "没有数据"),
    ],
)
def test_a_useless_file_says_why(tmp_path: Path, name: str, content: str, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        read(write_text(tmp_path / name, content))
    assert name in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(DataError, match="没有这个文件"):
        read(tmp_path / "no.csv")
    with pytest.raises(DataError, match="文件夹"):
        read(tmp_path / "d.csv")


def test_an_index_without_a_name_is_called_after_its_place(tmp_path: Path) -> None:
    assert read(write_text(tmp_path / "t.csv", ",text\n0,好\n")).columns == ("列1", "text")
