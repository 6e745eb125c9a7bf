"""A report says what the answers were: recomputed here from the model's predictions, one ticket at a time."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from tests.training.builders import corpus, starter, trained
from training.judge.evaluate import evaluate, judge
from triage.errors import DataError

CONTRACT = {"n", "accuracy", "macro_f1", "ece", "coverage", "selective_error", "per_class"}
FIGURES = {"accuracy", "macro_f1", "ece", "brier", "selective_error"}
MORE = {"brier", "log_loss"} | {f"{name}_interval" for name in FIGURES}


def test_the_json_has_the_contract_s_shape() -> None:
    found = evaluate(trained().model, starter())
    assert list(found) == ["heads"]
    assert list(found["heads"]) == ["category", "urgency", "sentiment"]
    for head, report in found["heads"].items():
        assert set(report) == CONTRACT | MORE
        for name in MORE - {"brier", "log_loss"}:
            figure = report[name.removesuffix("_interval")]
            if figure is None:
                assert report[name] is None
            else:
                low, high = report[name]
                assert 0 <= low <= figure <= high <= 2
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
    # Two hundred tickets can promise nothing of thirteen categories or four urgencies; moods are answered, some of them.
    assert auto.any() == (head == "sentiment"), "else this test tests nothing"
    assert figures["n"] == len(truth)
    assert figures["accuracy"] == pytest.approx(right.mean())
    assert figures["macro_f1"] == pytest.approx(sk.f1_score(truth, [a.label for a in answers], average="macro"))
    assert figures["coverage"] == pytest.approx(auto.mean())
    p = np.array([a.probabilities for a in answers])
    hot = np.array([[code == t for code in report.labels] for t in truth], float)
    assert figures["brier"] == pytest.approx(((p - hot) ** 2).sum(axis=1).mean())
    assert figures["log_loss"] == pytest.approx(-np.log((p * hot).sum(axis=1)).mean())
    if auto.any():
        assert figures["selective_error"] == pytest.approx((auto & ~right).sum() / auto.sum())
    else:
        assert figures["selective_error"] is None
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
    assert report.to_json()["selective_error_interval"] is None


def test_the_intervals_are_the_same_every_time_and_plain_json() -> None:
    one, two = (evaluate(trained().model, starter()) for _ in range(2))
    assert one == two
    assert json.loads(json.dumps(one, allow_nan=False)) == one


@pytest.mark.parametrize("head", ["category", "urgency", "sentiment"])
def test_a_report_knows_the_promise(head: str) -> None:
    report = judge(trained().model, starter())[head]
    spec = trained().model.manifest["heads"][head]
    assert report.target == 0.3
    for label, limit in zip(report.labels, report.limits, strict=True):
        given = spec["limits"][label]["auto"]
        assert np.isnan(limit) if given is None else limit == given
