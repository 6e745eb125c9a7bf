"""Copies with characters missing: the same ones every time, never beside the fold that their ticket is held out of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from features.reading import OwnWords, own_words
from models.core.distillation import TeacherLabels, joined
from models.linear.copies import EVERY, WEIGHT, copies, labelled
from models.linear.fit import fit_heads
from models.linear.recipe import Recipe
from tests.models.builders import ODD_BATCHES
from tests.models.linear.test_svm import topics

LABELS = ("a", "b", "c")


@given(ODD_BATCHES, st.integers(0, 9))
def test_a_copy_is_its_text_without_a_few_characters(raw: list[str], seed: int) -> None:
    texts = [own_words(text) for text in raw]
    made, owners = copies(texts, seed)
    assert (made, owners) == copies(texts, seed)
    assert owners == sorted(set(owners))
    for copy, owner in zip(made, owners, strict=True):
        text = texts[owner]
        assert isinstance(copy, OwnWords)
        missing = len(text) - len(copy)
        assert 1 <= missing <= max(1, len(text) // EVERY)
        rest = iter(text)
        assert all(char in rest for char in copy), "in the order of the text"


def test_what_is_too_short_has_no_copy_and_other_seeds_other_copies() -> None:
    assert copies(["退款", " 退 款 ", ""], 0) == ([], [])
    text = "退款三天没到账催了两次都没有人回复我"
    assert len({copies([text], seed)[0][0] for seed in range(8)}) > 1


def test_copies_have_their_tickets_labels() -> None:
    encoded = {"category": (LABELS, np.array([0, 2]), np.array([1, 2]))}
    found = labelled(csr_matrix(np.eye(3)), [0, 1, 2], encoded, 3)
    rows, said, weight = found.heads["category"]
    assert rows.tolist() == [0, 2]
    assert said.tolist() == [1, 2]
    assert weight.tolist() == [WEIGHT, WEIGHT]
    assert found.owner is not None
    assert found.owner.tolist() == [0, 1, 2]


def test_a_copy_gives_nothing_away_of_a_ticket_that_is_held_out() -> None:
    """Labels by chance: a copy that stood in the other folds would be known by heart."""
    rng = np.random.default_rng(0)
    x = csr_matrix((rng.random((120, 400)) < 0.1).astype(np.float32))
    truth = rng.integers(0, 3, 120)
    encoded = {"category": (LABELS, np.arange(120), truth)}
    extra = labelled(x, list(range(120)), encoded, 120)
    found = fit_heads(x, encoded, np.arange(120), recipes={"category": (Recipe(0.5),)}, extra=extra)["category"]
    assert (found.unseen.argmax(axis=1) == truth).mean() < 0.5
    told = fit_heads(
        x, encoded, np.arange(120), recipes={"category": (Recipe(0.5),)}, extra=extra._replace(owner=None)
    )["category"]
    assert (told.unseen.argmax(axis=1) == truth).mean() > 0.9


def test_joined_with_a_teachers_both_are_learned_from() -> None:
    x, truth = topics(60, 3)
    encoded = {"category": (LABELS, np.arange(60), truth)}
    teacher = TeacherLabels(x[:10], {"category": (np.arange(10), truth[:10], np.ones(10))})
    both = joined(teacher, labelled(x, list(range(60)), encoded, 60))
    assert both.matrix.shape[0] == 70
    rows, said, weight = both.heads["category"]
    assert rows.tolist() == list(range(70))
    assert said.tolist() == [*truth[:10], *truth]
    assert weight.tolist() == [1.0] * 10 + [WEIGHT] * 60
    assert both.owner is not None
    assert both.owner.tolist() == [-1] * 10 + list(range(60))
