"""One label a head from what several people said: adjudicated over agreed over latest, conflicts counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.labels import HOW, EffectiveLabel, LabelTally, Said, effective, weakest

START = datetime(2026, 11, 1, tzinfo=UTC)


def said(by: str, minute: int, source: str = "reviewer", **labels: str) -> Said:
    return Said(f"{minute:04d}", by, source, START + timedelta(minutes=minute), labels)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([said("a", 1, category="x")], EffectiveLabel("x", "latest")),
        ([said("a", 1, category="x"), said("b", 2, category="x")], EffectiveLabel("x", "agreed")),
        ([said("a", 1, category="x"), said("b", 2, category="y")], EffectiveLabel("y", "latest", True)),
        ([said("a", 1, category="x"), said("a", 2, category="y")], EffectiveLabel("y", "latest")),
        (
            [said("a", 1, category="x"), said("a", 2, category="y"), said("b", 3, category="y")],
            EffectiveLabel("y", "agreed"),
        ),
        (
            [said("l", 3, "lead", category="x"), said("a", 1, category="y"), said("b", 2, category="y")],
            EffectiveLabel("x", "adjudicated", True),
        ),
        (
            [said("l", 1, "lead", category="x"), said("a", 2, category="y"), said("b", 3, category="y")],
            EffectiveLabel("x", "adjudicated", True),
        ),
        (
            [said("l", 1, "lead", category="x"), said("m", 2, "lead", category="y")],
            EffectiveLabel("y", "adjudicated", True),
        ),
        ([said("h", 1, "helpdesk", category="x"), said("i", 2, "import", category="x")], EffectiveLabel("x", "agreed")),
    ],
)
def test_who_is_believed(words: list[Said], expected: EffectiveLabel) -> None:
    for order in permutations(words):
        assert effective(order) == {"category": expected}


def test_heads_are_settled_each_for_itself() -> None:
    found = effective(
        [
            said("a", 1, category="x", urgency="high"),
            said("b", 2, category="y", urgency="high"),
            said("l", 3, "lead", category="x"),
            said("b", 4, sentiment="neutral"),
        ]
    )
    assert found == {
        "category": EffectiveLabel("x", "adjudicated", True),
        "urgency": EffectiveLabel("high", "agreed"),
        "sentiment": EffectiveLabel("neutral", "latest"),
    }
    assert list(found) == ["category", "urgency", "sentiment"]
    assert weakest(found.values()) == "latest"


def test_words_of_one_moment_are_ordered_by_their_ids() -> None:
    one = Said("1", "a", "reviewer", START, {"category": "x"})
    two = Said("2", "b", "reviewer", START, {"category": "y"})
    assert effective([two, one])["category"].code == "y"


def test_nothing_said_is_no_label() -> None:
    assert effective([]) == {}
    assert effective([said("a", 1)]) == {}


def test_counts_add_up() -> None:
    counts = LabelTally()
    counts.count(
        {"category": EffectiveLabel("x", "adjudicated", True), "urgency": EffectiveLabel("high", "agreed", False)}
    )
    counts.count({"category": EffectiveLabel("x", "latest", True)})
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
    label = effective(words)["category"]
    spoken = {one.labels["category"] for one in words}
    assert label.code in spoken
    assert label.how in HOW
    assert (label.how == "adjudicated") == any(one.source == "lead" for one in words)
    assert not (label.how == "agreed" and label.conflict)
    assert effective(words[::-1]) == effective(words)
