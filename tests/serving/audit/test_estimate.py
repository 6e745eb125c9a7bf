"""Estimates from a blind sample: known values, and whether intervals hold what they promise, over many seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from serving.audit.estimate import estimate, finite_interval, interval, weights, worst


@pytest.mark.parametrize(
    ("errors", "n", "low", "high"),
    # Clopper-Pearson as in the tables of Diem & Lentner (Documenta Geigy) and in R's binom.test
    [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0), (2, 100, 0.0024, 0.0704)],
)  # fmt: skip
def test_the_binomial_interval_is_the_exact_one(errors: int, n: int, low: float, high: float) -> None:
    assert interval(errors, n) == pytest.approx((low, high), abs=5e-5)


def test_the_finite_interval_is_what_enumeration_says() -> None:
    """By brute force over every number of wrong answers, with scipy's own hypergeometric distribution."""
    from scipy.stats import hypergeom

    for errors, n, population in [
        (0, 10, 40),
        (3, 10, 40),
        (10, 10, 40),
        (1, 60, 61),
        (4, 4, 4),
        (0, 1, 2000),
        (7, 90, 500),
    ]:
        possible = [
            bad
            for bad in range(errors, population - (n - errors) + 1)
            if hypergeom.sf(errors - 1, population, bad, n) > 0.025
            and hypergeom.cdf(errors, population, bad, n) > 0.025
        ]
        expected = (possible[0] / population, possible[-1] / population)
        assert finite_interval(errors, n, population) == pytest.approx(expected), (errors, n, population)


def test_when_all_were_looked_at_nothing_is_unknown() -> None:
    found = estimate(np.array([True, False, False, False]), np.ones(4), 4)
    assert (found.error, found.low, found.high, found.method) == (0.25, 0.25, 0.25, "hypergeometric")


def test_of_a_large_house_the_finite_interval_is_the_binomial_one() -> None:
    assert finite_interval(5, 200, 10**7) == pytest.approx(interval(5, 200), abs=2e-4)


def test_nothing_looked_at_is_no_figure() -> None:
    found = estimate(np.zeros(0, bool), np.zeros(0), 1000)
    assert (found.error, found.low, found.high, found.method) == (None, None, None, "none")
    assert worst(0, 0, 0) == (0.0, 1.0)
    assert worst(2, 80, 20) == (0.02, 0.22)


def test_weights_stand_for_all_drawn_at_that_rate() -> None:
    rates = np.array([0.5, 0.5, 0.1, 0.1])
    answered = np.array([True, True, True, False])
    assert weights(rates, answered).tolist() == [2.0, 2.0, 20.0, 0.0]
    assert weights(rates, np.zeros(4, bool)).tolist() == [0.0] * 4


def test_one_wrong_answer_of_a_rare_rate_weighs_more() -> None:
    wrong = np.array([True, *[False] * 99])
    rates = np.array([0.01] * 50 + [0.5] * 50)
    found = estimate(wrong, weights(rates, np.ones(100, bool)))
    assert found.error == pytest.approx(100 / (50 * 100 + 50 * 2))
    assert found.method == "korn_graubard"
    assert found.effective < 55
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.error < found.high


def house(rng: np.random.Generator, n: int, error: float) -> np.ndarray[Any, Any]:
    """(n,) which of a house's automatic answers are wrong."""
    return rng.random(n) < error


@pytest.mark.parametrize(
    ("rates", "errors"),
    [
        ((0.02,), (0.03,)),
        ((0.3,), (0.05,)),  # the sample is a good part of all
        ((0.01, 0.05), (0.04, 0.04)),
        ((0.01, 0.2), (0.06, 0.01)),  # worse where it is drawn rarely
        ((0.01, 0.2), (0.0, 0.08)),  # flawless where it is drawn rarely
    ],
)
def test_the_interval_covers_the_true_error(rates: tuple[float, ...], errors: tuple[float, ...]) -> None:
    seeds, covered, n = 400, 0, 6000
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        part = rng.integers(0, len(rates), n)
        wrong = house(rng, n, 1.0) & (rng.random(n) < np.array(errors)[part])
        rate = np.array(rates)[part]
        drawn = rng.random(n) < rate
        found = estimate(wrong[drawn], weights(rate[drawn], np.ones(int(drawn.sum()), bool)), n)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= wrong.mean() <= found.high
    assert covered / seeds >= 0.94


def test_a_backlog_in_one_rate_does_not_bend_the_figure() -> None:
    """Those drawn rarely are worse and wait longer: without the adjustment the error would look too small."""
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rare = rng.random(8000) < 0.5
        wrong = rng.random(8000) < np.where(rare, 0.10, 0.01)
        rate = np.where(rare, 0.02, 0.10)
        drawn = rng.random(8000) < rate
        answered = (rng.random(8000) < np.where(rare, 0.3, 0.95))[drawn]
        weight = weights(rate[drawn], answered)
        found.append(estimate(wrong[drawn][answered], weight[answered]).error)
    assert np.mean(found) == pytest.approx(0.055, abs=0.004)


@pytest.mark.parametrize("accept", [0.5, 0.8])
def test_anchored_reviewers_fool_the_naive_figure_and_not_the_blind_one(accept: float) -> None:
    """People who see a wrong prediction let it pass with probability ``accept``; blind ones say what is right.

    8,000 automatic answers, 6 % wrong, 5 % audited; as many others are confirmed by people who see the prediction.
    """
    seeds = 400
    blind_covers = naive_covers = 0
    gaps = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        wrong = house(rng, 8000, 0.06)
        audited = rng.random(8000) < 0.05
        blind = estimate(
            wrong[audited], weights(np.full(int(audited.sum()), 0.05), np.ones(int(audited.sum()), bool)), 8000
        )
        seen = ~audited & (rng.random(8000) < 0.05)
        corrected = wrong[seen] & (rng.random(int(seen.sum())) >= accept)
        naive = estimate(corrected, np.ones(int(seen.sum())))
        assert blind.low is not None
        assert blind.high is not None
        assert naive.low is not None
        assert naive.high is not None
        assert blind.error is not None
        assert naive.error is not None
        blind_covers += blind.low <= wrong.mean() <= blind.high
        naive_covers += naive.low <= wrong.mean() <= naive.high
        gaps.append(blind.error - naive.error)
    assert blind_covers / seeds >= 0.94
    assert naive_covers / seeds < (0.4 if accept == 0.5 else 0.02)
    assert np.mean(gaps) == pytest.approx(0.06 * accept, abs=0.005)
