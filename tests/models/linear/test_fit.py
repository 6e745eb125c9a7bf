"""Fitting: honest held-out scores, recipes that are raced, a teacher's labels that are learned from only, the same weights every time."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from models.core.distillation import TeacherLabels
from models.core.folds import FIRST_LATER, blocks
from models.core.labels import LEAST_ROWS, encode
from models.linear import fit as linear
from models.linear.fit import FittedHead, fit_heads
from models.linear.recipe import TRIED, Recipe
from models.linear.svm import TOLERANCE, fit_linear_svm
from tests.models.linear.test_svm import topics
from triage.errors import TrainingError

ONE = {"category": (Recipe(0.5),)}
"""A recipe that is known already: nothing is raced."""


_topics = functools.partial(topics, kept=0.7)


def _fit(
    x: csr_matrix, truth: NDArray[np.int64], groups: NDArray[np.int64] | None = None, **options: Any
) -> FittedHead:
    return fit_heads(x, _encoded(truth), np.arange(len(truth)) if groups is None else groups, **options)["category"]


def _encoded(truth: NDArray[np.int64]) -> dict[str, tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]]:
    return {"category": (tuple(f"label{c}" for c in range(int(truth.max()) + 1)), np.arange(len(truth)), truth)}


def _right(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    return float((scores.argmax(axis=1) == truth).mean())


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


# --- held-out scores


def test_a_given_recipe_is_taken_over_and_the_weights_are_scikit_learns() -> None:
    """In units of the spread of the held-out scores, so that machines of several recipes can be added."""
    x, truth = _topics(90, 3)
    found = _fit(x, truth, recipes={"category": (Recipe(0.03),)})
    assert found.recipes == (Recipe(0.03),)
    svm = LinearSVC(C=0.03, tol=TOLERANCE, random_state=0).fit(x, truth)
    spread = found.svm.weights[0, 0] / svm.coef_[0, 0]
    assert spread > 0
    assert np.allclose(found.svm.weights, svm.coef_.T * spread, rtol=1e-5)
    assert np.allclose(found.svm.bias, svm.intercept_ * spread, rtol=1e-5)
    assert found.unseen.std() == pytest.approx(1.0, rel=1e-4)


def test_held_out_scores_come_from_machines_that_had_not_seen_the_ticket() -> None:
    """Labels by chance: a machine that had seen a ticket would know its label, one that had not guesses."""
    rng = np.random.default_rng(0)
    x = csr_matrix(np.eye(200, dtype=np.float32) + (rng.random((200, 200)) < 0.02).astype(np.float32))
    truth = rng.integers(0, 2, 200)
    found = _fit(x, truth)
    assert _right(found.svm.score(x), truth) > 0.95
    assert _right(found.unseen, truth) < 0.65


def test_a_twin_in_the_same_group_gives_nothing_away() -> None:
    """Every ticket stands there twice. With the twins in one group the held-out scores stay a guess."""
    rng = np.random.default_rng(1)
    once = np.eye(100, dtype=np.float32) + (rng.random((100, 100)) < 0.03).astype(np.float32)
    x, truth = csr_matrix(np.vstack([once, once])), np.tile(rng.integers(0, 2, 100), 2)
    assert _right(_fit(x, truth).unseen, truth) > 0.75
    assert _right(_fit(x, truth, np.tile(np.arange(100), 2)).unseen, truth) < 0.65


def test_tickets_that_are_all_twins_are_refused() -> None:
    x, truth = _topics(20, 2)
    with pytest.raises(TrainingError, match="重复") as caught:
        _fit(x, truth, np.zeros(20, np.int64))
    assert caught.value.field == "category"


def test_a_label_of_one_ticket_does_not_stop_the_fit() -> None:
    """In its own fold the rare label is unknown: it scores -1 there, "certainly not", in units of the spread."""
    x, truth = _topics(40, 2)
    truth[7] = 2
    found = _fit(x, truth, recipes=ONE)
    fold = found.fold == found.fold[7]
    assert found.svm.weights.shape == (10, 3)
    assert len(set(found.unseen[fold, 2].tolist())) == 1
    assert found.unseen[7, 2] < 0
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
    assert np.array_equal(some.svm.weights, alone.svm.weights)
    assert np.array_equal(some.unseen, alone.unseen)


# --- later scores


def test_later_scores_are_those_of_a_machine_that_knows_the_past_only() -> None:
    x, truth = _topics(500, 3, noise=0.5)
    when = np.random.default_rng(3).permutation(500).astype(np.float64)
    found = _fit(x, truth, when=when, recipes=ONE)
    block = blocks(when, np.arange(500))
    assert block is not None
    assert sorted(found.later.tolist()) == np.flatnonzero(block >= FIRST_LATER).tolist()
    spread = None
    for b in range(FIRST_LATER, block.max() + 1):
        svm = fit_linear_svm(x[block < b], truth[block < b], 3, Recipe(0.5))
        at = np.flatnonzero(block[found.later] == b)
        expected = svm.score(x[found.later[at]])
        spread = spread or float(expected[0, 0] / found.from_past[at][0, 0])
        assert np.allclose(found.from_past[at] * spread, expected, atol=1e-4)


def test_a_leak_from_the_future_would_show() -> None:
    """From the middle on each ticket carries a feature that gives its label away, in each block another one: whoever learned
    from the same days knows all labels, whoever learned from the past guesses."""
    rng = np.random.default_rng(4)
    n, truth, when = 600, rng.integers(0, 2, 600), np.arange(600.0)
    noise = csr_matrix((rng.random((n, 20)) < 0.3).astype(np.float32))
    sign = np.zeros((n, 10), np.float32)
    sign[np.arange(n), np.arange(n) // 120 * 2 + truth] = 3.0
    found = _fit(csr_matrix(hstack([noise, csr_matrix(sign)])), truth, when=when)
    assert _right(found.unseen, truth) > 0.95
    assert len(found.later) == 360
    assert _right(found.from_past, truth[found.later]) < 0.6


@pytest.mark.parametrize("when", [None, np.full(500, np.nan), np.full(500, 7.0)], ids=["none", "unknown", "one day"])
def test_without_an_order_in_time_there_are_no_later_scores(when: NDArray[np.float64] | None) -> None:
    x, truth = _topics(500, 3)
    found = _fit(x, truth, when=when, recipes=ONE)
    assert found.later.shape == (0,)
    assert found.from_past.shape == (0, 3)


# --- recipes


def test_the_best_recipe_is_taken() -> None:
    """One label in five is wrong: a machine that hardly shrinks learns them by heart and is punished for it."""
    x, truth = _topics(400, 2)
    rng = np.random.default_rng(5)
    noise = csr_matrix((rng.random((400, 400)) < 0.05).astype(np.float32))
    truth = np.where(rng.random(400) < 0.2, 1 - truth, truth)
    tried = (Recipe(0.01), Recipe(100.0))
    found = _fit(csr_matrix(hstack([x, noise])), truth, tried=tried)
    assert found.recipes == (Recipe(0.01),)
    alone = [_fit(csr_matrix(hstack([x, noise])), truth, recipes={"category": (r,)}).log_loss for r in tried]
    assert found.log_loss == pytest.approx(alone[0])
    assert alone[0] < 0.9 * alone[1]


def test_a_pair_is_taken_only_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    x, truth = _topics(300, 3, noise=0.6)
    taken = _fit(x, truth)
    race = {
        r: _fit(x, truth, recipes={"category": r}).log_loss
        for n in (1, 2)
        for r in itertools.combinations(sorted(TRIED), n)
    }
    alone = min(loss for r, loss in race.items() if len(r) == 1)
    if len(taken.recipes) == 2:
        assert taken.log_loss < 0.995 * alone
    else:
        assert taken.log_loss <= 1.01 * alone, "the race over two folds may miss the very best"
    monkeypatch.setattr(linear, "_PAYS", 1.0)
    assert len(_fit(x, truth).recipes) == 1
    monkeypatch.setattr(linear, "_PAYS", -1.0)
    pair = _fit(x, truth)
    assert len(pair.recipes) == 2
    assert pair.log_loss == pytest.approx(race[pair.recipes])


def test_a_pair_s_machine_is_the_mean_of_both() -> None:
    x, truth = _topics(120, 3, noise=0.6)
    pair = (Recipe(0.25), Recipe(1.0, 1.0))
    both = _fit(x, truth, recipes={"category": pair})
    alone = [_fit(x, truth, recipes={"category": (r,)}) for r in pair]
    mean = (alone[0].svm.score(x) + alone[1].svm.score(x)) / 2
    assert np.allclose(both.svm.score(x), mean, atol=1e-4)
    assert np.allclose(both.unseen, (alone[0].unseen + alone[1].unseen) / 2, atol=1e-5)


# --- a teacher's labels


def test_teacher_labels_are_learned_from_and_never_judged_by() -> None:
    """Eight labelled tickets of each of three topics, and a teacher who knows three hundred more."""
    x, truth = _topics(324, 3, noise=0.5)
    few, many = np.arange(24), np.arange(24, 324)
    new, new_truth = _topics(600, 3, seed=9, noise=0.5)
    teacher_labels = TeacherLabels(x[many], {"category": (np.arange(300), truth[many], np.full(300, 0.9))})
    alone, distillation = (_fit(x[few], truth[few], recipes=ONE, extra=extra) for extra in (None, teacher_labels))
    assert _right(distillation.svm.score(new), new_truth) > _right(alone.svm.score(new), new_truth) + 0.03
    assert distillation.unseen.shape == alone.unseen.shape == (24, 3)
    assert distillation.truth.tolist() == truth[few].tolist()
    assert not np.array_equal(distillation.unseen, alone.unseen), "inner machines hear the teacher, too"


def test_a_wrong_teacher_does_not_better_its_own_figures() -> None:
    """A teacher who mistakes every topic: a fit judged by those labels would call that perfect."""
    x, truth = _topics(330, 3)
    teacher_labels = TeacherLabels(x[30:], {"category": (np.arange(300), (truth[30:] + 1) % 3, np.ones(300))})
    found = _fit(x[:30], truth[:30], extra=teacher_labels)
    assert _right(found.unseen, truth[:30]) < 0.2


def test_teacher_labels_of_little_weight_and_of_other_heads_change_little() -> None:
    x, truth = _topics(130, 3)
    wrong = (np.arange(100), (truth[30:] + 1) % 3, np.full(100, 1e-6))
    plain = _fit(x[:30], truth[:30], recipes=ONE)
    light = _fit(x[:30], truth[:30], recipes=ONE, extra=TeacherLabels(x[30:], {"category": wrong}))
    other = _fit(x[:30], truth[:30], recipes=ONE, extra=TeacherLabels(x[30:], {"urgency": wrong}))
    assert np.allclose(light.unseen, plain.unseen, atol=0.01)
    assert np.array_equal(other.svm.weights, plain.svm.weights)


# --- always alike


def test_only_heads_of_tone_learn_from_tone() -> None:
    x, truth = topics(90, 3)
    tone = np.arange(x.shape[1]) >= 10  # the third topic's features
    encoded = {head: (("a", "b", "c"), np.arange(90), truth) for head in ("category", "urgency", "sentiment")}
    found = fit_heads(x, encoded, np.arange(90), recipes={head: (Recipe(0.5),) for head in encoded}, tone=tone)
    for head in ("category", "urgency"):
        assert not found[head].svm.weights[tone].any()
        assert found[head].svm.weights[~tone].any()
    assert found["sentiment"].svm.weights[tone].any()


def test_progress_rises_to_one() -> None:
    x, truth = _topics(60, 3)
    encoded = {head: _encoded(truth)["category"] for head in ("category", "urgency")}
    for recipes in ({}, ONE):
        seen: list[float] = []
        fit_heads(x, encoded, np.arange(60), recipes=recipes, progress=lambda _, share, seen=seen: seen.append(share))
        assert seen == sorted(seen)
        assert 0.5 in seen
        assert seen[-1] == 1.0


def test_processes_give_the_same_weights_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """LIBLINEAR has one random state per process: in threads two machines would disturb each other."""
    x, truth = _topics(150, 4, noise=0.5)
    serial = [_fit(x, truth, seed=3) for _ in range(2)]
    monkeypatch.setattr(linear, "_WORTH_PROCESSES", 0)
    parallel = _fit(x, truth, seed=3)
    for other in (serial[1], parallel):
        assert serial[0].recipes == other.recipes
        assert np.array_equal(serial[0].svm.weights, other.svm.weights)
        assert np.array_equal(serial[0].svm.bias, other.svm.bias)
        assert np.array_equal(serial[0].unseen, other.unseen)
