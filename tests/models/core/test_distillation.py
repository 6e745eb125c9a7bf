"""What a student takes from a teacher: sure opinions on labels it has itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from models.core.distillation import LEAST_SURE, Distillation

LABELS = {"category": ("a", "b", "c")}


def distillation(p: np.ndarray, labels: tuple[str, ...] = ("a", "b", "c")) -> Distillation:
    return Distillation(["x"] * len(p), {"category": labels}, {"category": p})


def matrix(n: int) -> csr_matrix:
    return csr_matrix(np.eye(n, dtype=np.float32))


def test_a_guess_teaches_nothing_and_the_rest_counts_as_it_is_sure() -> None:
    p = np.array([[0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [0.1, 0.3, 0.6]])
    rows, said, sure = distillation(p).teacher_labels(matrix(3), LABELS).heads["category"]
    assert rows.tolist() == [0, 2]
    assert said.tolist() == [0, 2]
    assert sure.tolist() == [0.9, 0.6]


def test_labels_are_matched_by_code_and_not_by_place() -> None:
    p = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.0, 0.1, 0.9]])
    rows, said, _ = distillation(p, ("c", "z", "a")).teacher_labels(matrix(3), LABELS).heads["category"]
    assert rows.tolist() == [0, 2], "the student has no z"
    assert said.tolist() == [2, 0]


def test_heads_that_only_one_of_them_has_are_left_out() -> None:
    p = np.array([[0.9, 0.1, 0.0]])
    found = distillation(p).teacher_labels(matrix(1), {"urgency": ("x", "y"), **LABELS})
    assert list(found.heads) == ["category"]
    assert distillation(p).teacher_labels(matrix(1), {"urgency": ("x", "y")}).heads == {}


@given(seed=st.integers(0, 1_000), n=st.integers(0, 20))
def test_teacher_labels_are_always_whole(seed: int, n: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(3), n).reshape(n, 3)
    rows, said, sure = distillation(p).teacher_labels(matrix(n), LABELS).heads["category"]
    assert len(rows) == len(said) == len(sure) == (p.max(axis=1, initial=0) >= LEAST_SURE).sum()
    assert ((sure >= LEAST_SURE) & (sure <= 1)).all()
    assert np.array_equal(said, p[rows].argmax(axis=1))
