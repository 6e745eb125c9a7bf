"""The draw of the blind audit: true to its rate, the same for every worker, not to be foretold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.review.blind import Draw, read_draw, set_rate
from serving.review.draw import chance, drawn
from serving.store import Store
from tests.serving.builders import NOW, run

KEY = bytes(32)
ids = st.text(min_size=1, max_size=128)


@given(ids, st.integers(1, 1000), st.floats(0, 1), st.floats(0, 1))
def test_whoever_is_drawn_at_a_low_rate_is_drawn_at_a_higher_one(
    ticket_id: str, revision: int, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert drawn(KEY, "blind", ticket_id, revision, low) <= drawn(KEY, "blind", ticket_id, revision, high)
    assert not drawn(KEY, "blind", ticket_id, revision, 0.0)
    assert drawn(KEY, "blind", ticket_id, revision, 1.0)


@given(st.binary(min_size=1, max_size=64), ids)
def test_chance_is_in_its_bounds(key: bytes, ticket_id: str) -> None:
    assert 0.0 <= chance(key, "lot", ticket_id, 1) < 1.0


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_the_share_is_the_rate(rate: float) -> None:
    n = 20_000
    hits = sum(drawn(KEY, "blind", f"T-{i}", 1, rate) for i in range(n))
    assert abs(hits / n - rate) < 5 * (rate * (1 - rate) / n) ** 0.5


def test_key_purpose_and_revision_change_the_draw() -> None:
    def hits(key: bytes, purpose: str, revision: int) -> set[int]:
        return {i for i in range(2000) if drawn(key, purpose, f"T-{i}", revision, 0.5)}

    first = hits(KEY, "blind", 1)
    for other in (hits(b"another", "blind", 1), hits(KEY, "overlap", 1), hits(KEY, "blind", 2)):
        assert 400 < len(first & other) < 600  # independent: a quarter of 2,000


def test_the_key_is_random_and_stays(any_store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = run(any_store.write(read_draw))
    assert len(first.key) == 32
    assert run(any_store.read(read_draw)) == first
    other = Store(f"sqlite:///{tmp_path_factory.mktemp('other')}/fendan.db")
    assert run(other.write(read_draw)).key != first.key
    other.close()


def test_a_ticket_is_drawn_at_the_rate_of_its_own_time(any_store: Store) -> None:
    for rate, hours in ((0.02, 0), (0.02, 1), (0.1, 2), (0.0, 3)):
        run(any_store.write(lambda c, rate=rate, hours=hours: set_rate(c, rate, NOW + timedelta(hours=hours))))
    draw = run(any_store.read(read_draw))
    assert len(draw.rates) == 3
    rates = [draw.rate_at(NOW + timedelta(hours=hours)) for hours in (-1, 0, 1.5, 2, 2.9, 30)]
    assert rates == [0.0, 0.02, 0.02, 0.1, 0.1, 0.0]


def test_a_clock_that_went_back_does_not_change_the_past(store: Store) -> None:
    run(store.write(lambda c: set_rate(c, 0.02, NOW)))
    run(store.write(lambda c: set_rate(c, 0.05, NOW - timedelta(hours=1))))
    draw = run(store.read(read_draw))
    assert [rate for _, rate in draw.rates] == [0.02, 0.05]
    assert draw.rate_at(NOW) == 0.02
    assert draw.rate_at(NOW + timedelta(seconds=1)) == 0.05


def test_no_rate_no_draw() -> None:
    assert Draw(KEY).rate_at(NOW) == 0.0
