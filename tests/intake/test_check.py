"""``fendan check``: what it finds, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

from intake.check import check
from intake.options import ReadOptions
from tests.intake.builders import WORDS, write_csv
from tests.training.builders import fendan_here
from training.data.standard import load_taxonomy

OWN = [(f"K-{i}", f"{WORDS[i % 8]}，第{i}单", ("券", "快递", "维修")[i % 3]) for i in range(18)]


def test_the_shape_for_machines(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ("工单编号", "内容", "分类", "备注"), *((*row, "x") for row in OWN))
    found = check(path, ReadOptions(), load_taxonomy(""), may_be_own=True)
    shown = found.to_json()
    assert shown["rows"] == shown["usable"] == 18
    assert shown["columns"] == {"text": "内容", "category": "分类", "ticket_id": "工单编号"}
    assert shown["labels"] == {"category": {"券": 6, "快递": 6, "维修": 6}}
    assert shown["own_labels"]
    assert (shown["encoding"], shown["delimiter"], shown["header_row"], shown["unread"]) == ("utf-8", ",", 1, ["备注"])
    for problem in shown["problems"]:
        assert set(problem) == {"kind", "n", "rows", "mend", "text", "stops"}
    assert json.loads(json.dumps(shown)) == shown
    assert not found.stops


def test_a_few_unknown_labels_are_slips_and_many_are_the_shops_own(tmp_path: Path) -> None:
    rows = [(f"{WORDS[i % 8]}{i}", "refund" if i else "refnud") for i in range(10)]
    slips = check(
        write_csv(tmp_path / "a.csv", ("text", "category"), *rows), ReadOptions(), load_taxonomy(""), may_be_own=True
    )
    assert slips.stops
    assert not slips.own_labels
    assert slips.labels == {"category": {"refund": 9}}


def test_a_file_that_cannot_be_read_is_a_problem_too(tmp_path: Path) -> None:
    found = check(tmp_path / "no.csv", ReadOptions(), None)
    assert found.stops
    assert [problem.kind for problem in found.problems] == ["unreadable"]
    assert found.to_json()["columns"] == {}


def test_the_command(tmp_path: Path) -> None:
    write_csv(tmp_path / "好.csv", ("内容", "分类"), *(row[1:] for row in OWN), encoding="gb18030")
    done = fendan_here("check", "好.csv", cwd=tmp_path)
    assert done.status == 0
    assert "编码 gb18030" in done.out
    assert "内容 → text（客户说的话），18 行有内容" in done.out
    assert "fendan train 好.csv --taxonomy infer --out M" in done.out
    write_csv(tmp_path / "问.csv", ("内容", "描述", "分类"), *((row[1], row[1], row[2]) for row in OWN))
    asked = fendan_here("check", "问.csv", cwd=tmp_path)
    assert asked.status == 2
    assert "fendan check 问.csv --column body=描述" in asked.out
    said = fendan_here("check", "问.csv", "--column", "body=描述", "--json", cwd=tmp_path)
    assert said.status == 0
    assert json.loads(said.out)["columns"]["body"] == "描述"
    wrong = fendan_here("check", "问.csv", "--column", "txt=描述", cwd=tmp_path)
    assert (wrong.status, wrong.out) == (2, "")
    assert "用途=列名" in wrong.err
