"""Our figures are those of scikit-learn, where it has them, and those of the definition where it has not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from training.judge import metrics


@st.composite
def answers(draw) -> tuple[np.ndarray, np.ndarray, int]:
    k = draw(st.integers(2, 6))
    label = st.integers(0, k - 1)
    n = draw(st.integers(1, 60))
    return (
        np.array(draw(st.lists(label, min_size=n, max_size=n))),
        np.array(draw(st.lists(label, min_size=n, max_size=n))),
        k,
    )


@given(answers())
def test_they_are_scikit_learn_s(case) -> None:
    truth, answer, k = case
    matrix = metrics.confusion(truth, answer, k)
    assert np.array_equal(matrix, sk.confusion_matrix(truth, answer, labels=range(k)))
    assert metrics.accuracy(matrix) == pytest.approx(sk.accuracy_score(truth, answer))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sk.precision_recall_fscore_support(truth, answer, labels=range(k), zero_division=0)
        assert metrics.macro_f1(matrix) == pytest.approx(sk.f1_score(truth, answer, average="macro"))
    for mine, other in zip(metrics.class_scores(matrix), theirs, strict=True):
        assert mine == pytest.approx(other)


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=30), st.randoms())
def test_log_loss_is_scikit_learn_s(raw, rng) -> None:
    p = np.array(raw) / np.sum(raw, axis=1, keepdims=True)
    truth = np.array([rng.randrange(3) for _ in raw])
    assert metrics.log_loss(p, truth) == pytest.approx(sk.log_loss(truth, p, labels=range(3)))


def test_an_impossible_truth_is_costly_and_still_a_number() -> None:
    assert 700 < metrics.log_loss(np.array([[1.0, 0.0]]), np.array([1])) < 710
