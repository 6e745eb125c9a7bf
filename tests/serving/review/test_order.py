"""The rank of an item and the lanes: what may never turn round, for any numbers."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.review.order import LANES, LEAST, TOP, lanes, rank

share = st.floats(0, 1)
count = st.integers(0, 10_000)
wait = st.timedeltas(timedelta(days=-1), timedelta(days=400))
reason = st.sampled_from(sorted(LEAST))


@given(reason, st.floats(-1, 2), count, st.floats(0, 1e6), st.floats(0, 1e6), wait)
def test_ranks_have_bounds(
    why: str, uncertainty: float, copies: int, labelled: float, typical: float, waited: timedelta
) -> None:
    value = rank(why, uncertainty, copies=copies, labelled=labelled, typical=typical, waited=waited)
    assert 0.0 <= value <= TOP < 1000


@given(reason, share, share, count, st.floats(0, 1e6), wait)
def test_less_sure_comes_sooner(
    why: str, one: float, other: float, copies: int, labelled: float, waited: timedelta
) -> None:
    low, high = sorted((one, other))
    ranks = [rank(why, u, copies=copies, labelled=labelled, typical=100.0, waited=waited) for u in (low, high)]
    assert ranks[0] <= ranks[1]


@given(share, count, count, wait, wait)
def test_copies_go_back_and_waiting_comes_forward(
    uncertainty: float, one: int, other: int, before: timedelta, after: timedelta
) -> None:
    few, many = sorted((one, other))
    assert rank("unsure", uncertainty, copies=few) >= rank("unsure", uncertainty, copies=many)
    short, long = sorted((before, after))
    assert rank("unsure", uncertainty, waited=short) <= rank("unsure", uncertainty, waited=long)


def test_a_class_with_few_corrections_comes_sooner() -> None:
    ranks = [rank("unsure", 0.5, labelled=n, typical=100.0) for n in (0, 100, 1000)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0] > 1.9 * ranks[1]
    assert rank("unsure", 0.5) == rank("unsure", 0.5, labelled=0, typical=0)


def test_the_tenth_copy_of_the_least_sure_comes_after_a_single_ticket_of_little_doubt() -> None:
    assert rank("unsure", 1.0, copies=9) < rank("unsure", 0.2)


@given(st.floats(0, 1, exclude_max=True), share)
def test_lanes_look_everywhere_once(pick: float, random_share: float) -> None:
    order = lanes(pick, random_share)
    assert order[0] in LANES
    assert order == ("random",) if pick < random_share else sorted(order) == sorted(LANES)


@pytest.mark.parametrize("random_share", [0.0, 0.1, 0.5])
def test_each_lane_has_its_share(random_share: float) -> None:
    n = 10_000
    first = Counter(lanes((i + 0.5) / n, random_share)[0] for i in range(n))
    rest = 1 - random_share
    expected = {"random": random_share, "reported": 0.2 * rest, "blind": 0.25 * rest, "ranked": 0.55 * rest}
    for lane, value in expected.items():
        assert first[lane] / n == pytest.approx(value, abs=0.001)
