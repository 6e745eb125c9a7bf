"""Which labels people take for each other: pairs of labels, never of people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from serving.audit.agreement import Answers

SHOWN = 12
"""Pairs that are listed, the most frequent first."""


def confusion(tickets: Sequence[Answers]) -> dict[str, Any]:
    """Label pairs that were given to the same ticket by different people.

    A ticket counts once, however many people labelled it: each of its pairs of people counts as one share of it.

    Returns:
        ``tickets`` labelled by two or more, ``pairs`` [{a, b, tickets, share}], the most frequent first: ``tickets`` are
        (shares of) tickets on which one said a and another b, ``share`` is that of the tickets on which a or b was said.
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
    found: list[dict[str, Any]] = [
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
