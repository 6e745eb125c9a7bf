"""One label a head from what several people said: adjudicated over agreed over latest, conflicts counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.exchange.resolve import HOW, Counts, Label, Said, resolve, weakest

START = datetime(2026, 11, 1, tzinfo=UTC)


def said(by: str, minute: int, source: str = "reviewer", **labels: str) -> Said:
    return Said(f"{minute:04d}", by, source, START + timedelta(minutes=minute), labels)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([said("a", 1, category="x")], Label("x", "latest")),
        ([said("a", 1, category="x"), said("b", 2, category="x")], Label("x", "agreed")),
        ([said("a", 1, category="x"), said("b", 2, category="y")], Label("y", "latest", True)),
        ([said("a", 1, category="x"), said("a", 2, category="y")], Label("y", "latest")),
        ([said("a", 1, category="x"), said("a", 2, category="y"), said("b", 3, category="y")], Label("y", "agreed")),
        (
            [said("l", 3, "lead", category="x"), said("a", 1, category="y"), said("b", 2, category="y")],
            Label("x", "adjudicated", True),
        ),
        (
            [said("l", 1, "lead", category="x"), said("a", 2, category="y"), said("b", 3, category="y")],
            Label("x", "adjudicated", True),
        ),
        ([said("l", 1, "lead", category="x"), said("m", 2, "lead", category="y")], Label("y", "adjudicated", True)),
        ([said("h", 1, "helpdesk", category="x"), said("i", 2, "import", category="x")], Label("x", "agreed")),
    ],
)
def test_who_is_believed(words: list[Said], expected: Label) -> None:
    for order in permutations(words):
        assert resolve(order) == {"category": expected}


def test_heads_are_settled_each_for_itself() -> None:
    found = resolve(
        [
            said("a", 1, category="x", urgency="high"),
            said("b", 2, category="y", urgency="high"),
            said("l", 3, "lead", category="x"),
            said("b", 4, sentiment="neutral"),
        ]
    )
    assert found == {
        "category": Label("x", "adjudicated", True),
        "urgency": Label("high", "agreed"),
        "sentiment": Label("neutral", "latest"),
    }
    assert list(found) == ["category", "urgency", "sentiment"]
    assert weakest(found.values()) == "latest"


def test_words_of_one_moment_are_ordered_by_their_ids() -> None:
    one = Said("1", "a", "reviewer", START, {"category": "x"})
    two = Said("2", "b", "reviewer", START, {"category": "y"})
    assert resolve([two, one])["category"].code == "y"


def test_nothing_said_is_no_label() -> None:
    assert resolve([]) == {}
    assert resolve([said("a", 1)]) == {}


def test_counts_add_up() -> None:
    counts = Counts()
    counts.count({"category": Label("x", "adjudicated", True), "urgency": Label("high", "agreed", False)})
    counts.count({"category": Label("x", "latest", True)})
    assert counts.rows == 2
    assert counts.how == {"latest": 1, "agreed": 1, "adjudicated": 0}
    assert counts.conflicts == {"category": 2, "urgency": 0, "sentiment": 0}


_WORDS = st.lists(
    st.builds(
        said,
        st.sampled_from("abc"),
        st.integers(0, 9),
        st.sampled_from(["reviewer", "lead", "helpdesk", "import"]),
        category=st.sampled_from("xyz"),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.id,
)


@given(_WORDS)
def test_what_always_holds(words: list[Said]) -> None:
    label = resolve(words)["category"]
    spoken = {one.labels["category"] for one in words}
    assert label.code in spoken
    assert label.how in HOW
    assert (label.how == "adjudicated") == any(one.source == "lead" for one in words)
    assert not (label.how == "agreed" and label.conflict)
    assert resolve(words[::-1]) == resolve(words)
