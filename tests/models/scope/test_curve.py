"""What is expected of a length is found again, and only what falls short of it counts."""

from __future__ import annotations

import numpy as np
import pytest

from models.scope.curve import _FREE, Curves, fit_curves

K = 3
LEVEL = Curves(np.array([1.0, 6.0]), np.array([[0.8, 0.0, 0.0]] * K), np.array([[2 * np.log(0.1), 0.0]] * K))


def test_mean_and_spread_that_made_the_shares_are_found() -> None:
    rng = np.random.default_rng(0)
    length = rng.integers(10, 500, 20_000)
    u = np.log1p(length)
    x = rng.normal((0.9 - 0.05 * u)[:, None], np.exp(0.5 * (-1.0 - 0.6 * u))[:, None], (len(u), K))
    found = fit_curves(x, length)
    inside = np.array([20, 100, 400])
    at = np.log1p(inside)
    mean = np.stack([np.ones(3), at, at**2], axis=1) @ found.mean.T
    assert mean == pytest.approx(np.repeat((0.9 - 0.05 * at)[:, None], K, axis=1), abs=0.02)
    assert np.sqrt(found._variance(at)) == pytest.approx(
        np.repeat(np.exp(0.5 * (-1 - 0.6 * at))[:, None], K, 1), rel=0.1
    )


def test_distances_are_standard_deviations_below_what_is_expected() -> None:
    x = np.array(
        [[0.8, 0.8, 0.8], [1.0, 1.0, 1.0], [0.5, 0.8, 0.8], [0.5, 0.4, 1.0], [0.8, 0.8, 0.75], [0.8, 0.8, 0.4]]
    )
    wanted = [0.0, 0.0, 3.0, 5.0, 0.0, 4.0 - _FREE[2]]
    assert LEVEL.distance(x, np.full(len(x), 50)) == pytest.approx(wanted)


def test_beyond_the_lengths_that_were_seen_means_go_on_level_and_short_texts_may_differ_more() -> None:
    curves = Curves(np.array([3.0, 5.0]), np.array([[1.1, -0.1, 0.0]] * K), np.array([[-2.0, -0.5]] * K))
    x = np.full((1, K), 0.3)
    inside, short, shorter = (curves.distance(x, np.array([n]))[0] for n in (int(np.expm1(3.0)), 5, 1))
    assert inside > short > shorter
    assert curves.distance(x, np.array([10**6])) == pytest.approx(curves.distance(x, np.array([10**4])))


@pytest.mark.parametrize("n", [0, 1, 2, 30, 199, 200, 300])
def test_equal_shares_do_not_make_one_slip_impossible(n: int) -> None:
    curves = fit_curves(np.full((n, K), 0.9), np.full(n, 40))
    assert all(np.isfinite(array).all() for array in curves)
    if n:
        assert curves.distance(np.full((1, K), 0.9), np.array([40])) == pytest.approx(0.0, abs=1e-6)
        assert curves.distance(np.full((1, K), 0.88), np.array([40])) < 2.0


def test_longer_texts_do_not_differ_more() -> None:
    rng = np.random.default_rng(1)
    length = rng.integers(5, 300, 2_000)
    curves = fit_curves(rng.normal(0.7, 0.001 * length[:, None], (2_000, K)), length)
    assert (curves.spread[:, 1] <= 0).all()


def test_the_contrast_is_the_fourth_and_counts_threefold() -> None:
    level = Curves(LEVEL.range, np.vstack([LEVEL.mean, LEVEL.mean[:1]]), np.vstack([LEVEL.spread, LEVEL.spread[:1]]))
    x = np.array([[0.8, 0.8, 0.8, 0.6], [0.8, 0.7, 0.8, 0.7], [0.8, 0.8, 0.8, 1.0]])
    assert level.distance(x, np.full(3, 50)) == pytest.approx([2.0 * 3**0.5, 2.0, 0.0])
