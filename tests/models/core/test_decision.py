"""Decision: rare labels are said where that pays, costs move the answer and never the probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score

from models.core.decision import MOST_COST, NEAR, answers, check_costs, fit_weights, merit
from triage.errors import TrainingError

HEADS = {"urgency": ("critical", "normal"), "category": ("refund", "invoice")}


def calibrated(n: int, prior: list[float], spread: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities that are exactly right: a label is drawn by its share, then evidence for it, and Bayes says the rest."""
    rng = np.random.default_rng(seed)
    k = len(prior)
    truth = rng.choice(k, n, p=prior)
    seen = spread * np.eye(k)[truth] + rng.normal(size=(n, k))
    logits = spread * seen + np.log(prior)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True), truth


@given(seed=st.integers(0, 500), k=st.integers(2, 6))
def test_merit_is_accuracy_plus_macro_f1_of_the_labels_that_occur(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    truth, answer = rng.integers(0, k, 40), rng.integers(0, k, 40)
    labels = sorted(set(truth.tolist()))
    f1 = f1_score(truth, answer, labels=labels, average="macro", zero_division=0)
    assert merit(answer, truth, k) == pytest.approx(accuracy_score(truth, answer) + f1)


@given(seed=st.integers(0, 500), label=st.integers(0, 3), weight=st.floats(1.0, 100.0))
def test_a_weight_calls_its_label_oftener_and_others_never(seed: int, label: int, weight: float) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(4), 50)
    weights = np.ones(4)
    weights[label] = weight
    before, after = answers(p, np.ones(4)), answers(p, weights)
    assert np.array_equal(before, p.argmax(axis=1))
    assert ((after == before) | (after == label)).all()
    assert (after[before == label] == label).all()


def test_a_rare_label_is_said_when_that_pays() -> None:
    """One ticket in twenty is of label 2, and the likeliest answer hardly ever: its weight rises, and new tickets gain."""
    p, truth = calibrated(6_000, [0.6, 0.35, 0.05], 1.2, 0)
    new, new_truth = calibrated(6_000, [0.6, 0.35, 0.05], 1.2, 1)
    weights = fit_weights(p, truth)
    assert weights.argmax() == 2
    assert weights[2] > 1.5
    plain, weighed = new.argmax(axis=1), answers(new, weights)
    assert (weighed == 2).sum() > 2 * (plain == 2).sum()
    assert merit(weighed, new_truth, 3) > merit(plain, new_truth, 3) + 0.02


@pytest.mark.parametrize("seed", range(5))
def test_balanced_labels_that_are_told_apart_need_no_weights(seed: int) -> None:
    p, truth = calibrated(2_000, [0.25] * 4, 3.0, seed)
    assert fit_weights(p, truth).tolist() == [1.0] * 4


@pytest.mark.parametrize("seed", range(5))
def test_luck_of_few_tickets_is_not_learned(seed: int) -> None:
    """Labels that have nothing to do with the probabilities: what weights seem to gain, new tickets do not show."""
    rng = np.random.default_rng(seed)
    p, truth = rng.dirichlet(np.full(3, 5.0), 1_000), rng.integers(0, 3, 1_000)
    new, new_truth = rng.dirichlet(np.full(3, 5.0), 20_000), rng.integers(0, 3, 20_000)
    assert merit(answers(new, fit_weights(p, truth)), new_truth, 3) > merit(new.argmax(axis=1), new_truth, 3) - 0.03


@given(seed=st.integers(0, 1_000), n=st.integers(8, 60), k=st.integers(2, 5))
def test_weights_are_at_least_one_and_finite_on_any_data(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    p, truth = rng.dirichlet(np.full(k, 0.3), n), rng.integers(0, k, n)
    weights = fit_weights(p, truth)
    assert weights.shape == (k,)
    assert weights.min() == 1.0
    assert weights.max() <= np.exp(2.0) + 1e-9
    assert np.array_equal(weights, fit_weights(p, truth)), "the same data and seed give the same weights"


def test_probabilities_of_nought_are_no_obstacle() -> None:
    truth = np.arange(40) % 2
    assert fit_weights(np.eye(2)[truth], truth).tolist() == [1.0, 1.0]


# --- costs


@pytest.mark.parametrize("cost", [1 / MOST_COST, 1, 3.5, MOST_COST])
def test_costs_of_labels_that_there_are_pass(cost: float) -> None:
    check_costs({"urgency": {"critical": cost}}, HEADS)
    check_costs({}, HEADS)


@pytest.mark.parametrize(
    ("costs", "says"),
    [
        ({"mood": {"bad": 2.0}}, ["mood", "urgency、category"]),
        ({"urgency": {"high": 2.0}}, ["urgency.high", "critical、normal"]),
        *(
            ({"urgency": {"critical": cost}}, ["urgency.critical", "0.01", "100", repr(cost)])
            for cost in (0, -1.0, 101, float("nan"), float("inf"), True, "3", None)
        ),
    ],
)
def test_a_cost_that_is_none_is_named_with_what_is_allowed(costs: dict[str, dict[str, float]], says: list[str]) -> None:
    with pytest.raises(TrainingError) as caught:
        check_costs(costs, HEADS)
    assert all(part in str(caught.value) for part in says)
    assert caught.value.field == "cost"


# --- labels in an order


@pytest.mark.parametrize(
    ("p", "said"),
    [
        ([0.5, 0.02, 0.46, 0.02], 0),  # the severe one itself is never softened
        ([0.46, 0.02, 0.5, 0.02], 1),  # critical nearly as likely as normal: high
        ([0.2, 0.2, 0.55, 0.05], 2),
        ([0.45, 0.0, 0.05, 0.5], 1),  # critical nearly as likely as low: high
        ([0.33, 0.02, 0.15, 0.5], 2),  # not quite so near: normal
        ([0.1, 0.4, 0.05, 0.45], 2),  # high nearly as likely as low: normal
        ([0.1, 0.4, 0.4, 0.1], 1),  # neighbours: the likelier, the first of equals
    ],
)
def test_between_two_that_are_far_apart_one_in_the_middle_is_said(p: list[float], said: int) -> None:
    assert answers(np.array([p]), np.ones(4), ordinal=True).tolist() == [said]


@given(seed=st.integers(0, 500), k=st.integers(2, 6))
def test_it_only_ever_moves_towards_what_is_more_severe_and_near(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    p, weights = rng.dirichlet(np.full(k, 0.5), 60), rng.uniform(1, 3, k)
    plain, careful = answers(p, weights), answers(p, weights, ordinal=True)
    moved = plain != careful
    assert (careful[moved] < plain[moved]).all()
    assert (careful >= 0).all()
    priced = p * weights
    for row in np.flatnonzero(moved):
        beyond = priced[row, : plain[row] - 1]
        assert beyond.max() >= NEAR * priced[row, plain[row]]
        assert careful[row] > beyond.argmax()


@given(st.integers(0, 200))
def test_a_little_change_never_moves_the_answer_two_steps(seed: int) -> None:
    """From critical to low through all between, as their odds turn: no step is left out."""
    rng = np.random.default_rng(seed)
    other = rng.uniform(0, 0.02, 2)
    share = np.linspace(0, 1, 400)
    p = np.stack([share, np.full(400, other[0]), np.full(400, other[1]), 1 - share], axis=1)
    said = answers(p, np.ones(4), ordinal=True)
    assert set(said.tolist()) == {0, 1, 2, 3}
    assert np.abs(np.diff(said)).max() <= 1
