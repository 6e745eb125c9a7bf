"""The whole model: what it refuses to learn from, that it never fails on a text, that it always answers alike."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given

from models import TriageModel
from models.limits import SUGGEST
from models.linear import LEAST_ROWS
from tests.models_fixtures import (
    HEADS,
    ODD_BATCHES,
    fit,
    other_model,
    small_model,
    some_tickets,
    taxonomy,
    tickets,
)
from triage.errors import TaxonomyError, TrainingError
from triage.prediction import Prediction
from triage.taxonomy import Taxonomy

TEXTS = [row["text"] for row in some_tickets()]
REFUND, INVOICE = "退款什么时候到账啊", "我要开一张发票谢谢"


def learn(texts: list[str], category: Sequence[str | None], **options: Any) -> TriageModel:
    return TriageModel.fit(texts, {"category": category}, taxonomy=taxonomy(), **options)


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
        TriageModel.fit(TEXTS, {}, taxonomy=taxonomy())


def test_an_unknown_label_and_an_unknown_head_are_named() -> None:
    with pytest.raises(TaxonomyError, match=r"'refunds'.*可用的标签") as caught:
        learn([REFUND, INVOICE] * 10, ["refunds", "invoice"] * 10)
    assert caught.value.field == "category"
    with pytest.raises(TaxonomyError, match=r"没有 mood.*category"):
        TriageModel.fit([REFUND, INVOICE] * 10, {"mood": ["a", "b"] * 10}, taxonomy=taxonomy())


@pytest.mark.parametrize("target", [0.0, -0.1, 0.51, 1.0, 3, math.nan, math.inf, -math.inf])
def test_a_target_error_out_of_range_is_named(target: float) -> None:
    with pytest.raises(TrainingError, match="目标错误率") as caught:
        learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, target_error=target)
    assert str(target) in str(caught.value)


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
    model = TriageModel.fit(TEXTS, labels, taxonomy=taxonomy())
    assert list(model.predict(TEXTS[:1])[0].heads) == ["category", "sentiment"]


def test_labels_inferred_from_the_data_work() -> None:
    labels = {"category": ["退款"] * 10 + ["发票"] * 10}
    model = TriageModel.fit([REFUND] * 10 + [INVOICE] * 10, labels, taxonomy=Taxonomy.infer(labels))
    assert model.predict([INVOICE])[0].heads["category"].label == "发票"


def test_inferred_labels_that_no_file_can_hold_are_refused_before_the_work() -> None:
    labels = {"category": ["退款, 退货"] * 10 + ["发票"] * 10}
    with pytest.raises(TaxonomyError, match="退款, 退货"):
        TriageModel.fit([REFUND] * 10 + [INVOICE] * 10, labels, taxonomy=Taxonomy.infer(labels))


# --- the answer


def check(model: TriageModel, prediction: Prediction) -> None:
    assert tuple(prediction.heads) == tuple(model.heads)
    for name, head in prediction.heads.items():
        assert head.labels == model.heads[name]
        assert len(head.probabilities) == len(head.labels)
        assert all(0 <= p <= 1 for p in head.probabilities)
        assert sum(head.probabilities) == pytest.approx(1.0, abs=1e-12)
        assert head.confidence == max(head.probabilities) == head.probability(head.label)
        limit = model.manifest["heads"][name]["limits"][head.label]["auto"]
        assert head.action == "human" or head.confidence >= (SUGGEST if head.action == "suggest" else limit)
        assert type(head.confidence) is float


def test_answers_are_whole() -> None:
    for prediction in small_model().predict(TEXTS):
        check(small_model(), prediction)


def test_a_sure_answer_is_auto_an_unsure_one_a_proposal_a_blind_one_nobodys() -> None:
    unseen = [row["text"] for row in tickets()[:600]]
    actions = {head.action for p in small_model().predict(unseen) for head in p.heads.values()}
    assert actions == {"auto", "suggest", "human"}


def test_a_class_without_a_promise_never_answers_alone() -> None:
    model = small_model()
    barred = {
        (name, label)
        for name, spec in model.manifest["heads"].items()
        for label, limit in spec["limits"].items()
        if limit["cannot_promise"]
    }
    assert barred
    answers = [(name, h.label, h.action) for p in model.predict(TEXTS * 2) for name, h in p.heads.items()]
    assert any((name, label) in barred for name, label, _ in answers)
    assert not any(action == "auto" for name, label, action in answers if (name, label) in barred)


def test_nothing_to_answer() -> None:
    assert small_model().predict([]) == []
    assert small_model().predict([], evidence=True) == []
    assert {head: p.shape for head, p in small_model().predict_proba([]).items()} == {
        head: (0, len(labels)) for head, labels in small_model().heads.items()
    }


ODD = {
    "empty": "",
    "blank": " \n\t　",
    "controls": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "surrogates": "\ud800\udfff\ud83d 退款 \udc00",
    "emoji": "😡" * 5_000,
    "mixed emoji": "😡👍🏻👨‍👩‍👧🇨🇳" * 1_250,
    "megabyte": "退款还没到账，" * 50_000,
    "megabyte of one letter": "a" * 1_000_000,
    "megabyte of digits": "1" * 300_000,
    "megabyte of Chinese": "".join(chr(0x4E00 + i * 7 % 20_000) for i in range(350_000)),
    "right to left": "\u202eתודה\u202c \u2066x\u2069",
    "unassigned": "\U0010ffff\ufffe\uffff\ue000",
    "combining": "e" + "\u0301" * 500,
    "unknown": "ሀሁሂ",
    "separator": "退款\n\n\n发票\u2028\u2029",
}


@pytest.mark.parametrize("name", ODD)
def test_no_text_breaks_it(name: str) -> None:
    for prediction in small_model().predict([ODD[name], REFUND], evidence=True):
        check(small_model(), prediction)
    assert small_model().predict([ODD[name], REFUND])[1] == small_model().predict([REFUND])[0]


@given(ODD_BATCHES)
@example(["\ud800", "", "\x00"])
def test_anything_is_answered(texts: list[str]) -> None:
    predictions = small_model().predict(texts, evidence=True)
    assert len(predictions) == len(texts)
    for prediction in predictions:
        check(small_model(), prediction)


@pytest.mark.parametrize("name", ["empty", "blank", "controls", "unknown"])
def test_a_text_without_a_known_word_goes_to_a_person(name: str) -> None:
    prediction = small_model().predict([ODD[name]], evidence=True)[0]
    assert {head.action for head in prediction.heads.values()} == {"human"}
    assert prediction.evidence == ()


def test_probabilities_are_those_of_the_predictions() -> None:
    probabilities = small_model().predict_proba(TEXTS)
    predictions = small_model().predict(TEXTS)
    for head in HEADS:
        assert probabilities[head].tolist() == [list(p.heads[head].probabilities) for p in predictions]


# --- always alike


def test_the_same_data_and_seed_give_the_same_model() -> None:
    a, b = other_model(), fit(some_tickets()[:150])
    changing = ("created_at",)
    assert {k: v for k, v in a.manifest.items() if k not in changing} == {
        k: v for k, v in b.manifest.items() if k not in changing
    }
    assert a.predict(TEXTS, evidence=True) == b.predict(TEXTS, evidence=True)


def test_another_seed_is_another_model_with_much_the_same_answers() -> None:
    a, b = small_model(), fit(some_tickets(), target_error=0.2, seed=1)
    assert b.manifest["seed"] == 1
    assert a.manifest["heads"] != b.manifest["heads"]
    pairs = zip(a.predict(TEXTS), b.predict(TEXTS), strict=True)
    assert np.mean([x.heads["category"].label == y.heads["category"].label for x, y in pairs]) > 0.97


def test_order_of_the_texts_does_not_matter() -> None:
    order = random.Random(3).sample(range(len(TEXTS)), len(TEXTS))
    straight = small_model().predict(TEXTS, evidence=True)
    assert small_model().predict([TEXTS[i] for i in order], evidence=True) == [straight[i] for i in order]


def test_more_texts_than_are_read_at_a_time_are_answered_alike() -> None:
    texts = [row["text"] for row in tickets()[:2_100]]
    together = small_model().predict(texts)
    assert together == [small_model().predict([text])[0] for text in texts]
    assert [list(p.heads["category"].probabilities) for p in together] == small_model().predict_proba(texts)[
        "category"
    ].tolist()


def test_four_threads_answer_like_one() -> None:
    parts = [TEXTS[i : i + 10] for i in range(0, len(TEXTS), 10)] * 4
    serial = [small_model().predict(part, evidence=True) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda part: small_model().predict(part, evidence=True), parts)) == serial


def test_progress_is_told_and_never_falls() -> None:
    seen: list[tuple[str, float]] = []
    learn([REFUND, INVOICE] * 10, ["refund", "invoice"] * 10, progress=lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_the_manifest_says_what_the_model_is() -> None:
    m = fit(some_tickets()[:150], data_fingerprint="sha256:abc", target_error=0.1).manifest
    assert m["kind"] == "linear"
    assert m["data_fingerprint"] == "sha256:abc"
    assert m["target_error"] == 0.1
    assert m["texts"] == 150
    assert {"python", "numpy", "scikit-learn", "numba"} <= set(m["versions"])
    assert Taxonomy.from_mapping(m["taxonomy"]).to_mapping() == taxonomy().to_mapping()
