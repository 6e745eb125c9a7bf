"""What ``fendan train`` makes of the files of which that is told (``trained`` in ``expected.yaml``), and ``evaluate`` of its model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cases.test_cases import CASES, HOME, expected
from tests.shared import once_per_run, run_folder
from tests.training.builders import Done, fendan_often

TOLD = [name for name in CASES if "trained" in expected(name)]

NEW = "text,category\n洗碗机的门弹不开了,维修\n押金退到哪里去了,退款\n快件被转到邻县了,物流\n"


@once_per_run
def place() -> Path:
    """One store: a model of each case, and what is known and new to it."""
    folder = run_folder() / "trained-cases"
    folder.mkdir()
    for name in TOLD:
        shutil.copy(HOME / name / expected(name)["file"], folder / f"{name}.csv")
    known = (folder / "in_a_form.csv").read_text(encoding="utf-8")
    (folder / "new.csv").write_text(NEW, encoding="utf-8")
    (folder / "both.csv").write_text(known + NEW.partition("\n")[2], encoding="utf-8")
    return folder


@once_per_run
def trained() -> dict[str, Done]:
    done = fendan_often(
        *(("train", f"{name}.csv", "--taxonomy", "infer", "--out", f"M-{name}", "--register", name) for name in TOLD),
        cwd=place(),
    )
    return dict(zip(TOLD, done, strict=True))


@once_per_run
def evaluated() -> dict[str, Done]:
    assert trained()["in_a_form"].status == 0
    shutil.copytree(place() / "M-in_a_form", place() / "copy")
    calls: dict[str, Sequence[str]] = {
        "all": ("models:/in_a_form/1", "in_a_form.csv"),
        "all of the folder": ("M-in_a_form", "in_a_form.csv"),
        "new": ("models:/in_a_form@champion", "new.csv", "--json"),
        "both": ("models:/in_a_form/1", "both.csv", "--json"),
        "both, spoken": ("models:/in_a_form/1", "both.csv"),
        "both of the copy": ("copy", "both.csv", "--json"),
        "with": ("models:/in_a_form/1", "both.csv", "--with-seen", "--json"),
        "with, spoken": ("M-in_a_form", "both.csv", "--with-seen"),
    }
    done = fendan_often(*(("evaluate", *call) for call in calls.values()), cwd=place())
    return dict(zip(calls, done, strict=True))


def told(name: str) -> dict[str, Any]:
    done = evaluated()[name]
    assert (done.status, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("name", TOLD)
def test_a_file_is_learned_from_as_its_owner_means_it(name: str) -> None:
    done, says = trained()[name], expected(name)["trained"]
    assert done.status == 0, done.err
    assert f"，{says['duplicates']} 条重复或近似，" in done.out
    card = (place() / f"M-{name}" / "model_card.md").read_text(encoding="utf-8")
    for words in says["notes"]:
        assert words in done.out
        assert words in card


@pytest.mark.parametrize("name", ["all", "all of the folder"])
def test_a_model_is_not_judged_on_what_it_has_learned(name: str) -> None:
    done = evaluated()[name]
    assert (done.status, done.out) == (2, "")
    assert "30 条工单都是这个模型学过的" in done.err
    assert "--with-seen" in done.err


def test_what_is_new_is_judged_on_though_it_says_the_same_in_no_form() -> None:
    found = told("new")
    assert found["seen"] == {"n": 0, "left_out": 0, "warning": None}
    assert found["heads"]["category"]["n"] == 3


@pytest.mark.parametrize("name", ["both", "both of the copy"])
def test_seen_tickets_are_left_out_and_counted(name: str) -> None:
    found = told(name)
    assert found["seen"] == {"n": 30, "left_out": 30, "warning": None}
    assert found["heads"]["category"]["n"] == 3


def test_people_are_told_how_many() -> None:
    assert "30 条是这个模型学过的（或与之近似、同一客户），没有算进成绩" in evaluated()["both, spoken"].out


def test_with_seen_they_count_and_the_warning_stands_on_both_ends() -> None:
    found = told("with")
    assert found["heads"]["category"]["n"] == 33
    assert (found["seen"]["n"], found["seen"]["left_out"]) == (30, 0)
    assert "30 条（共 33 条）是这个模型学过的" in found["seen"]["warning"]
    spoken = evaluated()["with, spoken"].out
    assert spoken.count("成绩偏高") == 2
    assert spoken.index("成绩偏高") < spoken.index("准确率")
