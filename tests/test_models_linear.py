"""Fitting: inner folds that keep twins together, honest held-out scores, the same weights every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from models import linear
from models.linear import FOLDS, LEAST_ROWS, PENALTIES, FittedHead, encode, fit_heads
from triage.errors import TrainingError


def _topics(n: int, k: int, seed: int = 0, noise: float = 0.3) -> tuple[csr_matrix, NDArray[np.int64]]:
    """``n`` texts of ``k`` topics; topic c prefers the features c*5 .. c*5+4 of k*5."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % k
    x = (rng.random((n, k * 5)) < noise).astype(np.float32)
    for i, c in enumerate(truth):
        x[i, c * 5 : c * 5 + 5] = 1.0
    return csr_matrix(x), truth.astype(np.int64)


def _fit(x: csr_matrix, truth: NDArray[np.int64], groups: NDArray[np.int64] | None = None, seed: int = 0) -> FittedHead:
    return fit_heads(x, _encoded(truth), np.arange(len(truth)) if groups is None else groups, seed=seed)["category"]


def _encoded(truth: NDArray[np.int64]) -> dict[str, tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]]:
    return {"category": (tuple(f"label{c}" for c in range(int(truth.max()) + 1)), np.arange(len(truth)), truth)}


# --- encode


def test_labels_come_in_the_order_of_the_taxonomy_and_only_those_that_occur() -> None:
    values = ["c", None, "a", "", "c", "a", "a", "c", "a", "a"]
    labels, rows, truth = encode("category", values, ("a", "b", "c"))
    assert labels == ("a", "c")
    assert rows.tolist() == [0, 2, 4, 5, 6, 7, 8, 9]
    assert truth.tolist() == [1, 0, 1, 0, 0, 1, 0, 0]


def test_too_few_rows_and_one_class_are_named() -> None:
    with pytest.raises(TrainingError, match=f"urgency 只有 {LEAST_ROWS - 1} 条"):
        encode("urgency", ["a", "b"] * 3 + ["a", None, ""], ("a", "b"))
    with pytest.raises(TrainingError, match=r"只有一个类别（a）") as caught:
        encode("urgency", ["a"] * 20 + [None], ("a", "b"))
    assert caught.value.field == "urgency"


# --- folds


@given(
    seed=st.integers(0, 1_000),
    n=st.integers(2, 80),
    k=st.integers(1, 5),
    groups=st.integers(2, 40),
)
def test_a_group_never_parts_and_no_fold_is_empty(seed: int, n: int, k: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    group[:2] = [0, 1]
    folds = linear._folds("category", rng.integers(0, k, n), group, k, seed)
    assert all(len(set(folds[group == g])) == 1 for g in set(group.tolist()))
    assert sorted(set(folds.tolist())) == list(range(min(FOLDS, len(set(group.tolist())))))


def test_each_label_is_spread_over_the_folds() -> None:
    truth = np.repeat(np.arange(4), [100, 50, 25, 5])
    folds = linear._folds("category", truth, np.arange(len(truth)), 4, 0)
    for c in range(4):
        shares = np.bincount(folds[truth == c], minlength=FOLDS)
        assert shares.max() - shares.min() <= 1


def test_tickets_that_are_all_twins_are_refused() -> None:
    x, truth = _topics(20, 2)
    with pytest.raises(TrainingError, match="重复") as caught:
        _fit(x, truth, np.zeros(20, np.int64))
    assert caught.value.field == "category"


# --- fit


def test_weights_are_scikit_learns() -> None:
    x, truth = _topics(90, 3)
    found = _fit(x, truth)
    machine = LinearSVC(C=found.penalty, random_state=0).fit(x, truth)
    assert found.penalty in PENALTIES
    assert np.array_equal(found.weights, machine.coef_.T.astype(np.float32))
    assert np.array_equal(found.bias, machine.intercept_.astype(np.float32))


def test_two_labels_have_two_opposite_columns() -> None:
    x, truth = _topics(40, 2)
    found = _fit(x, truth)
    assert found.weights.shape == (10, 2)
    assert np.array_equal(found.weights[:, 0], -found.weights[:, 1])
    assert ((x @ found.weights + found.bias).argmax(axis=1) == truth).mean() > 0.9


def test_held_out_scores_come_from_machines_that_had_not_seen_the_ticket() -> None:
    """Labels by chance: a machine that had seen a ticket would know its label, one that had not guesses."""
    rng = np.random.default_rng(0)
    x = csr_matrix(np.eye(200, dtype=np.float32) + (rng.random((200, 200)) < 0.02).astype(np.float32))
    truth = rng.integers(0, 2, 200)
    found = _fit(x, truth)
    assert ((x @ found.weights + found.bias).argmax(axis=1) == truth).mean() > 0.95
    assert (found.unseen.argmax(axis=1) == truth).mean() < 0.65


def test_a_twin_in_the_same_group_gives_nothing_away() -> None:
    """Every ticket stands there twice. With the twins in one group the held-out scores stay a guess."""
    rng = np.random.default_rng(1)
    once = np.eye(100, dtype=np.float32) + (rng.random((100, 100)) < 0.03).astype(np.float32)
    x, truth = csr_matrix(np.vstack([once, once])), np.tile(rng.integers(0, 2, 100), 2)
    leaky = (_fit(x, truth).unseen.argmax(axis=1) == truth).mean()
    honest = (_fit(x, truth, np.tile(np.arange(100), 2)).unseen.argmax(axis=1) == truth).mean()
    assert leaky > 0.75
    assert honest < 0.65


def test_a_label_of_one_ticket_does_not_stop_the_fit() -> None:
    """In its own fold the rare label is unknown: it scores -1 there, "certainly not"."""
    x, truth = _topics(40, 2)
    truth[7] = 2
    found = _fit(x, truth)
    assert found.weights.shape == (10, 3)
    assert found.unseen[7, 2] == -1.0
    assert np.isfinite(found.unseen).all()


def test_folds_of_one_label_each_do_not_stop_the_fit() -> None:
    x, truth = _topics(16, 2)
    found = _fit(x, truth, truth)  # two groups, each of one label: each inner machine knows one label only
    assert (found.unseen.argmax(axis=1) != truth).all()


def test_unlabelled_tickets_are_left_out() -> None:
    x, truth = _topics(60, 3)
    rows = np.arange(0, 60, 2)
    labels: tuple[str, ...] = ("a", "b", "c")
    some = fit_heads(x, {"category": (labels, rows, truth[rows])}, np.arange(60))["category"]
    alone = _fit(x[rows], truth[rows])
    assert np.array_equal(some.weights, alone.weights)
    assert np.array_equal(some.unseen, alone.unseen)


def test_a_given_penalty_is_taken() -> None:
    x, truth = _topics(60, 3)
    found = fit_heads(x, _encoded(truth), np.arange(60), penalties={"category": 0.03})["category"]
    assert found.penalty == 0.03
    assert np.array_equal(found.weights, LinearSVC(C=0.03, random_state=0).fit(x, truth).coef_.T.astype(np.float32))


def test_progress_rises_to_one() -> None:
    x, truth = _topics(60, 3)
    seen: list[float] = []
    fit_heads(x, _encoded(truth), np.arange(60), progress=lambda what, share: seen.append(share))
    assert seen == sorted(seen)
    assert len(seen) == FOLDS * len(PENALTIES) + 1
    assert seen[-1] == 1.0


def test_processes_give_the_same_weights_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """LIBLINEAR has one random state per process: in threads two machines would disturb each other."""
    x, truth = _topics(150, 4, noise=0.5)
    serial = [_fit(x, truth, seed=3) for _ in range(2)]
    monkeypatch.setattr(linear, "_WORTH_PROCESSES", 0)
    parallel = _fit(x, truth, seed=3)
    for other in (serial[1], parallel):
        assert np.array_equal(serial[0].weights, other.weights)
        assert np.array_equal(serial[0].bias, other.bias)
        assert np.array_equal(serial[0].unseen, other.unseen)


@given(seed=st.integers(0, 500))
def test_merit_is_accuracy_plus_macro_f1(seed: int) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    rng = np.random.default_rng(seed)
    truth, scores = rng.integers(0, 4, 40), rng.normal(size=(40, 4)).astype(np.float32)
    answer = scores.argmax(axis=1)
    labels = sorted(set(truth.tolist()))
    plain = accuracy_score(truth, answer) + f1_score(truth, answer, labels=labels, average="macro", zero_division=0)
    assert linear._merit(scores, truth) == pytest.approx(plain)
