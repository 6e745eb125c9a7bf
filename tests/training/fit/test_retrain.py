"""From corrections to a challenger: judged on what neither has seen, refused when worse, rebuilt from its snapshot."""

from __future__ import annotations

import functools
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.shared import mlflow_store
from tests.training.builders import Done, _folder, fendan_often, write_jsonl
from tests.training.fit.retrain_builders import WORDS, corpus, later, put, recipe, rows, spec, told
from training.data.corpus import read_corpus
from training.data.learned import read as read_record
from training.data.learned import record
from training.data.standard import load_taxonomy
from training.fit.fit import train
from training.fit.retrain import Champion, Retrained, plan, read_snapshot, rebuild, retrain
from triage.errors import DataError, GateError

pytestmark = pytest.mark.slow


def champion(place: Path, found: list[dict[str, Any]]) -> Champion:
    known = corpus(found, place)
    made = train(known, load_taxonomy(""), spec(place, hold_out=False))
    (place / "learned.json").write_text(json.dumps(record(known)), encoding="utf-8")
    return Champion(made.model, read_record(place / "learned.json"))


def challenge(place: Path, found: list[dict[str, Any]], old: list[dict[str, Any]], **changes: Any) -> Retrained:
    return retrain(corpus(found, place), load_taxonomy(""), champion(place, old), spec(place, **changes))


def test_new_words_are_learned_and_the_gate_passes(tmp_path: Path) -> None:
    done = challenge(tmp_path, [*rows(240), *later(240)], rows(240))
    assert done.verdict.passed, done.verdict.reasons
    accuracy = done.compared["category"].accuracy
    assert accuracy.champion < 0.75 < 0.95 < accuracy.challenger
    assert done.compared["category"].n == len(done.held.split.held_out)
    assert not done.trained.refit
    assert done.trained.judged is done.trained.model, "what was judged is what is shipped"


def test_wrong_labels_make_a_worse_challenger_and_it_is_refused(tmp_path: Path) -> None:
    """Corrections that confuse two categories up to a moment, and right ones since."""
    swap = {"refund": "invoice", "invoice": "refund"}
    bad = [{**row, "category": swap.get(row["category"], row["category"])} for row in later(300, WORDS)]
    found = [*rows(120), *bad, *[{**row, "ticket_id": "U" + row["ticket_id"]} for row in later(360, WORDS, seed=9)]]
    for i, row in enumerate(found[420:]):
        row["created_at"] = later(300 + i + 1)[-1]["created_at"]
    done = challenge(tmp_path, found, rows(120))
    assert not done.verdict.passed
    assert {"accuracy", "class_recall"} <= {reason.code for reason in done.verdict.reasons}
    assert {reason.label for reason in done.verdict.reasons if reason.code == "class_recall"} == {"refund", "invoice"}


def test_nothing_new_is_said_before_anything_is_fitted(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"至少要 50.*冠军没有学过的 60 条"):
        challenge(tmp_path, [*rows(240), *later(60)], rows(240))


def test_a_first_model_needs_no_champion(tmp_path: Path) -> None:
    done = retrain(corpus(rows(300), tmp_path), load_taxonomy(""), None, spec(tmp_path))
    assert done.verdict.passed
    assert done.compared == {}
    assert [note.code for note in done.verdict.notes] == ["first"]


def test_a_refit_is_another_model_with_the_verdict_of_the_first(tmp_path: Path) -> None:
    done = challenge(tmp_path, [*rows(240), *later(240)], rows(240), refit=True)
    assert done.trained.refit
    assert done.trained.judged is not done.trained.model
    assert done.trained.model.manifest["texts"] == 480
    assert done.trained.judged is not None
    assert done.trained.judged.manifest["texts"] == 480 - len(done.held.split.held_out)
    assert len(done.trained.learned) == 480


def test_a_model_is_rebuilt_from_its_snapshot_byte_for_byte(tmp_path: Path) -> None:
    place = tmp_path / "s"
    place.mkdir()
    found = corpus([*rows(240), *later(240)], tmp_path)
    content = (tmp_path / "rows.jsonl").read_bytes()
    (place / "tickets.jsonl").write_bytes(content)
    manifest = {
        "format": "fendan-snapshot",
        "version": 1,
        "fingerprint": hashlib.sha256(content).hexdigest(),
    }
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    snapshot = read_snapshot(place)
    known = champion(tmp_path, rows(240))
    for refit in (False, True):
        options = spec(tmp_path, refit=refit)
        done = retrain(read_corpus([place / "tickets.jsonl"]), load_taxonomy(""), known, options)
        done.trained.model.save(tmp_path / "then")
        made = json.loads(json.dumps(plan(snapshot, done.held, load_taxonomy(""), options)))
        rebuild(made).model.save(tmp_path / "now")
        assert (tmp_path / "then" / "weights.npz").read_bytes() == (tmp_path / "now" / "weights.npz").read_bytes()
    assert len(found) == 480
    other = {**made, "fingerprint": "0" * 64}
    with pytest.raises(DataError, match="另一份快照"):
        rebuild(other)
    (place / "tickets.jsonl").write_bytes(content + b"\n")
    with pytest.raises(DataError, match="被改动过"):
        rebuild(made)
    with pytest.raises(DataError, match="不是完整的快照"):
        rebuild(made, tmp_path / "nowhere")


@functools.cache
def shop() -> tuple[Path, dict[str, Done]]:
    """A champion by ``fendan train``, then everything that can be asked of the loop, in one process."""
    place = Path(tempfile.mkdtemp(dir=_folder()))
    mlflow_store(place / "var" / "mlflow.db")
    base, made, db = write_jsonl(place / "base.jsonl", rows(240)), recipe(place), f"sqlite:///{place}/fendan.db"
    put(db, later(240))
    confused = later(300, WORDS)
    put(f"sqlite:///{place}/bad.db", confused[:200], wrong={"refund": "invoice", "invoice": "refund"})
    put(f"sqlite:///{place}/bad.db", confused[200:])
    few = write_jsonl(place / "few.jsonl", rows(60))
    rest = ("--recipe", made, "--target-error", "0.2")
    calls: dict[str, tuple[object, ...]] = {
        "train": ("train", base, "--no-holdout", "--register", "fendan", *rest),
        "nodb": ("retrain", "--db", f"sqlite:///{place}/none.db", *rest),
        "future": ("retrain", "--db", db, "--until", "2999-01-01", *rest),
        "early": ("retrain", "--db", db, "--until", later(60)[-1]["created_at"], *rest),
        "spoken": ("retrain", "--db", db),  # made as the champion was
        "compare": (
            "compare",
            "models:/fendan@champion",
            "models:/fendan/2",
            write_jsonl(place / "n.jsonl", later(90, seed=5, name="N")),
            "--json",
        ),
        "compared": ("compare", "models:/fendan/1", "models:/fendan/2", place / "n.jsonl"),
        "known": ("compare", "models:/fendan/1", "models:/fendan/2", base),
        "rebuild": ("retrain", "--rebuild", "models:/fendan/2", "--out", "R", "--json"),
        "norebuild": ("retrain", "--rebuild", "models:/fendan/1", "--out", "R"),
        "bad": ("retrain", few, "--db", f"sqlite:///{place}/bad.db", "--json", *rest),
        "refused": ("promote",),
        "promote": ("promote", "models:/fendan/2"),
        "models": ("models", "fendan", "--json"),
    }
    return place, dict(zip(calls, fendan_often(*calls.values(), cwd=place), strict=True))


def done(what: str) -> Done:
    return shop()[1][what]


def test_people_are_told_what_was_done_and_found() -> None:
    said = done("spoken")
    assert (said.status, said.err) == (0, "")
    for words in (
        "基础数据沿用冠军的",
        "更正 240 条",
        "冠军学过的 240 条",
        "同样的 96 条留出工单上",
        "判定      通过",
        "已注册    fendan 版本 2，别名 challenger",
        "fendan promote fendan",
        "交付的就是比较过的这一个",
        "怎么训练（没有写的沿用冠军的）：种类 linear，目标错误率 0.2，配方是 fendan tune 的（category）",
    ):
        assert words in said.out, words


def test_a_worse_challenger_is_refused_with_reasons_and_not_promoted() -> None:
    """Two hundred corrections confuse two categories, the newest hundred do not."""
    said = done("bad")
    assert said.status == 1
    found = told(said.out)
    assert (found["passed"], found["version"], found["champion_version"]) == (False, "3", "1")
    assert found["heads"]["category"]["accuracy"]["difference"] < -0.3
    assert found["held_out"] == {"n": 72, "how": "time", "seen_by_champion": 60, "moved": 0}
    assert found["snapshot"]["corrections"]["rows"] == 300
    assert (shop()[0] / found["snapshot"]["folder"] / "tickets.jsonl").is_file()
    assert "没有通过与冠军的比较" in said.err
    assert all(f"✗ {reason['text']}" in said.err for reason in found["reasons"])
    assert done("refused").status == 1
    assert found["reasons"][0]["text"] in done("refused").err
    assert "--force --reason" in done("refused").err
    assert done("promote").status == 0
    models = told(done("models").out)
    assert [v["version"] for v in models["models"] if "champion" in v["aliases"]] == ["2"]
    assert [(move["version"], move["previous"]) for move in models["history"]] == [("2", "1")]


def test_a_run_keeps_the_verdict_and_a_report_with_pictures() -> None:
    kept = sorted((shop()[0] / "var" / "mlartifacts").rglob("gate.html"))
    verdicts = []
    for path in kept:
        page = path.read_text(encoding="utf-8")
        assert "挑战者 能否替换 冠军 版本 1" in page
        assert page.count("data:image/png;base64,") == 2
        data = json.loads(path.with_name("gate.json").read_text(encoding="utf-8"))
        assert data["champion_version"] == "1"
        verdicts.append(data["passed"])
    assert sorted(verdicts) == [False, True]
    texts = [row["text"] for row in later(240)]
    assert not any(text in page for text in texts)


def test_the_same_snapshot_gives_the_same_weights() -> None:
    assert told(done("rebuild").out) == {"model": "R", "same_weights": True}
    assert done("norebuild").status == 2
    assert "不是 fendan retrain 做的" in done("norebuild").err


def test_a_moment_leaves_later_corrections_out_and_then_there_are_too_few() -> None:
    said = done("early")
    assert said.status == 1
    assert "至少要 50" in said.err


@pytest.mark.parametrize(
    ("what", "words"), [("nodb", "没有数据库"), ("future", "还没有到"), ("known", "没有可以比较的")]
)
def test_what_cannot_be_done_is_the_callers_to_mend(what: str, words: str) -> None:
    assert done(what).status == 2
    assert words in done(what).err


def test_two_models_are_compared_on_what_neither_has_learned() -> None:
    found = told(done("compare").out)
    assert (found["n"], found["left_out"]) == (90, 0)
    assert found["heads"]["category"]["accuracy"]["challenger"] == 1.0
    assert set(found["heads"]["category"]["classes"]) == {"logistics", "refund", "invoice"}
    said = done("compared")
    assert (said.status, said.err) == (0, "")
    assert "准确率" in said.out
    assert "没有变差" in said.out


def test_options_that_would_do_nothing_are_refused(tmp_path: Path) -> None:
    found = fendan_often(
        ("retrain", "--out", "M"),
        ("retrain", "--rebuild", "models:/fendan/1"),
        ("retrain", "--model", "x"),
        ("retrain", "--model", "linear", "--trunk", "T"),
        ("retrain", "--cost", "urgency=3"),
        cwd=tmp_path,
    )
    assert [one.status for one in found] == [2, 2, 2, 2, 2]
    assert not any(tmp_path.iterdir())  # said before anything was opened
