"""Naive Bayes ratios: the published formula, in a shape that changes no machine's penalty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from models.linear.ratio import log_count_ratio


def present(seed: int, n: int = 30, features: int = 12) -> csr_matrix:
    return csr_matrix((np.random.default_rng(seed).random((n, features)) < 0.4).astype(np.float32))


def by_hand(x: csr_matrix, is_label: np.ndarray) -> np.ndarray:
    """Wang, Manning 2012, equation 2, with 1/2 for their alpha."""
    dense = x.toarray().astype(np.float64)
    p, q = 0.5 + dense[is_label].sum(axis=0), 0.5 + dense[~is_label].sum(axis=0)
    return np.log((p / np.abs(p).sum()) / (q / np.abs(q).sum()))


@given(seed=st.integers(0, 1_000), power=st.sampled_from([0.25, 0.5, 1.0]))
def test_it_is_the_published_ratio_up_to_a_factor(seed: int, power: float) -> None:
    x = present(seed)
    is_label = np.random.default_rng(seed).random(30) < 0.3
    found = log_count_ratio(x, is_label, power)
    expected = np.abs(by_hand(x, is_label)) ** power
    assert found.dtype == np.float32
    assert found == pytest.approx(expected / np.sqrt(np.mean(expected**2)), rel=1e-5, abs=1e-6)
    assert np.sqrt(np.mean(found.astype(np.float64) ** 2)) == pytest.approx(1.0, rel=1e-5)


def test_power_nought_changes_nothing() -> None:
    assert log_count_ratio(present(0), np.arange(30) < 9, 0.0).tolist() == [1.0] * 12


@given(seed=st.integers(0, 200))
def test_a_label_and_all_others_have_the_same_stretch(seed: int) -> None:
    is_label = np.random.default_rng(seed).random(30) < 0.5
    a, b = (log_count_ratio(present(seed), side, 1.0) for side in (is_label, ~is_label))
    assert a == pytest.approx(b, rel=1e-6)


def test_a_feature_that_leans_is_stretched_more_than_one_that_does_not() -> None:
    is_label = np.arange(40) < 20
    x = csr_matrix(np.column_stack([is_label, ~is_label, np.ones(40), np.arange(40) % 2]).astype(np.float32))
    leaning, against, common, even = log_count_ratio(x, is_label, 1.0)
    assert leaning == pytest.approx(against)
    assert leaning > 10 * max(common, even)
