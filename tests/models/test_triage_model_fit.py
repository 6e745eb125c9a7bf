"""Fitting a whole model: what it refuses to learn from, what it promises where, what its manifest says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from models import TriageModel
from models.core.distillation import Distillation
from models.core.labels import LEAST_ROWS
from models.promise.targets import Targets
from tests.models.builders import QUICK, fit, fit_texts, some_tickets, taxonomy, tickets
from triage.errors import TaxonomyError, TrainingError
from triage.taxonomy import Taxonomy

TEXTS = [row["text"] for row in some_tickets()]
REFUND, INVOICE = "退款什么时候到账啊", "我要开一张发票谢谢"


def learn(texts: list[str], category: Sequence[str | None], **options: Any) -> TriageModel:
    """A model of the category alone; no recipes are raced."""
    return fit_texts(texts, {"category": category}, taxonomy=taxonomy(), **{"recipes": QUICK, **options})


# --- what it refuses to learn from


def test_one_class_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"只有一个类别（refund）") as caught:
        learn([REFUND] * 20, ["refund"] * 20)
    assert caught.value.field == "category"


def test_two_rows_and_no_rows_are_refused() -> None:
    with pytest.raises(TrainingError, match=f"只有 2 条.*至少要 {LEAST_ROWS} 条"):
        learn([REFUND, INVOICE], ["refund", "invoice"])
    with pytest.raises(TrainingError, match="只有 0 条"):
        learn([], [])
    with pytest.raises(TrainingError, match="只有 0 条"):
        learn([REFUND] * 20, [None] * 20)


def test_no_label_column_is_refused() -> None:
    with pytest.raises(TrainingError, match="没有标签列"):
        fit_texts(TEXTS, {}, taxonomy=taxonomy())


def test_an_unknown_label_and_an_unknown_head_are_named() -> None:
    with pytest.raises(TaxonomyError, match=r"'refunds'.*可用的标签") as caught:
        learn([REFUND, INVOICE] * 10, ["refunds", "invoice"] * 10)
    assert caught.value.field == "category"
    with pytest.raises(TaxonomyError, match=r"没有 mood.*category"):
        fit_texts([REFUND, INVOICE] * 10, {"mood": ["a", "b"] * 10}, taxonomy=taxonomy())


@pytest.mark.parametrize("target", [0.0, -0.1, 0.51, 1.0, 3, math.nan, math.inf, -math.inf])
def test_a_target_error_out_of_range_is_named(target: float) -> None:
    with pytest.raises(TrainingError, match="目标错误率") as caught:
        learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, target_error=target)
    assert str(target) in str(caught.value)


def test_a_kind_that_there_is_not_is_named() -> None:
    for kind in ("forest", "", "Linear"):
        with pytest.raises(TrainingError, match=f"'{kind}'.*linear、encoder、blend") as caught:
            learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, kind=kind)
        assert caught.value.field == "model"


@pytest.mark.parametrize("folds", [0, 6, -1])
def test_folds_of_an_encoder_out_of_range_are_named(folds: int) -> None:
    with pytest.raises(TrainingError, match=f"1 与 5 之间；收到的是 {folds}"):
        learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, encoder_folds=folds)


def test_an_encoder_refuses_a_teacher_it_would_not_hear() -> None:
    distillation = Distillation([REFUND], {"category": ("refund", "invoice")}, {"category": np.array([[0.9, 0.1]])})
    with pytest.raises(TrainingError, match="老师") as caught:
        learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, kind="encoder", distillation=distillation)
    assert caught.value.field == "teacher"


def test_targets_and_costs_of_what_there_is_not_are_named() -> None:
    texts, category = [REFUND, INVOICE] * 10, ["refund", "invoice"] * 10
    with pytest.raises(TrainingError, match=r"category\.shipping.*refund、invoice"):
        learn(texts, category, target_error=Targets(0.03, {}, {"category": {"shipping": 0.1}}))
    with pytest.raises(TrainingError, match=r"urgency 不是.*category"):
        learn(texts, category, costs={"urgency": {"critical": 3.0}})


def test_labels_that_do_not_pair_up_with_the_texts_are_refused() -> None:
    for count in (19, 21):
        with pytest.raises(TrainingError, match=f"{count} 个标签.*20 条"):
            learn([REFUND, INVOICE] * 10, (["refund", "invoice"] * 11)[:count])


def test_texts_without_a_common_word_are_refused() -> None:
    texts = [chr(0x4E00 + 40 * i) for i in range(20)]
    with pytest.raises(TrainingError, match="共有"):
        learn(texts, ["refund", "invoice"] * 10)
    with pytest.raises(TrainingError, match="共有"):
        learn([""] * 20, ["refund", "invoice"] * 10)


def test_tickets_that_are_all_duplicates_of_each_other_are_refused() -> None:
    with pytest.raises(TrainingError, match="重复"):
        learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, groups=[0] * 20)


def test_unlabelled_rows_and_rows_of_rubbish_are_fine() -> None:
    texts = (
        [f"{REFUND}{i}" for i in range(20)] + [f"{INVOICE}{i}" for i in range(20)] + ["", "\ud800", "\x00", "x" * 9_999]
    )
    labels = [*["refund"] * 20, *["invoice"] * 20, None, "", "refund", "invoice"]
    model = learn(texts, labels, target_error=0.3)
    assert model.heads == {"category": ("refund", "invoice")}
    assert [p.heads["category"].label for p in model.predict([REFUND, INVOICE])] == ["refund", "invoice"]
    assert model.manifest["heads"]["category"]["texts"] == 42
    assert model.manifest["texts"] == 44


def test_heads_may_be_labelled_on_different_rows() -> None:
    rows = some_tickets()
    labels = {
        "category": [row["category"] if i % 2 else None for i, row in enumerate(rows)],
        "sentiment": [row["sentiment"] if i % 3 else None for i, row in enumerate(rows)],
    }
    model = fit_texts(TEXTS, labels, taxonomy=taxonomy(), recipes=QUICK)
    assert model.manifest["heads"]["category"]["texts"] == 150
    assert model.recipes == {head: QUICK[head] for head in labels}
    assert list(model.predict(TEXTS[:1])[0].heads) == ["category", "sentiment"]


def test_labels_inferred_from_the_data_work() -> None:
    labels = {"category": ["退款"] * 10 + ["发票"] * 10}
    model = fit_texts([REFUND] * 10 + [INVOICE] * 10, labels, taxonomy=Taxonomy.infer(labels))
    assert model.predict([INVOICE])[0].heads["category"].label == "发票"


def test_inferred_labels_that_no_file_can_hold_are_refused_before_the_work() -> None:
    labels = {"category": ["退款, 退货"] * 10 + ["发票"] * 10}
    with pytest.raises(TaxonomyError, match="退款, 退货"):
        fit_texts([REFUND] * 10 + [INVOICE] * 10, labels, taxonomy=Taxonomy.infer(labels))


# --- what is promised where


def test_targets_of_heads_and_classes_reach_the_limits() -> None:
    targets = Targets(0.2, {"urgency": 0.3}, {"category": {"refund": 0.1, "invoice": 0.15}})
    manifest = fit(some_tickets(), target_error=targets, recipes=QUICK).manifest
    limits = {head: spec["limits"] for head, spec in manifest["heads"].items()}
    assert Targets.from_mapping(manifest["targets"]) == Targets.from_mapping(targets.to_mapping())
    assert manifest["target_error"] == 0.2
    assert {row["target"] for row in limits["urgency"].values()} == {0.3}
    assert {row["target"] for row in limits["sentiment"].values()} == {0.2}
    for label, row in limits["category"].items():
        assert row["target"] == {"refund": 0.1, "invoice": 0.15}.get(label, 0.2)
        assert (row["pool"] > 0) == (label in ("refund", "invoice"))
    assert limits["category"]["refund"]["pool"] != limits["category"]["invoice"]["pool"]
    for head, spec in manifest["heads"].items():
        assert spec["promise"]["target"] == {"urgency": 0.3}.get(head, 0.2)


def test_limits_of_dated_tickets_are_tested_on_later_ones() -> None:
    rows = sorted(tickets()[:600], key=lambda row: row["created_at"])
    when = [datetime.fromisoformat(row["created_at"]).timestamp() for row in rows]
    notes = fit(rows, when=when, recipes=QUICK, target_error=0.2).manifest["heads"]
    for spec in notes.values():
        assert spec["limits_from"] == "later"
        assert spec["held_out"] == spec["texts"] == 600
        assert sum(row["n"] for row in spec["limits"].values()) <= 360, "three of five blocks have a past"
    undated = fit(rows, when=[math.nan] * 600, recipes=QUICK, target_error=0.2).manifest["heads"]
    assert {spec["limits_from"] for spec in undated.values()} == {"unseen"}


# --- what it is


def test_another_seed_is_another_model_with_much_the_same_answers() -> None:
    a, b = (fit(some_tickets(), target_error=0.2, recipes=QUICK, seed=seed) for seed in (0, 1))
    assert b.manifest["seed"] == 1
    assert a.manifest["heads"] != b.manifest["heads"]
    pairs = zip(a.predict(TEXTS), b.predict(TEXTS), strict=True)
    assert np.mean([x.heads["category"].label == y.heads["category"].label for x, y in pairs]) > 0.97


def test_progress_is_told_and_never_falls() -> None:
    seen: list[tuple[str, float]] = []
    learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, progress=lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_the_manifest_says_what_the_model_is() -> None:
    m = fit(some_tickets()[:150], fingerprint="sha256:abc", target_error=0.1, recipes=QUICK).manifest
    assert m["kind"] == "linear"
    assert m["data_fingerprint"] == "sha256:abc"
    assert m["target_error"] == 0.1
    assert m["texts"] == 150
    assert {"python", "numpy", "scikit-learn", "numba"} <= set(m["versions"])
    assert "torch" not in m["versions"]
    assert m["confidence"] == 0.9
    assert m["taught"] == 0
    assert Taxonomy.from_mapping(m["taxonomy"]).to_mapping() == taxonomy().to_mapping()
