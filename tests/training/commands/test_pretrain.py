"""Encoders on the way from the command line to a model folder, tiny and for real: pretraining, an encoder, a blend, a teacher."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from models import TriageModel  # noqa: E402 (only where torch is)
from models.linear.recipe import Recipe  # noqa: E402
from models.promise.targets import Targets  # noqa: E402
from tests.training.builders import fendan_here, starter_rows, taxonomy, write_jsonl, write_text  # noqa: E402
from training.data.corpus import Corpus, read_corpus  # noqa: E402
from training.fit.fit import Trained, train  # noqa: E402
from training.fit.options import encoder  # noqa: E402
from training.fit.spec import TrainingSpec  # noqa: E402

TINY = "layers=1,width=16,attention_heads=2,feed_forward=32,filters=4,vocabulary=400,max_length=32,epochs=1,batch=16"
HEADS = ("category", "urgency", "sentiment")


@functools.cache
def one_thread() -> None:
    torch.set_num_threads(1)  # a tiny net is slower on two


def tickets(folder: Path, n: int = 60) -> Corpus:
    """The starter tickets of three categories."""
    rows = [row for row in starter_rows() if row["category"] in ("logistics", "refund", "shipping", "quality_issue")]
    return read_corpus([write_jsonl(folder / "in.jsonl", rows[:n])], taxonomy())


def learn(rows: Corpus, kind: str, settings: str = TINY, trunk: str = "") -> Trained:
    one_thread()
    spec = TrainingSpec(
        kind=kind,
        targets=Targets(0.3),
        recipes={head: (Recipe(),) for head in HEADS},
        encoder=encoder(settings, trunk, 0),
        hold_out=False,
    )
    return train(rows, taxonomy(), spec)


def is_whole(model: TriageModel, texts: Sequence[str], place: Path) -> TriageModel:
    """Answers, evidence and probabilities are whole, and the same after a round through the folder."""
    model.save(place)
    loaded = TriageModel.load(place)
    predictions = model.predict(texts, evidence=True)
    assert loaded.predict(texts, evidence=True) == predictions
    for text, prediction in zip(texts, predictions, strict=True):
        for head in prediction.heads.values():
            assert sum(head.probabilities) == pytest.approx(1.0)
            assert head.confidence == head.probability(head.label)
        for e in prediction.evidence:
            assert 0 <= e.start < e.end <= len(text)
            assert e.weight > 0
    for head, p in model.predict_proba(texts).items():
        assert np.array_equal(loaded.predict_proba(texts)[head], p)
    return loaded


def test_pretraining_reads_texts_and_the_trunk_is_taken_up(tmp_path: Path) -> None:
    one_thread()
    rows = starter_rows()[:40]
    data = write_jsonl(tmp_path / "in.jsonl", [{"text": row["text"]} for row in rows] + [{"text": " "}])
    status, out, err = fendan_here("pretrain", data, "--out", "T", "--encoder", TINY, "--json", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert json.loads(out) == {"trunk": "T", "texts": 40, "left_out": 1}
    assert {path.name for path in (tmp_path / "T").iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}

    status, out, err = fendan_here("pretrain", data, "--out", "T", "--encoder", TINY, cwd=tmp_path)
    assert status == 2, "what is there is not overwritten"
    assert "不覆盖" in err

    made = learn(tickets(tmp_path), "encoder", "epochs=1,batch=16,max_length=32", str(tmp_path / "T"))
    assert made.model.manifest["kind"] == "encoder"
    is_whole(made.model, [row["text"] for row in rows[:5]], tmp_path / "M")


def test_pretraining_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    none = write_text(tmp_path / "none.csv", "处理人\n好\n")
    good = write_text(tmp_path / "good.csv", "text\n发票没开\n快递没到\n")
    for arguments, says in (
        ((none, "--out", "T"), "none.csv"),
        ((good, "--out", "T", "--encoder", "depth=1"), "depth"),
        ((good, "--out", "T", "--trunk", str(tmp_path / "nowhere")), "nowhere"),
        ((good, "--out", good), "不覆盖"),
    ):
        status, out, err = fendan_here("pretrain", *arguments, cwd=tmp_path)
        assert (status, out) == (2, "")
        assert says in err
        assert not (tmp_path / "T").exists()


def test_an_encoder_alone_is_a_model_like_any_other(tmp_path: Path) -> None:
    rows = tickets(tmp_path)
    made = learn(rows, "encoder").model
    assert made.manifest["kind"] == "encoder"
    assert made.manifest["feature_count"] == 0
    assert "torch" in made.manifest["versions"]
    assert made.recipes == {}
    for spec in made.manifest["heads"].values():
        assert 0 < spec["held_out"] < len(rows)
        assert spec["pool"] == [1.0]
    loaded = is_whole(made, rows.texts[:5], tmp_path / "M")
    files = {path.name for path in (tmp_path / "M").iterdir()}
    assert files == {"manifest.json", "weights.npz", "encoder.json", "encoder.safetensors", "tokenizer.json"}
    assert loaded.heads == made.heads


def test_a_blend_keeps_the_encoder_only_where_it_pays(tmp_path: Path) -> None:
    """A net of one epoch knows nothing: the linear part stays alone, and the folder is a linear model's."""
    rows = tickets(tmp_path)
    made = learn(rows, "blend").model
    kept = any(spec["pool"][1:] and spec["pool"][1] > 0 for spec in made.manifest["heads"].values())
    assert made.manifest["kind"] == ("blend" if kept else "linear")
    is_whole(made, rows.texts[:5], tmp_path / "M")
    assert (tmp_path / "M" / "encoder.safetensors").exists() == kept


def test_a_blend_of_two_that_both_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.promise.held_out._blend_pays", lambda _: True)
    monkeypatch.setattr("models.promise.held_out.fit_pool", lambda scores, _: np.array([0.8, 0.4]))
    rows = tickets(tmp_path)
    made = learn(rows, "blend").model
    assert made.manifest["kind"] == "blend"
    assert {tuple(spec["pool"]) for spec in made.manifest["heads"].values()} == {(0.8, 0.4)}
    loaded = is_whole(made, [*rows.texts[:5], "", "ሀሁሂ", "\ud800退款"], tmp_path / "M")
    assert loaded._one_pass is None
    assert loaded.manifest["kind"] == "blend"


def test_an_encoder_teaches_a_linear_student(tmp_path: Path) -> None:
    rows = tickets(tmp_path)
    teacher = learn(rows, "encoder").model
    spec = TrainingSpec(targets=Targets(0.3), recipes={head: (Recipe(),) for head in HEADS}, hold_out=False)
    new = [row["text"] for row in starter_rows()[-40:]]
    student = train(rows, taxonomy(), spec, teacher=teacher, unlabelled=new).model
    assert student.manifest["kind"] == "linear"
    assert 20 < student.manifest["taught"] <= 40
    is_whole(student, new[:5], tmp_path / "M")
