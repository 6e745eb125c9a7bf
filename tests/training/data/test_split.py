"""The held-out part: no duplicate stands on both sides, later tickets judge, every class is learned from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.builders import corpus, starter
from training.data.corpus import Corpus
from training.data.duplicates import group
from training.data.split import split

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def days(*numbers: float | None) -> list[datetime | None]:
    return [None if n is None else DAY + timedelta(days=n) for n in numbers]


@st.composite
def cases(draw) -> tuple[Corpus, np.ndarray]:
    n = draw(st.integers(1, 60))
    groups = np.array(draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n)))
    first = {g: i for i, g in reversed(list(enumerate(groups.tolist())))}
    groups = np.array([first[g] for g in groups.tolist()])
    labels = draw(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=n, max_size=n))
    moments = draw(st.lists(st.one_of(st.integers(0, 30), st.just(None)), min_size=n, max_size=n))
    dated = draw(st.sampled_from([True, True, False]))
    return corpus(["x"] * n, {"category": labels}, days(*moments) if dated else days(*[None] * n)), groups


@settings(max_examples=300)
@given(case=cases(), share=st.sampled_from([0.1, 0.2, 0.5]), seed=st.integers(0, 5))
def test_it_is_a_partition_and_no_group_is_torn(case, share: float, seed: int) -> None:
    rows, groups = case
    found = split(rows, groups, share=share, seed=seed)
    both = np.concatenate([found.train, found.held_out])
    assert sorted(both.tolist()) == list(range(len(rows)))
    assert not set(groups[found.train].tolist()) & set(groups[found.held_out].tolist())
    again = split(rows, groups, share=share, seed=seed)
    assert np.array_equal(found.held_out, again.held_out)
    if found.how == "time":
        assert found.since is not None
        assert all(rows.created_at[i] >= found.since for i in found.held_out)
        assert len(found.held_out) <= share * len(rows)
        kept = set(groups[found.train].tolist())
        for g in kept:  # a group that is learned from began before the held-out part, or bears no date
            moments = [rows.created_at[i] for i in np.flatnonzero(groups == g)]
            assert None in moments or min(moments) < found.since
    else:
        for code in {c for c in rows.labels["category"] if c}:
            assert any(rows.labels["category"][i] == code for i in found.train), "every class is learned from"


def test_the_later_fifth_is_held_out() -> None:
    moments = list(range(100))
    rng = np.random.default_rng(1)
    rng.shuffle(moments)
    found = split(corpus(["x"] * 100, created_at=days(*moments)), np.arange(100))
    assert found.how == "time"
    assert {moments[i] for i in found.held_out} == set(range(80, 100))
    assert found.since == DAY + timedelta(days=80)


def test_a_question_that_keeps_coming_back_is_learned_from() -> None:
    groups = np.arange(100)
    groups[99] = 0
    found = split(corpus(["x"] * 100, created_at=days(*range(100))), groups)
    assert 99 in found.train
    assert 0 in found.train


def test_tickets_of_one_moment_are_not_parted() -> None:
    moments = [*range(70), *[70] * 15, *range(71, 86)]
    found = split(corpus(["x"] * 100, created_at=days(*moments)), np.arange(100))
    assert set(found.held_out) == set(range(85, 100))


def test_a_few_undated_rows_are_learned_from_and_said() -> None:
    moments = [*range(95), *[None] * 5]
    found = split(corpus(["x"] * 100, created_at=days(*moments)), np.arange(100))
    assert found.how == "time"
    assert set(range(95, 100)) <= set(found.train)
    assert "5 行没有 created_at" in found.notes[0]


def test_too_many_undated_rows_make_it_random_and_it_says_so() -> None:
    moments = [*range(80), *[None] * 20]
    found = split(corpus(["x"] * 100, created_at=days(*moments)), np.arange(100))
    assert found.how == "random"
    assert "20 行没有 created_at" in found.notes[0]


def test_times_that_do_not_tell_make_it_random_and_it_says_so() -> None:
    found = split(corpus(["x"] * 100, created_at=days(*[3] * 100)), np.arange(100))
    assert found.how == "random"
    assert "改为随机留出" in found.notes[0]


def test_the_random_part_is_even_over_the_labels() -> None:
    labels = ["a"] * 700 + ["b"] * 250 + ["c"] * 50
    found = split(corpus(["x"] * 1000, {"category": labels}), np.arange(1000), share=0.2, seed=3)
    counts = {code: sum(labels[i] == code for i in found.held_out) for code in "abc"}
    assert counts["a"] == pytest.approx(140, abs=1)
    assert counts["b"] == pytest.approx(50, abs=1)
    assert counts["c"] == pytest.approx(10, abs=1)
    other = split(corpus(["x"] * 1000, {"category": labels}), np.arange(1000), share=0.2, seed=4)
    assert set(other.held_out) != set(found.held_out)


def test_starter_tickets_are_split_by_time() -> None:
    found = split(starter(), group(starter().texts))
    assert found.how == "time"
    assert 30 <= len(found.held_out) <= 40


def test_a_share_out_of_range() -> None:
    with pytest.raises(ValueError, match="share"):
        split(corpus(["x"]), np.arange(1), share=1.0)
