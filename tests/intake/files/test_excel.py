"""Workbooks: cover sheets, titles, merged cells, numbers that are exact or refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from intake.files.open import read
from intake.options import ReadOptions
from tests.intake.builders import write_book
from triage.errors import DataError

HEAD = ("编号", "内容", "分类")
COVER = [["本表由系统导出"], ["导出人", "小周"]]


def test_the_sheet_with_tickets_is_found_behind_a_cover(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "t.xlsx", {"说明": COVER, "工单": [HEAD, (1, "没到", "物流")], "十月": [HEAD, (2, "坏了", "维修")]}
    )
    data = read(path)
    assert (data.sheet, data.rows) == ("工单", [(2, {"编号": 1, "内容": "没到", "分类": "物流"})])
    (note,) = data.notes
    assert "「工单」（没有读：说明、十月）" in note
    assert "十月 也像是工单" in note


@pytest.mark.parametrize("sheet", ["十月", "3"])
def test_a_person_may_say_which(tmp_path: Path, sheet: str) -> None:
    path = write_book(
        tmp_path / "t.xlsx", {"说明": COVER, "工单": [HEAD, (1, "没到", "物流")], "十月": [HEAD, (2, "坏了", "维修")]}
    )
    data = read(path, ReadOptions(sheet=sheet))
    assert data.sheet == "十月"
    assert data.notes == []
    with pytest.raises(DataError, match="没有叫 '五月' 的工作表；有的是：1 说明、2 工单、3 十月"):
        read(path, ReadOptions(sheet="五月"))


def test_hidden_sheets_are_not_looked_at(tmp_path: Path) -> None:
    import openpyxl

    path = write_book(tmp_path / "t.xlsx", {"旧": [HEAD, (1, "旧的", "x")], "新": [HEAD, (2, "新的", "y")]})
    book = openpyxl.load_workbook(path)
    book["旧"].sheet_state = "hidden"
    book.save(path)
    assert read(path).sheet == "新"


def test_titles_and_group_headings_stand_above_the_header(tmp_path: Path) -> None:
    rows = [["十一月售后工单"], [None], ["基本信息", None, "归类"], HEAD, (1, "没到", "物流"), ["合计", "1 条"]]
    data = read(write_book(tmp_path / "t.xlsx", {"S": rows}, ["A1:C1"]))
    assert (data.header_row, [number for number, _ in data.rows]) == (4, [5])
    assert {p.kind: [s.row for s in p.sources] for p in data.report.problems} == {
        "header_row": [1, 3],
        "total_row": [6],
    }


def test_merged_cells_are_filled_downwards(tmp_path: Path) -> None:
    rows = [HEAD, (1, "没到", "物流"), (2, "停了", None), (3, "丢了", None), (4, "坏了", "维修"), (5, "响", None)]
    data = read(write_book(tmp_path / "t.xlsx", {"S": rows}, ["C2:C4", "C5:C6"]))
    assert [cells["分类"] for _, cells in data.rows] == ["物流", "物流", "物流", "维修", "维修"]
    (problem,) = data.report.problems
    assert (problem.kind, problem.n, [s.row for s in problem.sources]) == ("merged_cells", 3, [3, 4, 6])


def test_dates_and_numbers(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 3, 9, 12)
    rows = [HEAD, (12.0, moment, 46329.4), (123456789012345678, 999999999999999, "123456789012345678")]
    (_, first), (_, second) = read(write_book(tmp_path / "t.xlsx", {"S": rows})).rows
    assert first == {"编号": 12, "内容": moment, "分类": 46329.4}
    assert isinstance(second["编号"], float), (
        "the file itself holds a rounded number; it must not pass for an exact one"
    )
    assert (second["内容"], second["分类"]) == (999999999999999, "123456789012345678")


def test_a_workbook_with_another_suffix_and_other_things_called_xls(tmp_path: Path) -> None:
    path = write_book(tmp_path / "t.xlsx", {"S": [HEAD, (1, "没到", "物流")]})
    renamed = path.rename(tmp_path / "t.csv")
    data = read(renamed)
    assert data.form == "xlsx"
    assert [p.kind for p in data.report.problems] == ["suffix"]
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    web = tmp_path / "web.xls"
    web.write_text("<html><table><tr><td>内容</td></tr></table></html>", encoding="utf-8")
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(old.read_bytes())
    for file, says in ((old, "旧的 .xls"), (web, "网页表格"), (locked, "加了密码")):
        with pytest.raises(DataError, match=says) as caught:
            read(file)
        assert "另存为 .xlsx" in str(caught.value)
