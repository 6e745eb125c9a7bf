"""The whole model: that it never fails on a text, that it always answers alike, whatever its calibration."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given

from models import TriageModel
from models.calibration.isotonic import Isotonic
from models.calibration.methods import Calibrator
from models.calibration.temperature import Temperature
from models.promise.limits import SUGGEST
from tests.models.builders import (
    HEADS,
    ODD_BATCHES,
    QUICK,
    fit,
    other_model,
    small_model,
    some_tickets,
    taxonomy,
    tickets,
)
from triage.prediction import Prediction

TEXTS = [row["text"] for row in some_tickets()]
REFUND, INVOICE = "退款什么时候到账啊", "我要开一张发票谢谢"


# --- the answer


def check(model: TriageModel, prediction: Prediction) -> None:
    assert tuple(prediction.heads) == tuple(model.heads)
    for name, head in prediction.heads.items():
        assert head.labels == model.heads[name]
        assert len(head.probabilities) == len(head.labels)
        assert all(0 <= p <= 1 for p in head.probabilities)
        assert sum(head.probabilities) == pytest.approx(1.0, abs=1e-12)
        assert head.confidence == head.probability(head.label)
        limit = model.manifest["heads"][name]["limits"][head.label]["auto"]
        weights = model.manifest["heads"][name]["weights"]
        weighed = [p * weights[label] for p, label in zip(head.probabilities, head.labels, strict=True)]
        assert weighed[head.labels.index(head.label)] == pytest.approx(max(weighed), rel=1e-9)
        assert prediction.in_scope or head.action == "human"
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


# --- whatever the calibration


@functools.cache
def calm_model() -> TriageModel:
    """With costs that move answers."""
    costs = {"urgency": {"critical": 5.0, "high": 2.0}, "category": {"complaint": 3.0}}
    return fit(some_tickets(), target_error=0.2, recipes=QUICK, costs=costs)


def calibrated(how: Callable[[Temperature, int], Calibrator]) -> TriageModel:
    """The model with other calibrations, made of a temperature for so many labels."""
    model = calm_model()
    heads = {
        name: replace(
            head, calibration=how(Temperature(2.0, np.linspace(-0.2, 0.2, len(head.labels))), len(head.labels))
        )
        for name, head in model._heads.items()
    }
    return TriageModel(
        taxonomy=model.taxonomy,
        heads=heads,
        scorers=model._scorers,
        scope=model._scope,
        manifest=model.manifest,
    )


def straight(first: Temperature, k: int) -> Isotonic:
    """Isotonic curves that bend nothing: no scale and shift is known, and the probabilities are the same."""
    line = np.array([1e-15, 1.0 - 1e-15])
    return Isotonic(first, ((line, line),) * k)


FOREIGN = ["Shall I compare thee to a summer's day? Thou art more lovely", "def f(x): return x + 1", "退 def 12 ﷽﷽﷽"]


def test_a_bent_calibration_gives_the_same_answers_and_evidence_as_an_affine_one() -> None:
    affine, other = calibrated(lambda first, _: first), calibrated(straight)
    assert affine._one_pass is not None
    assert other._one_pass is None
    texts = [*TEXTS, *FOREIGN, *(ODD[name] for name in ("empty", "surrogates", "controls", "combining"))]
    for evidence in (False, True):
        for a, b in zip(affine.predict(texts, evidence=evidence), other.predict(texts, evidence=evidence), strict=True):
            check(other, b)
            assert a.scope == b.scope
            for name, head in a.heads.items():
                assert head.label == b.heads[name].label
                assert head.probabilities == pytest.approx(b.heads[name].probabilities, abs=1e-9)
            assert [e[:4] for e in a.evidence] == [e[:4] for e in b.evidence]
            assert [e.weight for e in a.evidence] == pytest.approx([e.weight for e in b.evidence], abs=2e-4)
    for name, p in affine.predict_proba(texts).items():
        assert p == pytest.approx(other.predict_proba(texts)[name], abs=1e-9)


def test_costs_move_answers_and_no_probability() -> None:
    plain = fit(some_tickets(), target_error=0.2, recipes=QUICK, costs={head: {} for head in HEADS})
    dear = calm_model()
    assert plain.manifest["heads"]["urgency"]["weights"] != dear.manifest["heads"]["urgency"]["weights"]
    assert dear.manifest["heads"]["urgency"]["weights"]["critical"] == 5.0
    assert set(dear.manifest["heads"]["sentiment"]["weights"].values()) >= {1.0}
    for head, p in plain.predict_proba(TEXTS).items():
        assert np.array_equal(p, dear.predict_proba(TEXTS)[head])
    unseen = [row["text"] for row in tickets()[:600]]
    said = [[p.heads["urgency"].label for p in model.predict(unseen)] for model in (plain, dear)]
    assert said[1].count("critical") > said[0].count("critical")
    severe = taxonomy().heads["urgency"].codes
    assert all(severe.index(b) <= severe.index(a) for a, b in zip(*said, strict=True))


# --- always alike


def test_the_same_data_and_seed_give_the_same_model() -> None:
    a, b = other_model(), fit(some_tickets()[:150])
    changing = ("created_at",)
    assert {k: v for k, v in a.manifest.items() if k not in changing} == {
        k: v for k, v in b.manifest.items() if k not in changing
    }
    assert a.predict(TEXTS, evidence=True) == b.predict(TEXTS, evidence=True)


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
