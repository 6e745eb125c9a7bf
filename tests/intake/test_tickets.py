"""Files become labelled tickets; what is left out is counted, and two tickets with one id are never told to be deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.options import ReadOptions
from intake.tickets import Tickets, gather
from tests.intake.builders import WORDS, write_csv, write_json
from triage.errors import DataError, InputError
from triage.taxonomy import Taxonomy
from triage.ticket import MAX_TEXT


def gathered(*paths: Path, **options: object) -> Tickets:
    return gather(paths, None, ReadOptions(), **options)  # type: ignore[arg-type]


def kinds(found: Tickets) -> dict[str, tuple[int, bool]]:
    return {problem.kind: (problem.n, problem.stops) for problem in found.report.problems}


def test_several_files_are_one_set(tmp_path: Path) -> None:
    a = write_csv(tmp_path / "a.csv", ("内容", "分类"), (WORDS[0], "退款"), (WORDS[1], "物流"))
    b = write_json(tmp_path / "b.jsonl", [{"text": WORDS[2], "category": "退款。", "urgency": "高"}])
    found = gathered(a, b)
    assert [row.text for row in found.rows] == [*WORDS[:3]]
    assert found.labels["category"].codes == ["退款", "物流", "退款"], "the forms of both files are one label"
    assert found.labels["urgency"].codes == [None, None, "high"]
    assert [str(row.source) for row in found.rows] == [f"{a} 第 2 行", f"{a} 第 3 行", f"{b} 第 1 行"]
    assert found.taxonomy is not None
    assert found.taxonomy.inferred


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = [{"ticket_id": 1, "text": WORDS[0], "category": "a"}, {"ticket_id": 1, "text": WORDS[0], "category": "a"}]
    rows += [
        {"text": "", "category": "a"},
        {"text": None, "category": "a"},
        {"text": "长" * (MAX_TEXT + 1), "category": "a"},
    ]
    found = gathered(write_json(tmp_path / "a.jsonl", rows))
    assert len(found.rows) == 1
    assert kinds(found) == {
        "blank_text": (2, False),
        "long_text": (1, False),
        "repeated_row": (1, False),
        "small_classes": (1, False),
    }


@pytest.mark.parametrize(("text", "category", "says"), [(WORDS[1], "a", "文字不同"), (WORDS[0], "b", "标签不同")])
def test_one_id_for_two_tickets_stops_and_asks_nobody_to_delete(
    tmp_path: Path, text: str, category: str, says: str
) -> None:
    path = write_csv(tmp_path / "a.csv", ("ticket_id", "text", "category"), (1, WORDS[0], "a"), (1, text, category))
    found = gathered(path)
    (problem,) = [p for p in found.report.problems if p.stops]
    assert (problem.kind, problem.n) == ("repeated_id", 1)
    assert says in problem.text
    assert "删" not in problem.line()
    assert "--column ticket_id=" in problem.mend


def test_a_column_that_only_passes_for_a_heads_needs_two_labels(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        ("内容", "category", "优先级"),
        *((word, "ab"[i % 2], "普通") for i, word in enumerate(WORDS)),
    )
    found = gathered(path)
    assert list(found.labels) == ["category"]
    assert kinds(found)["one_class"] == (1, False)
    ours = gathered(
        write_csv(
            tmp_path / "b.csv",
            ("text", "category", "urgency"),
            *((word, "ab"[i % 2], "普通") for i, word in enumerate(WORDS)),
        )
    )
    assert list(ours.labels) == ["category", "urgency"], "who says urgency means it"


def test_a_broken_row_stops_and_the_others_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text,category\n好,a\n"坏"了,a\n行,a,多\n', encoding="utf-8")
    found = gathered(path)
    assert [row.text for row in found.rows] == ["好"]
    assert sum(problem.n for problem in found.report.problems if problem.kind == "broken_row" and problem.stops) == 2


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="没有这个文件"):
        gathered(tmp_path / "no.csv")


def test_a_head_that_only_this_shop_has_is_read_by_its_own_name(tmp_path: Path) -> None:
    own = Taxonomy.from_mapping(
        {
            "heads": {
                "category": {"labels": [{"code": "a"}, {"code": "b"}]},
                "product_line": {"labels": [{"code": "aircon", "name": "空调"}, {"code": "washer", "name": "洗衣机"}]},
            }
        }
    )
    path = write_csv(
        tmp_path / "a.csv", ("内容", "category", "product_line"), (WORDS[0], "a", "空调"), (WORDS[1], "b", "WASHER")
    )
    found = gather([path], own, ReadOptions())
    assert found.labels["product_line"].codes == ["aircon", "washer"]
    said = write_csv(
        tmp_path / "b.csv", ("内容", "category", "产品线"), (WORDS[0], "a", "空调"), (WORDS[1], "b", "洗衣机")
    )
    found = gather([said], own, ReadOptions.of(["product_line=产品线"]))
    assert found.labels["product_line"].codes == ["aircon", "washer"]
    with pytest.raises(InputError, match="用途=列名"):
        gather([said], None, ReadOptions.of(["product_line=产品线"]))
