"""A report says what the answers were: recomputed here from the model's predictions, one ticket at a time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from tests.training_fixtures import corpus, starter, trained
from training.evaluate import evaluate, judge
from triage.errors import DataError


def test_the_json_has_the_contract_s_shape() -> None:
    found = evaluate(trained().model, starter())
    assert list(found) == ["heads"]
    assert list(found["heads"]) == ["category", "urgency", "sentiment"]
    for head, report in found["heads"].items():
        assert set(report) == {"n", "accuracy", "macro_f1", "ece", "coverage", "selective_error", "per_class"}
        assert list(report["per_class"]) == list(trained().model.heads[head])
        for row in report["per_class"].values():
            assert set(row) == {"precision", "recall", "f1", "support", "coverage", "selective_error"}
            assert all(value is None or type(value) in (int, float) for value in row.values())


@pytest.mark.parametrize("head", ["category", "urgency", "sentiment"])
def test_every_figure_is_that_of_the_predictions(head: str) -> None:
    answers = [one.heads[head] for one in trained().model.predict(starter().texts)]
    truth = starter().labels[head]
    right = np.array([a.label == t for a, t in zip(answers, truth, strict=True)])
    auto = np.array([a.action == "auto" for a in answers])
    report = judge(trained().model, starter())[head]
    figures = report.to_json()
    assert auto.any(), "the model answers some by itself, else this test tests nothing"
    assert figures["n"] == len(truth)
    assert figures["accuracy"] == pytest.approx(right.mean())
    assert figures["macro_f1"] == pytest.approx(sk.f1_score(truth, [a.label for a in answers], average="macro"))
    assert figures["coverage"] == pytest.approx(auto.mean())
    assert figures["selective_error"] == pytest.approx((auto & ~right).sum() / auto.sum())
    for code, row in figures["per_class"].items():
        said = np.array([a.label == code for a in answers])
        if (said & auto).any():
            assert row["coverage"] == pytest.approx((said & auto).sum() / said.sum())
            assert row["selective_error"] == pytest.approx((said & auto & ~right).sum() / (said & auto).sum())
        else:
            assert (row["coverage"], row["selective_error"]) == (0.0, None)
    names = list(report.labels)
    assert np.array_equal(report.confusion, sk.confusion_matrix(truth, [a.label for a in answers], labels=names))


def test_only_labelled_rows_count() -> None:
    part = corpus(starter().texts[:3], {"category": ["invoice", None, "refund"], "urgency": [None] * 3})
    reports = judge(trained().model, part)
    assert list(reports) == ["category"]
    assert reports["category"].n == 2


def test_an_unknown_label_is_named_with_its_row() -> None:
    with pytest.raises(DataError) as caught:
        judge(trained().model, corpus(["好", "坏"], {"category": ["refund", "refunds"]}))
    says = str(caught.value)
    assert "x.csv 第 3 行" in says
    assert "'refunds'" in says
    assert "是不是想写 refund？" in says


def test_no_head_in_common_is_said() -> None:
    only = trained().model.heads
    part = corpus(["好"], {"category": [None]})
    with pytest.raises(DataError, match="没有一列相同") as caught:
        judge(trained().model, part)
    assert all(head in str(caught.value) for head in only)


def test_progress_reaches_the_end() -> None:
    seen: list[float] = []
    judge(trained().model, starter(), progress=lambda _, share: seen.append(share))
    assert seen[-1] == 1.0


def test_no_automatic_answer_has_no_error_rate() -> None:
    report = judge(trained().model, corpus(["好"], {"category": ["other"]}))["category"]
    if report.auto.any():
        pytest.fail("one meaningless word should not be decided automatically")
    assert report.coverage == 0.0
    assert report.selective_error is None
