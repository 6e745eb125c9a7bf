"""CSV as spreadsheets and systems write it: delimiters, a line that names one, titles, totals, fields beyond the header."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.files.data_file import DataFile
from intake.files.open import read
from intake.options import ReadOptions
from tests.training.builders import write_text


def csv(tmp_path: Path, content: str, encoding: str = "utf-8", **said: str) -> DataFile:
    return read(write_text(tmp_path / "t.csv", content, encoding), ReadOptions(columns=said))


def kinds(data: DataFile) -> dict[str, int]:
    return {problem.kind: problem.n for problem in data.report.problems}


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["", "sep={}\n", '"sep={}"\r\n', "SEP={}\n"])
def test_the_delimiter_is_found_or_said(tmp_path: Path, mark: str, line: str) -> None:
    rows = f"编号{mark}内容\n1{mark}没到，催\n2{mark}坏了\n"
    data = csv(tmp_path, line.format(mark) + rows)
    assert data.delimiter == mark
    assert data.rows == [(2, {"编号": "1", "内容": "没到，催"}), (3, {"编号": "2", "内容": "坏了"})]
    assert kinds(data) == ({"sep_line": 1} if line else {})


def test_signs_in_the_words_do_not_choose_the_delimiter(tmp_path: Path) -> None:
    data = csv(tmp_path, "工单号;客户诉求\n1;a,b,c,d\n2;e,f\n")
    assert data.columns == ("工单号", "客户诉求")
    assert csv(tmp_path, "话;a,b,c\n没到;x\n", text="话").columns == ("话", "a,b,c")


def test_a_utf_16_file_with_the_line(tmp_path: Path) -> None:
    assert csv(tmp_path, "sep=\t\r\n编号\t内容\r\n1\t没到\r\n", "utf-16").rows == [(2, {"编号": "1", "内容": "没到"})]


def test_titles_above_and_totals_below_are_left_out_and_counted(tmp_path: Path) -> None:
    text = "十一月明细,,\n\n导出时间：2026-11-30,,\n编号,内容,分类\n1,没到,物流\n2,共三件都坏了,维修\n合计,2,\n"
    data = csv(tmp_path, text)
    assert data.header_row == 4
    assert [number for number, _ in data.rows] == [5, 6]
    assert kinds(data) == {"header_row": 2, "total_row": 1}


@pytest.mark.parametrize(
    "last",
    ["合计金额不对，多扣了我二十", "共三件只到两件", "总计算错了吧", "导出", "12", "以为能退", "行", "单", "共三件"],
)
def test_a_customers_words_are_no_total(tmp_path: Path, last: str) -> None:
    data = csv(tmp_path, f"text,category\n没到,物流\n{last.replace('，', '')},\n")
    assert len(data.rows) == 2
    assert kinds(data) == {}


def test_the_first_row_is_the_header_where_no_row_names_more(tmp_path: Path) -> None:
    assert csv(tmp_path, "甲,乙\n内容,1\n没到,2\n").columns == ("甲", "乙")
    assert csv(tmp_path, "text,category\n标题,内容\n").columns == ("text", "category")
    assert csv(tmp_path, "说明\n谁说的,说了什么\n甲,没到\n", text="说了什么").header_row == 2


def test_empty_fields_beyond_the_header_are_ignored_and_counted(tmp_path: Path) -> None:
    data = csv(tmp_path, "a,text\n1,没到,,\n2,坏了, ,\n3,好\n4,多了,的\n")
    assert data.faults.keys() == {5}
    assert "3 个字段，表头有 2 个" in data.faults[5]
    assert kinds(data) == {"empty_fields": 2}
    assert data.columns == ("a", "text", "列3")
    assert data.rows[-1] == (5, {"a": "4", "text": "多了", "列3": "的"}), "nothing is lost"


def test_nameless_columns_at_the_end_count_only_when_they_hold_something(tmp_path: Path) -> None:
    assert csv(tmp_path, "a,text,,\n1,没到,,\n").columns == ("a", "text")
    assert csv(tmp_path, "a,text,,\n1,没到,x,\n").columns == ("a", "text", "列3")


NAMES = st.lists(st.sampled_from(["text", "Comment", "Labels", "a", "Comment.2", ""]), min_size=1, max_size=6)


@given(NAMES)
def test_repeated_columns_keep_every_value(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    values = [f"v{i}" for i in range(len(names))]
    write_text(path, ",".join([*names, "z"]) + "\n" + ",".join([*values, "z"]) + "\n")
    data = read(path)
    assert len(set(data.columns)) == len(names) + 1
    assert list(data.rows[0][1].values()) == [*values, "z"]
    assert data.repeated == {name for name in names if name and names.count(name) > 1}


def test_a_text_table_with_another_suffix(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.xls", "编号\t内容\n1\t没到\n", "gb18030")
    data = read(path)
    assert data.rows == [(2, {"编号": "1", "内容": "没到"})]
    assert kinds(data) == {"encoding": 1, "suffix": 1}
