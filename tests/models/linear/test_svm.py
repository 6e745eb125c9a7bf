"""A machine: scikit-learn's weights, the published naive Bayes machine, importances that count like copies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.svm import LinearSVC

from models.linear.recipe import Recipe
from models.linear.svm import TOLERANCE, LinearSvm, fit_linear_svm, mean
from tests.models.linear.test_ratio import by_hand

PLAIN = Recipe(0.5)


def topics(
    n: int, k: int, seed: int = 0, noise: float = 0.3, kept: float = 0.8
) -> tuple[csr_matrix, NDArray[np.int64]]:
    """``n`` texts of ``k`` topics; topic c has a share ``kept`` of the features c*5 .. c*5+4, others by chance."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % k
    x = (rng.random((n, k * 5)) < noise).astype(np.float32)
    for i, c in enumerate(truth):
        x[i, c * 5 : c * 5 + 5] = rng.random(5) < kept
    return csr_matrix(x), truth.astype(np.int64)


def test_the_plain_machine_is_scikit_learns() -> None:
    x, truth = topics(90, 3)
    found = fit_linear_svm(x, truth, 3, PLAIN)
    svm = LinearSVC(C=0.5, tol=TOLERANCE, random_state=0).fit(x, truth)
    assert np.array_equal(found.weights, svm.coef_.T.astype(np.float32))
    assert np.array_equal(found.bias, svm.intercept_.astype(np.float32))
    assert found.weights.dtype == found.bias.dtype == np.float32
    assert np.allclose(found.score(x), svm.decision_function(x), atol=1e-5)


def test_full_balance_is_scikit_learns() -> None:
    """Of the two sides of a machine, a label's own counts ``n ** -balance``; with two labels both sides are labels."""
    x, truth = topics(90, 2)
    truth[:30] = 0
    found = fit_linear_svm(x, truth, 2, Recipe(0.5, balance=1.0))
    svm = LinearSVC(C=0.5, tol=TOLERANCE, random_state=0, class_weight="balanced").fit(x, truth)
    assert np.array_equal(found.weights[:, 1], svm.coef_[0].astype(np.float32))


def test_balance_calls_a_rare_label_oftener() -> None:
    x, truth = topics(300, 3, noise=0.6)
    truth[(truth == 2) & (np.arange(300) > 60)] = 0
    said = [
        int((fit_linear_svm(x, truth, 3, Recipe(0.5, balance=b)).score(x).argmax(axis=1) == 2).sum())
        for b in (0.0, 1.0)
    ]
    assert said[1] > said[0]


@given(seed=st.integers(0, 100))
def test_ratio_one_is_the_published_machine(seed: int) -> None:
    """Wang, Manning 2012: features of 0 and 1 times the log-count ratio; here with a factor that makes penalties comparable."""
    x, truth = topics(60, 3, seed, noise=0.4)
    found = fit_linear_svm(x, truth, 3, Recipe(0.5, ratio=1.0))
    for label in range(3):
        r = np.abs(by_hand(x, truth == label))
        r = (r / np.sqrt(np.mean(r**2))).astype(np.float32)
        svm = LinearSVC(C=0.5, tol=TOLERANCE, random_state=0).fit(csr_matrix(x.multiply(r)), truth == label)
        assert found.weights[:, label] == pytest.approx(svm.coef_[0] * r, abs=2e-3)
        assert found.score(x)[:, label] == pytest.approx(svm.decision_function(csr_matrix(x.multiply(r))), abs=5e-3)


def test_the_matrix_is_left_as_it_was() -> None:
    x, truth = topics(60, 3)
    before = x.copy()
    fit_linear_svm(x, truth, 3, Recipe(0.5, 1.0, 1.0))
    assert (x != before).nnz == 0


@pytest.mark.parametrize("recipe", [PLAIN, Recipe(0.25)])
def test_importance_counts_like_copies(recipe: Recipe) -> None:
    x, truth = topics(80, 3, noise=0.5)
    times = np.random.default_rng(1).integers(1, 4, 80)
    copies = np.repeat(np.arange(80), times)
    weighed = fit_linear_svm(x, truth, 3, recipe, importance=times.astype(np.float64))
    copied = fit_linear_svm(x[copies], truth[copies], 3, recipe)
    assert np.allclose(weighed.score(x), copied.score(x), atol=5e-3)
    assert not np.allclose(weighed.score(x), fit_linear_svm(x, truth, 3, recipe).score(x), atol=5e-2)


def test_tickets_of_no_importance_teach_nothing() -> None:
    x, truth = topics(80, 2)
    wrong = 1 - truth
    both = vstack([x, x], format="csr")
    importance = np.repeat([1.0, 1e-9], 80)
    found = fit_linear_svm(both, np.concatenate([truth, wrong]), 2, PLAIN, importance=importance)
    assert np.allclose(found.score(x), fit_linear_svm(x, truth, 2, PLAIN).score(x), atol=1e-3)


@given(seed=st.integers(0, 100), ratio=st.sampled_from([0.0, 0.5, 1.0]), balance=st.sampled_from([0.0, 1.0]))
def test_two_labels_have_opposite_columns(seed: int, ratio: float, balance: float) -> None:
    x, truth = topics(40, 2, seed)
    found = fit_linear_svm(x, truth, 2, Recipe(0.5, ratio, balance))
    assert np.array_equal(found.weights[:, 0], -found.weights[:, 1])
    assert found.bias[0] == -found.bias[1]


def test_labels_that_are_absent_score_certainly_not() -> None:
    x, truth = topics(40, 2)
    three = fit_linear_svm(x, truth * 2, 4, PLAIN)  # labels 0 and 2 of 4
    assert three.weights[:, [1, 3]].any() == np.False_
    assert three.bias[[1, 3]].tolist() == [-1.0, -1.0]
    assert np.array_equal(three.weights[:, 0], -three.weights[:, 2])
    one = fit_linear_svm(x, np.full(40, 1), 3, PLAIN)
    assert not one.weights.any()
    assert one.bias.tolist() == [-1.0, 1.0, -1.0]


@given(seed=st.integers(0, 500), n=st.integers(1, 4))
def test_a_mean_of_machines_is_linear(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x = csr_matrix(rng.random((7, 5)).astype(np.float32))
    svms = [LinearSvm(*(rng.normal(size=s).astype(np.float32) for s in ((5, 3), (3,)))) for _ in range(n)]
    spreads = rng.uniform(0.2, 5.0, n).tolist()
    found = mean(svms, spreads)
    expected = np.mean([m.score(x) / s for m, s in zip(svms, spreads, strict=True)], axis=0)
    assert found.weights.dtype == found.bias.dtype == np.float32
    assert np.allclose(found.score(x), expected, atol=1e-4)


def test_the_same_seed_gives_the_same_bits() -> None:
    x, truth = topics(90, 3, noise=0.5)
    a, b = (fit_linear_svm(x, truth, 3, Recipe(1.0, 0.5, 0.5), seed=7) for _ in range(2))
    assert np.array_equal(a.weights, b.weights)
    assert np.array_equal(a.bias, b.bias)
