"""The simulation of label order: what it counts as saved, and that no order asks twice or peeks at who judges."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import active
from tests.training.builders import starter

pytestmark = pytest.mark.slow


def test_labels_saved_are_read_off_between_the_points() -> None:
    """Peer: 0.8 after 200 + 3 · 200 labels. Ours passes 0.8 halfway between 400 and 600."""
    labels, share = active.saved([0.5, 0.7, 0.9, 0.95], [0.5, 0.6, 0.7, 0.8])
    assert labels == 800
    assert share == pytest.approx(1 - 500 / 800)


def test_a_peer_that_stopped_rising_is_met_where_it_stopped() -> None:
    labels, share = active.saved([0.5, 0.8, 0.8, 0.8], [0.5, 0.8, 0.7, 0.6])
    assert (labels, share) == (400, pytest.approx(0.0))


def test_an_order_that_never_gets_there_has_saved_nothing() -> None:
    assert active.saved([0.5, 0.6], [0.5, 0.7]) == (400, 0.0)


@pytest.fixture(scope="module")
def pool() -> active.Pool:
    return active.pool_of("starter", starter())


@pytest.mark.parametrize("order", list(active.ORDERS))
def test_each_order_asks_for_new_tickets_only(pool: active.Pool, order: str) -> None:
    known = pool.asked[:100].tolist()
    model = active.learn(pool, known)
    chosen = active.choose(order, pool, model, known, 40, np.random.default_rng(0))
    assert len(set(chosen)) == 40
    assert not set(chosen) & set(known)
    assert set(chosen) <= set(pool.asked.tolist())
    assert not set(pool.asked.tolist()) & set(pool.judge.tolist())


def test_the_end_of_the_pool_is_no_error(pool: active.Pool) -> None:
    known = pool.asked[:-5].tolist()
    model = active.learn(pool, known)
    for order in active.ORDERS:
        assert len(active.choose(order, pool, model, known, 40, np.random.default_rng(0))) == 5
