"""What may stand behind --target-error, --cost and --encoder, and what is said of anything else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.encoder.settings import EncoderSettings
from models.linear.recipe import Recipe
from models.promise.targets import Targets
from tests.training.builders import write_text
from training.fit.options import SpecOptions, costs, encoder, targets
from training.fit.spec import TrainingSpec
from triage.errors import FendanError, InputError, TrainingError


def said(base: TrainingSpec, **options: Any) -> TrainingSpec:
    return SpecOptions(**options).applied_to(base)


def fault(call: Any, *arguments: Any) -> FendanError:
    with pytest.raises((InputError, TrainingError)) as caught:
        call(*arguments)
    return caught.value


# --- --target-error


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.03", Targets(0.03)),
        ("5e-2", Targets(0.05)),
        (".5", Targets(0.5)),
        ("category=0.02,urgency=0.05", Targets(0.03, {"category": 0.02, "urgency": 0.05})),
        (" category = 0.02 , default=0.1,", Targets(0.1, {"category": 0.02})),
    ],
)
def test_targets_as_numbers(value: str, expected: Targets) -> None:
    assert targets(value) == expected


@pytest.mark.parametrize("name", ["t.yaml", "t.yml", "t.YAML", "t.json"])
def test_targets_from_a_file_go_down_to_classes(tmp_path: Path, name: str) -> None:
    text = '{"default": 0.04, "category": {"default": 0.02, "complaint": 0.01}, "urgency": 0.05}'
    path = write_text(tmp_path / name, text)
    assert targets(str(path)) == Targets(0.04, {"category": 0.02, "urgency": 0.05}, {"category": {"complaint": 0.01}})


def test_targets_from_a_hand_written_file(tmp_path: Path) -> None:
    text = "# 承诺\ndefault: 0.03\ncategory:\n  投诉: 0.01   # 最要紧\n"
    assert targets(str(write_text(tmp_path / "t.yaml", text))) == Targets(0.03, {}, {"category": {"投诉": 0.01}})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", ["--target-error", "''", "0.03"]),
        ("many", ["--target-error", "'many'", "category=0.02"]),
        ("3%", ["--target-error", "'3%'"]),
        ("category", ["--target-error", "'category'"]),
        ("category=", ["--target-error", "'category='"]),
        ("=0.1", ["--target-error", "'=0.1'"]),
        ("category=0.1,urgency", ["--target-error", "'urgency'"]),
        ("category=low", ["--target-error", "'low'"]),
        ("category=0.1,category=0.2", ["--target-error", "category", "两次"]),
        ("0", ["target_error", "0.5", "0.0"]),
        ("0.51", ["target_error", "0.51"]),
        ("nan", ["target_error", "nan"]),
        ("category=0.6", ["category", "0.6"]),
    ],
)
def test_a_target_that_is_none_is_said(value: str, says: list[str]) -> None:
    found = fault(targets, value)
    assert all(part in str(found) for part in says), str(found)
    assert found.field == "target_error"


@pytest.mark.parametrize("content", ["", "- 0.03\n", "0.03", "a: [", "a: b: c", "category: {complaint: much}"])
def test_a_target_file_that_is_none_is_said(tmp_path: Path, content: str) -> None:
    found = fault(targets, str(write_text(tmp_path / "t.yaml", content)))
    assert "t.yaml" in str(found) or "much" in str(found)
    assert found.field == "target_error"
    assert "\n" not in str(found)


def test_a_target_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "missing.yaml" in str(fault(targets, str(tmp_path / "missing.yaml")))
    (tmp_path / "folder.yaml").mkdir()
    assert "folder.yaml" in str(fault(targets, str(tmp_path / "folder.yaml")))
    (tmp_path / "latin.yaml").write_bytes(b"category: \xff")
    assert "latin.yaml" in str(fault(targets, str(tmp_path / "latin.yaml")))


# --- --cost


def test_costs_are_read_by_head_and_label() -> None:
    assert costs("") == {}
    assert costs("urgency.critical=3") == {"urgency": {"critical": 3.0}}
    assert costs("urgency.critical=3, category.complaint=2.5,urgency.high=2") == {
        "urgency": {"critical": 3.0, "high": 2.0},
        "category": {"complaint": 2.5},
    }
    assert costs("category.a.b=2") == {"category": {"a.b": 2.0}}, "a label may have a point in it"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("3", ["--cost", "'3'"]),
        ("urgency=3", ["--cost", "urgency", "项.类别=代价"]),
        ("urgency.=3", ["--cost", "urgency."]),
        ("urgency.critical", ["--cost", "'urgency.critical'"]),
        ("urgency.critical=", ["--cost", "'urgency.critical='"]),
        ("urgency.critical=dear", ["--cost", "'dear'"]),
        ("urgency.critical=3,urgency.critical=4", ["--cost", "urgency.critical", "两次"]),
    ],
)
def test_a_cost_that_is_none_is_said_with_an_example(value: str, says: list[str]) -> None:
    found = fault(costs, value)
    assert all(part in str(found) for part in says), str(found)
    assert found.field == "cost"


# --- --encoder


def test_nothing_said_is_the_defaults() -> None:
    assert encoder("", "", 7) == EncoderSettings(seed=7)
    assert encoder("", "./roberta", 0) == EncoderSettings(trunk="./roberta")


def test_settings_are_read_as_what_they_are() -> None:
    found = encoder("layers=4, dropout=0,learning_rate=1e-3,gradient_checkpointing=false,tokens=piece,seed=3", "", 7)
    assert found == EncoderSettings(
        layers=4, dropout=0.0, learning_rate=0.001, gradient_checkpointing=False, tokens="piece", seed=3
    )
    assert encoder("epochs=null,trunk=2024", "", 0) == EncoderSettings(trunk="2024"), "a folder may be called so"


def test_settings_are_read_from_a_file(tmp_path: Path) -> None:
    path = write_text(tmp_path / "e.yaml", "layers: 1\nlearning_rate: 1e-3\nepochs: null\ntrunk: a\n")
    assert encoder(str(path), "", 2) == EncoderSettings(layers=1, learning_rate=0.001, trunk="a", seed=2)
    assert encoder(str(path), "b", 2).trunk == "b", "what was typed beside it counts"


@pytest.mark.parametrize(
    ("value", "field", "says"),
    [
        ("deep", "encoder", "'deep'"),
        ("layers=", "encoder", "'layers='"),
        ("layers=1,layers=2", "encoder", "两次"),
        ("depth=3", "depth", "layers"),
        ("layers=many", "layers", "'many'"),
        ("layers=[1", "layers", "'[1'"),
        ("layers=0", "layers", "0"),
        ("layers=1.5", "layers", "1.5"),
        ("dropout=nan", "dropout", "nan"),
        ("layers={a: 1}", "layers", "{a: 1}"),
    ],
)
def test_a_setting_that_is_none_is_said(value: str, field: str, says: str) -> None:
    found = fault(encoder, value, "", 0)
    assert says in str(found)
    assert found.field == field


@pytest.mark.parametrize("content", ["- layers\n", "layers: [", "layers: 0", "depth: 1"])
def test_a_settings_file_that_is_none_is_said(tmp_path: Path, content: str) -> None:
    found = fault(encoder, str(write_text(tmp_path / "e.yaml", content)), "", 0)
    assert "e.yaml" in str(found) or found.field in ("layers", "depth")
    assert "missing.yml" in str(fault(encoder, str(tmp_path / "missing.yml"), "", 0))


# --- all of them together


def test_what_is_not_said_stays_as_the_champion_has_it() -> None:
    champion = TrainingSpec("blend", Targets(0.02), costs={"urgency": {"critical": 3.0}}, encoder_folds=3)
    champion = replace(champion, encoder=EncoderSettings(trunk="hfl/rbt3", layers=3))
    assert said(champion) == champion
    assert said(champion, target_error="0.05") == replace(champion, targets=Targets(0.05))
    assert said(champion, cost="urgency.high=2") == replace(champion, costs={"urgency": {"high": 2.0}})
    assert said(champion, encoder_folds=5) == replace(champion, encoder_folds=5)
    other = said(champion, encoder="epochs=2", seed=7).encoder
    assert other == EncoderSettings(trunk="hfl/rbt3", layers=3, epochs=2, seed=7)
    assert said(champion, kind="linear") == replace(champion, kind="linear", encoder=None, encoder_folds=1)
    assert said(champion, cost="") == replace(champion, costs={})
    assert said(replace(champion, recipes={"category": [Recipe()]}), kind="encoder").recipes == {}
    assert said(TrainingSpec(), kind="encoder") == TrainingSpec("encoder", encoder=EncoderSettings())


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"kind": "forest"}, "model"),
        ({"kind": ""}, "model"),
        ({"target_error": ""}, "target_error"),
        ({"kind": "linear", "trunk": "T"}, "model"),
        ({"encoder_folds": 2}, "model"),
        ({"encoder": "layers=2"}, "model"),
        ({"kind": "encoder", "recipe": Path("r.yaml")}, "model"),
        ({"recipe": Path("gone.yaml")}, "recipe"),
        ({"target_error": "many"}, "target_error"),
        ({"kind": "blend", "encoder": "layers=0"}, "layers"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], field: str) -> None:
    with pytest.raises((InputError, TrainingError)) as caught:
        said(TrainingSpec(), **options)
    assert caught.value.field == field
