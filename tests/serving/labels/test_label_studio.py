"""Label Studio: tasks its SDK accepts, and labels back through its real converter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from intake.tools.label_studio import config
from serving.app import label_record
from serving.labels.export import read as read_store
from serving.labels.export import write as write_file
from serving.labels.import_ import plan, write
from serving.labels.label_rows import read_label_rows
from serving.store import Store
from tests.serving.audit.builders import NOW, head, put, said, ticket
from tests.serving.builders import run, taxonomy
from triage.errors import DataError


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    rows = [ticket(f"T-{i}", answer=head("logistics", 0.6, "suggest", refund=0.3)) for i in range(4)]
    put(sqlite_store, rows, None, [said("T-3", category="refund")])
    return sqlite_store


def exported(store: Store, tmp_path: Path) -> list[Any]:
    target = tmp_path / "tasks.json"
    run(store.read(lambda c: write_file(read_store(c), target, "label-studio", taxonomy())))
    assert target.with_suffix(".xml").read_text("utf-8") == config(taxonomy())
    return json.loads(target.read_text("utf-8"))


def choice(head: str, label: str) -> dict[str, Any]:
    return {"id": "x", "from_name": head, "to_name": "text", "type": "choices", "value": {"choices": [label]}}


def annotated(tasks: list[Any]) -> list[Any]:
    """As Label Studio's own export has it: 甲 did all, 乙 did the second one, too, 丙 cancelled the third."""

    def by(who: int, when: str, *result: Any, **more: Any) -> dict[str, Any]:
        person = {"id": who, "email": f"p{who}@shop.cn"}
        return {"id": who, "completed_by": person, "result": [*result], "created_at": when, "updated_at": when, **more}

    out = [{**task, "id": i + 1} for i, task in enumerate(tasks)]
    for i, task in enumerate(out):
        task["annotations"] = [by(1, "2025-11-01T00:00:00Z", choice("category", "refund"), choice("urgency", "high"))]
        if i == 1:
            task["annotations"].append(by(2, "2025-11-02T00:00:00Z", choice("category", "other")))
        if i == 2:
            task["annotations"].append(by(3, "2025-11-02T00:00:00Z", choice("category", "other"), was_cancelled=True))
    return out


def bring(store: Store, path: Path, form: str = "") -> list[tuple[str, str, dict[str, str]]]:
    rows = read_label_rows(path, taxonomy(), form=form).rows

    def work(c: Any) -> Any:
        found = plan(c, rows)
        write(c, label_record(), found.new, by="cli:test", file=path.name, now=NOW)
        return found

    return sorted((one.row.ticket_id, one.row.by, dict(one.row.labels)) for one in run(store.write(work)).new)


EXPECTED = [
    ("T-0", "p1@shop.cn", {"category": "refund", "urgency": "high"}),
    ("T-1", "p1@shop.cn", {"category": "refund", "urgency": "high"}),
    ("T-1", "p2@shop.cn", {"category": "other"}),
    ("T-2", "p1@shop.cn", {"category": "refund", "urgency": "high"}),
    ("T-3", "p1@shop.cn", {"category": "refund", "urgency": "high"}),
]


def test_tasks_carry_the_models_answer_and_the_peoples(store: Store, tmp_path: Path) -> None:
    first, *_, last = exported(store, tmp_path)
    assert first["data"]["ticket_id"] == "T-0"
    assert first["data"]["revision"] == 1
    (prediction,) = first["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("fendan 7", 0.6)
    assert prediction["result"][0]["value"] == {"choices": ["logistics"]}
    assert prediction["result"][0]["score"] == 0.6
    assert [p["model_version"] for p in last["predictions"]] == ["people", "fendan 7"]
    assert "annotations" not in last, "they would come back under another's name"


def test_its_own_export_comes_back(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(annotated(exported(store, tmp_path))), "utf-8")
    assert bring(store, path) == EXPECTED
    assert bring(store, path) == [], "the same file again changes nothing"


def test_unannotated_tasks_say_nothing_and_a_broken_one_is_named(store: Store, tmp_path: Path) -> None:
    tasks = exported(store, tmp_path)
    assert bring(store, tmp_path / "tasks.json") == []
    broken = annotated(tasks)
    broken[1]["annotations"][0]["result"][0]["value"]["choices"] = ["refund", "other"]
    broken[2]["annotations"][0]["result"][0]["value"]["choices"] = ["钱"]
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken), "utf-8")
    with pytest.raises(DataError) as error:
        bring(store, path)
    assert "第 2 个任务：category 应只选一个；收到的是 ['refund', 'other']" in str(error.value)
    assert "第 3 个任务：category 的 '钱' 不是可用的标签" in str(error.value)


@pytest.fixture(scope="module")
def converter() -> Any:
    try:
        import label_studio_sdk.converter as found
    except ImportError as error:
        pytest.skip(f"needs label-studio-sdk and what its converter imports (see the Makefile): {error}")
    return found


def test_the_config_offers_our_heads_and_labels(converter: Any) -> None:
    from label_studio_sdk.converter.utils import parse_config

    found = parse_config(config(taxonomy()))
    assert list(found) == list(taxonomy().heads)
    for name, control in found.items():
        assert control["type"] == "Choices"
        assert [(source["type"], source["value"]) for source in control["inputs"]] == [("Text", "text")]
        known = {label.name: label.code for label in taxonomy().heads[name].labels}
        assert set(control["labels"]) in (set(known), set(known.values()))


def test_the_sdk_accepts_the_predictions(store: Store, tmp_path: Path) -> None:
    checks = pytest.importorskip(
        "label_studio_sdk.label_interface",
        reason="the SDK's checks of tasks need more of its dependencies than its converter",
        exc_type=ImportError,
    )
    interface = checks.LabelInterface(config(taxonomy()))
    interface.validate()
    for task in exported(store, tmp_path):
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction, return_errors=True) == []


@pytest.mark.parametrize("form", ["JSON", "JSON_MIN", "CSV"])
def test_a_round_trip_through_the_real_converter(converter: Any, store: Store, tmp_path: Path, form: str) -> None:
    source = tmp_path / "annotated.json"
    source.write_text(json.dumps(annotated(exported(store, tmp_path))), "utf-8")
    made = converter.Converter(config(taxonomy()), str(tmp_path), download_resources=False)
    out = tmp_path / form
    if form == "CSV":
        made.convert_to_csv(str(source), str(out), is_dir=False, sep=",")
        result = out / "result.csv"
    else:
        made.convert(str(source), str(out), form, is_dir=False)
        result = out / "result.json"
    assert bring(store, result) == EXPECTED
    assert bring(store, result) == []
