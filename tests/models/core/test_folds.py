"""Folds and blocks: near-duplicates never part, and later means later."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.folds import BLOCKS, FOLDS, LEAST_LATER, blocks, deal
from triage.errors import TrainingError

# --- folds


@given(seed=st.integers(0, 1_000), n=st.integers(2, 80), k=st.integers(1, 5), groups=st.integers(2, 40))
def test_a_group_never_parts_and_no_fold_is_empty(seed: int, n: int, k: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    group[:2] = [0, 1]
    folds = deal("category", rng.integers(0, k, n), group, k, seed)
    assert all(len(set(folds[group == g])) == 1 for g in set(group.tolist()))
    assert sorted(set(folds.tolist())) == list(range(min(FOLDS, len(set(group.tolist())))))


def test_each_label_is_spread_over_the_folds() -> None:
    truth = np.repeat(np.arange(4), [100, 50, 25, 5])
    folds = deal("category", truth, np.arange(len(truth)), 4, 0)
    for c in range(4):
        shares = np.bincount(folds[truth == c], minlength=FOLDS)
        assert shares.max() - shares.min() <= 1


def test_another_seed_deals_otherwise_and_the_same_alike() -> None:
    truth, group = np.arange(100) % 3, np.arange(100)
    a, b, c = (deal("category", truth, group, 3, seed) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_tickets_that_are_all_twins_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"urgency 的 20 条.*重复.*补上") as caught:
        deal("urgency", np.arange(20) % 2, np.full(20, 7), 2, 0)
    assert caught.value.field == "urgency"


# --- blocks in time


@given(
    seed=st.integers(0, 1_000),
    n=st.integers(LEAST_LATER + 100, 700),
    undated=st.floats(0, 0.15),
    groups=st.integers(200, 2_000),
)
def test_blocks_are_ordered_in_time_and_groups_never_part(seed: int, n: int, undated: float, groups: int) -> None:
    rng = np.random.default_rng(seed)
    when = rng.uniform(0, 1e6, n)
    when[rng.random(n) < undated] = np.nan
    group = rng.integers(0, groups, n)
    block = blocks(when, group)
    assert block is not None
    assert block.min() == 0
    assert block.max() == BLOCKS - 1
    first = {g: np.nanmin(np.append(when[group == g], np.inf)) for g in set(group.tolist())}
    at = np.array([first[g] for g in group.tolist()])
    for g in first:
        assert len(set(block[group == g].tolist())) == 1
    for b in range(1, BLOCKS):
        assert at[(block < b) & np.isfinite(at)].max() <= at[block >= b].min()
    assert (block[~np.isfinite(at)] == 0).all(), "without a date: to be learned from only"


def test_blocks_are_of_equal_size() -> None:
    when = np.random.default_rng(0).permutation(1_000).astype(np.float64)
    block = blocks(when, np.arange(1_000))
    assert block is not None
    assert np.bincount(block).tolist() == [200] * BLOCKS
    assert np.array_equal(block, when.astype(np.int64) // 200)


def test_a_late_copy_of_an_early_ticket_counts_as_early() -> None:
    """Else the copy would be scored by a machine that had seen it."""
    when, group = np.arange(400.0), np.arange(400)
    group[399] = 0
    block = blocks(when, group)
    assert block is not None
    assert block[399] == block[0] == 0


def test_tickets_of_one_moment_stay_together() -> None:
    when = np.repeat(np.arange(40.0), 20)
    block = blocks(when, np.arange(800))
    assert block is not None
    assert all(len(set(block[when == at].tolist())) == 1 for at in range(40))


@pytest.mark.parametrize("shift", [0.0, 1.7e9, -1e10])
def test_the_epoch_does_not_matter(shift: float) -> None:
    when = np.random.default_rng(1).permutation(500) * 3600.0
    plain, moved = blocks(when, np.arange(500)), blocks(when + shift, np.arange(500))
    assert plain is not None
    assert moved is not None
    assert np.array_equal(plain, moved)


def test_too_few_dates_are_no_order() -> None:
    many = np.arange(1_000.0)
    assert blocks(many[: LEAST_LATER - 1], np.arange(LEAST_LATER - 1)) is None
    assert blocks(many[:LEAST_LATER], np.arange(LEAST_LATER)) is not None
    many[:210] = np.nan
    assert blocks(many, np.arange(1_000)) is None, "a fifth undated is too many"
    assert blocks(np.full(1_000, np.nan), np.arange(1_000)) is None
    assert blocks(np.empty(0), np.empty(0, np.int64)) is None


def test_one_date_for_all_is_no_order() -> None:
    assert blocks(np.full(1_000, 5.0), np.arange(1_000)) is None
    most = np.where(np.arange(1_000) < 500, 7.0, np.arange(1_000.0))
    assert blocks(most, np.arange(1_000)) is None
