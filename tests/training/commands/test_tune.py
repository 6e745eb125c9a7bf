"""``fendan tune`` for real: Optuna on SQLite, runs in MLflow, a recipe that ``fendan train`` takes."""

from __future__ import annotations

import functools
import json
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.shared import mlflow_store
from tests.training.builders import Done, fendan_here, fendan_often, starter, starter_file, taxonomy
from training.fit.recipe_file import read_recipe
from training.tune.data import part

pytestmark = pytest.mark.slow


@functools.cache
def _told() -> tuple[Path, list[Done]]:
    """One search of three trials, which then goes on to five; a training with what it found; a help text."""
    cwd = Path(tempfile.mkdtemp(prefix="fendan-tune-"))
    mlflow_store(cwd / "var" / "mlflow.db")
    search = ("tune", starter_file(), "--head", "urgency", "--out", "r.yaml", "--json", "--trials")
    done = fendan_often(
        (*search, 3),
        (*search, 5),
        ("train", starter_file(), "--recipe", "r.yaml", "--out", "M", "--json"),
        ("tune", starter_file(), "--head", "urgency", "--out", "r.yaml", "--seed", 1, "--study", _name(cwd, search)),
        cwd=cwd,
    )
    return cwd, done


def _name(cwd: Path, search: tuple[object, ...]) -> str:
    return f"{starter().fingerprint[:12]}-urgency-0"


@pytest.fixture(scope="module")
def told() -> tuple[Path, list[Done]]:
    return _told()


def _answer(done: Done) -> dict[str, Any]:
    assert done.status == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_search_ends_after_as_many_trials_as_asked_and_goes_on_later(told: tuple[Path, list[Done]]) -> None:
    first, second = (_answer(done) for done in told[1][:2])
    count = lambda a: a["trials"]["complete"] + a["trials"]["pruned"]  # noqa: E731
    assert (count(first), first["trials"]["before"]) == (3, 0)
    assert (count(second), second["trials"]["before"]) == (5, 3)
    assert "已有 3 次试验" in told[1][1].err
    assert second["search"]["tuned"] <= first["search"]["tuned"] <= first["search"]["default"]


def test_the_recipe_is_what_training_then_uses(told: tuple[Path, list[Done]]) -> None:
    cwd, done = told
    _answer(done[2])
    features, recipes = read_recipe(cwd / "r.yaml")
    manifest = json.loads((cwd / "M" / "manifest.json").read_text("utf-8"))
    assert manifest["features"] == features.to_mapping()
    assert manifest["heads"]["urgency"]["recipes"] == [recipe.to_mapping() for recipe in recipes["urgency"]]
    assert set(manifest["heads"]) > set(recipes)  # the heads that were not tuned choose for themselves


def test_every_trial_is_a_run_below_the_search(told: tuple[Path, list[Done]]) -> None:
    cwd, done = told
    parent = _answer(done[1])["mlflow"]["run_id"]
    with sqlite3.connect(cwd / "var" / "mlflow.db") as store:
        tagged = "SELECT count(*) FROM tags WHERE key = 'mlflow.parentRunId' AND value = ?"
        assert store.execute(tagged, (parent,)).fetchone()[0] >= 2
        children = "SELECT count(DISTINCT run_uuid) FROM tags WHERE key = 'mlflow.parentRunId'"
        assert store.execute(children).fetchone()[0] >= 5
    assert (cwd / "var" / "tune.db").exists()


def test_a_name_of_another_search_is_refused(told: tuple[Path, list[Done]]) -> None:
    refused = told[1][3]
    assert refused.status == 2
    assert "不是同一个搜索" in refused.err
    assert "--study" in refused.err


def test_the_held_out_fifth_is_never_in_the_search() -> None:
    corpus = starter()
    material, held = part(corpus, taxonomy(), ("urgency",), seed=0, progress=lambda _what, _share: None)
    assert material.size + len(held.texts) == len(corpus)
    assert not set(material._texts) & set(held.texts)
    assert held.how == "time"
    assert min(c for c, t in zip(corpus.created_at, corpus.texts, strict=True) if t in set(held.texts)) >= max(  # type: ignore[type-var]
        c for c, t in zip(corpus.created_at, corpus.texts, strict=True) if t in set(material._texts)
    )
    assert not set(material.groups.tolist()) & set(np.asarray(held.groups).tolist())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--head", "nonsense"), "nonsense"),
        (("--out", "."), "文件夹"),
        (("--taxonomy", "none.yaml"), "none.yaml"),
    ],
)
def test_what_is_asked_wrongly_is_said_before_the_search(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = fendan_here("tune", starter_file(), *options, cwd=tmp_path)
    assert done.status == 2
    assert said in done.err


def test_the_help_teaches(tmp_path: Path) -> None:
    done = fendan_here("tune", "--help", cwd=tmp_path)
    assert done.status == 0
    for word in ("五分之一", "接着搜索", "fendan train a.csv --recipe", "--trials"):
        assert word in done.out
