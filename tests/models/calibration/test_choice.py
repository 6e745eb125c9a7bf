"""The choice: finds the method that made the data, keeps to the simple one where it is moot, and bears any data at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import choice
from models.calibration.choice import choose_calibration
from models.calibration.multinomial import Multinomial
from models.calibration.temperature import Temperature
from models.calibration.vector import Vector
from tests.models.calibration.builders import are_probabilities, data, drawn, log_loss

METHODS = ["temperature", "vector", "multinomial", "isotonic"]
FIGURES = {"log_loss", "log_loss_se", "brier", "ece", "accuracy"}


def planted(method: str, n: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    scores = np.random.default_rng(3).normal(size=(n, 3))
    if method == "isotonic":  # sure steps, which no smooth curve draws
        own = scores.argmax(axis=1)
        gap = np.sort(scores, axis=1)[:, 2] - np.sort(scores, axis=1)[:, 1]
        p = np.full((n, 3), 0.25)
        p[np.arange(n), own] = 0.5
        p[gap > 0.7] = 0.005
        p[gap > 0.7, own[gap > 0.7]] = 0.99
        return scores, drawn(p, 5)
    true = {
        "temperature": Temperature(2.0, np.array([0.5, 0.0, -0.5])),
        "vector": Vector(np.array([0.5, 2.0, 4.0]), np.zeros(3)),
        "multinomial": Multinomial(np.array([[2.0, 1.5, -1.0], [0.0, 2.0, 1.0], [-1.0, 0.0, 2.0]]), np.zeros(3)),
    }[method]
    return scores, drawn(true.apply(scores), 5)


@pytest.mark.parametrize("method", METHODS)
def test_finds_the_method_that_made_the_data(method: str) -> None:
    scores, labels = planted(method)
    chosen = choose_calibration(scores, labels)
    assert chosen.method == chosen.calibration.method == method
    assert list(chosen.comparison) == METHODS
    for figures in chosen.comparison.values():
        assert set(figures) == FIGURES
        assert all(type(value) is float for value in figures.values())
    again = choose_calibration(scores, labels)
    assert again.comparison == chosen.comparison
    assert again.calibration.to_mapping() == chosen.calibration.to_mapping()


def test_the_chosen_one_is_fitted_on_all_tickets() -> None:
    scores, labels = planted("vector")
    chosen = choose_calibration(scores, labels)
    assert chosen.calibration.to_mapping() == choice.fit_vector(scores, labels).to_mapping()


def test_it_is_never_worse_than_temperature_scaling_by_more_than_noise() -> None:
    """On new tickets, over data of every make and of few tickets: what the choice can lose stays within the noise."""
    lost = []
    for seed in range(24):
        method = METHODS[seed % 4]
        scores, labels = planted(method, 4000)
        few = np.random.default_rng(seed).permutation(4000)
        fit, new = few[: (40, 100, 200, 500, 1000)[seed % 5]], few[1000:]
        chosen = choose_calibration(scores[fit], labels[fit], seed=seed).calibration
        plain = choice.fit_temperature(scores[fit], labels[fit])
        lost.append(log_loss(chosen.apply(scores[new]), labels[new]) - log_loss(plain.apply(scores[new]), labels[new]))
    assert max(lost) < 0.03
    assert np.mean(lost) < 0


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 30),
    k=st.integers(2, 13),
    spread=st.sampled_from([0.0, 1.0, 1e3]),
    grouped=st.booleans(),
)
def test_any_data_gives_probabilities(seed: int, n: int, k: int, spread: float, grouped: bool) -> None:
    """Eight tickets, labels of one ticket, labels that a fold lacks, tickets all of one group: nothing of it stops a training."""
    scores, labels = data(seed, n, k, spread)
    groups = np.random.default_rng(seed).integers(0, 4, n) if grouped else None
    chosen = choose_calibration(scores.astype(np.float32), labels, groups=groups, seed=seed)
    are_probabilities(chosen.calibration.apply(scores), (n, k))
    if (n if groups is None else len(np.unique(groups))) < 2:
        assert (chosen.method, chosen.comparison) == ("temperature", {})
    else:
        assert all(np.isfinite(value) for figures in chosen.comparison.values() for value in figures.values())


def test_a_handful_of_tickets_is_no_reason_for_another_method() -> None:
    scores, labels = planted("vector")
    chosen = choose_calibration(scores[:99], labels[:99])
    assert chosen.method == "temperature"
    assert chosen.comparison["vector"]["log_loss"] < chosen.comparison["temperature"]["log_loss"], "and it is shown"
    assert choose_calibration(scores[:200], labels[:200]).method == "vector"


def test_one_label_only() -> None:
    scores, _ = data(0, 20, 3)
    p = choose_calibration(scores, np.zeros(20, np.int64)).calibration.apply(scores)
    assert (p.argmax(axis=1) == 0).all()


@given(st.integers(0, 1000), st.integers(2, 60))
def test_groups_never_part_and_folds_are_even(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    labels, group = rng.integers(0, 4, n), np.unique(rng.integers(0, max(2, n // 2), n), return_inverse=True)[1]
    fold = choice._folds(labels, group, seed)
    for g in np.unique(group):
        assert len(set(fold[group == g])) == 1
    alone = choice._folds(labels, np.arange(n), seed)
    sizes = np.bincount(alone)
    assert len(sizes) == min(choice.FOLDS, n)
    assert sizes.max() - sizes.min() <= 1


def test_a_label_is_spread_over_the_folds() -> None:
    labels = np.repeat([0, 1, 2], [80, 15, 5])
    fold = choice._folds(labels, np.arange(100), 0)
    for label, least in ((0, 16), (1, 3), (2, 1)):
        assert np.bincount(fold[labels == label]).tolist() == [least] * 5


def test_twins_do_not_feign_precision() -> None:
    """Every ticket four times: the standard error with groups is about that of the tickets once, without them half of it."""
    scores, labels = data(1, 400, 3)
    four, many = np.tile(scores, (4, 1)), np.tile(labels, 4)
    once = choose_calibration(scores, labels).comparison["temperature"]["log_loss_se"]
    grouped = choose_calibration(four, many, groups=np.tile(np.arange(400), 4)).comparison["temperature"]["log_loss_se"]
    blind = choose_calibration(four, many).comparison["temperature"]["log_loss_se"]
    assert grouped == pytest.approx(once, rel=0.1)
    assert blind == pytest.approx(once / 2, rel=0.1)


def test_many_tickets_are_compared_on_a_sample_of_whole_groups() -> None:
    group = np.random.default_rng(0).integers(0, 15_000, 30_000)
    group = np.unique(group, return_inverse=True)[1]
    rows = choice._sample(group, 0)
    assert choice.SAMPLE <= len(rows) < choice.SAMPLE + 20
    rest = np.setdiff1d(np.arange(30_000), rows)
    assert not set(group[rows]) & set(group[rest])
    assert len(choice._sample(np.arange(choice.ENOUGH), 0)) == choice.ENOUGH
