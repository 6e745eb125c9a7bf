"""Files of labelling tools become rows like any others; nothing that nobody labelled is lost uncounted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from intake.options import ReadOptions
from intake.read import read_file
from intake.tickets import gather
from tests.intake.builders import WORDS, write_json


def choice(name: str, label: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [label]}}


def task(text: str, *results: list[dict[str, Any]]) -> dict[str, Any]:
    annotations = [{"completed_by": i, "result": result} for i, result in enumerate(results, start=1)]
    return {"id": 1, "data": {"text": text, "ticket_id": text[:2]}, "annotations": annotations}


def test_label_studio_is_read_by_training_too(tmp_path: Path) -> None:
    tasks = [task(word, [choice("分类", "退款"), choice("urgency", "高")]) for word in WORDS]
    tasks += [task("没人标"), task("别的", [choice("别的题", "x")])]
    found = gather([write_json(tmp_path / "t.json", tasks)], None, ReadOptions())
    assert [row.text for row in found.rows] == [*WORDS]
    assert set(found.labels["category"].codes) == {"退款"}
    assert set(found.labels["urgency"].codes) == {"high"}
    (silent,) = [p for p in found.report.problems if p.kind == "unlabelled_records"]
    assert (silent.n, [s.row for s in silent.sources]) == (2, [9, 10])


def test_a_broken_record_is_a_fault_of_its_own(tmp_path: Path) -> None:
    broken = task(WORDS[0], [choice("category", "a")])
    broken["annotations"][0]["result"][0]["value"]["choices"] = ["a", "b"]
    data, _ = read_file(
        write_json(tmp_path / "t.json", [task(WORDS[1], [choice("category", "a")]), broken]), ReadOptions()
    )
    assert data.tool == "Label Studio"
    assert list(data.faults) == [2]
    assert str(data.source(2)).endswith("第 2 个任务")


def test_other_files_stay_as_they_are(tmp_path: Path) -> None:
    rows = [{"text": word, "data": {"a": 1}} for word in WORDS]
    data, _ = read_file(write_json(tmp_path / "t.jsonl", rows), ReadOptions())
    assert data.tool == ""
    assert [cells for _, cells in data.rows] == rows
