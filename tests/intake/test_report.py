"""The same trouble in many rows is told once, with its rows and the way out."""

from __future__ import annotations

import pytest

from intake.report import Report, RowSource
from triage.errors import DataError, QuestionError

HERE = "导出.csv"


def report(stops: bool = True) -> Report:
    found = Report()
    for row in (9, 2, 5, 7, 11, 3):
        found.add(
            "date", f"第 {row} 行的时间看不懂", RowSource(HERE, row), key="created_at", mend="改一改", stops=stops
        )
    return found


def test_rows_of_one_kind_are_one_problem() -> None:
    (problem,) = report().problems
    assert (problem.kind, problem.n, len(problem.sources)) == ("date", 6, 5)
    assert problem.text == "第 9 行的时间看不懂", "in the words of the first"
    assert problem.to_json() == {
        "kind": "date", "n": 6, "rows": [9, 2, 5, 7, 11], "mend": "改一改", "text": "第 9 行的时间看不懂", "stops": True
    }  # fmt: skip


def test_what_stops_is_raised_and_the_rest_is_noted() -> None:
    with pytest.raises(DataError, match=r"导出\.csv 第 9 行：第 9 行的时间看不懂（共 6 行这样）；改一改"):
        report().throw()
    assert report().notes() == []
    quiet = report(stops=False)
    quiet.throw()
    (note,) = quiet.notes()
    assert note.startswith("导出.csv：")
    assert "共 6 行" in note


def test_only_the_first_faults_are_told_in_full() -> None:
    found = Report()
    for row in range(1, 9):
        found.add("unknown_label", f"不认识 {row}", RowSource(HERE, row), stops=True)
    with pytest.raises(DataError) as caught:
        found.throw()
    assert len(str(caught.value).splitlines()) == 6
    assert str(caught.value).endswith("……另有 3 行有问题")


def test_a_question_keeps_its_answers() -> None:
    found = Report()
    found.add_all("scale", "哪头最急", [RowSource(HERE, 2)], stops=True, ways=("--label a", "--label b"))
    with pytest.raises(QuestionError) as caught:
        found.throw()
    assert caught.value.ways == ("--label a", "--label b")


def test_reports_of_several_files_are_joined() -> None:
    both = report()
    other = Report()
    other.add("date", "别的", RowSource("b.csv", 4), key="created_at", stops=True)
    other.note("encoding", "b.csv", "识别出编码 gb18030", n=1)
    both.update(other)
    assert [(p.kind, p.n) for p in both.problems] == [("date", 7), ("encoding", 1)]
    assert both.notes() == ["b.csv：识别出编码 gb18030"]


def test_rows_have_the_unit_of_their_file() -> None:
    found = Report()
    found.add("label", "两个标签", RowSource("a.json", 3, "条"))
    assert found.notes() == ["a.json：两个标签（第 3 条）"]
