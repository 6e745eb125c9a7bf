"""Which labels people take for each other: pairs of labels, never of people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import TypedDict

from serving.audit.agreement import Answers

SHOWN = 12
"""Pairs that are listed, the most frequent first."""


class ConfusedPair(TypedDict):
    """Two labels: (shares of) ``tickets`` on which one said ``a`` and another ``b``, of those on which a or b was said."""

    a: str
    b: str
    tickets: float
    share: float


class Confusion(TypedDict):
    """``tickets`` labelled by two or more, ``kinds`` of pairs there are, and the most frequent ``pairs`` first."""

    tickets: int
    kinds: int
    pairs: list[ConfusedPair]


def confusion(tickets: Sequence[Answers]) -> Confusion:
    """Label pairs that were given to the same ticket by different people.

    A ticket counts once, however many people labelled it: each of its pairs of people counts as one share of it.
    """
    apart: dict[tuple[str, str], float] = {}
    with_label: Counter[str] = Counter()
    with_both: Counter[tuple[str, str]] = Counter()
    shared = [[label for _, label in answers] for answers in tickets if len(answers) > 1]
    for labels in shared:
        pairs = list(combinations(sorted(labels), 2))
        for a, b in pairs:
            if a != b:
                apart[a, b] = apart.get((a, b), 0.0) + 1 / len(pairs)
        kinds = sorted(set(labels))
        with_label.update(kinds)
        with_both.update(combinations(kinds, 2))
    found: list[ConfusedPair] = [
        {
            "a": a,
            "b": b,
            "tickets": round(count, 2),
            "share": round(count / (with_label[a] + with_label[b] - with_both[a, b]), 4),
        }
        for (a, b), count in apart.items()
    ]
    found.sort(key=lambda pair: (-pair["tickets"], pair["a"], pair["b"]))
    return {"tickets": len(shared), "kinds": len(found), "pairs": found[:SHOWN]}
