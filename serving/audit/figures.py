"""The audit's estimates: per head, and within a head per class, channel and model version. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from serving.audit.audits import QUEUE_HEAD, Answered, Audit, Automatic
from serving.audit.estimate import LEVEL, estimate, interval, weights, worst

STATES = ("answered", "open", "late", "void")

_FAR = 4.0
"""Standard deviations by which the number of drawn tickets may miss what the rates expect."""


def figures(audits: Sequence[Audit], automatic: Automatic, corrected: int, heads: Sequence[str]) -> dict[str, Any]:
    """Plain data: how complete the audit is, and what it says.

    Args:
        audits: all that were drawn, answered or not.
        automatic: the tickets they were drawn from.
        corrected: how many of all automatic tickets were changed by people who saw the prediction; makes the naive figure
            that stands beside the true one.
    """
    sample = _sample(audits, automatic.covered)
    population = automatic if sample["consistent"] else None
    weight = weights(np.array([a.rate for a in audits]), np.array([a.state == "answered" for a in audits], bool))
    answered = [(a.answer, float(w)) for a, w in zip(audits, weight, strict=True) if a.answer is not None]
    return {
        "level": LEVEL,
        "automatic": automatic.total,
        "covered": automatic.covered,
        "audits": sample,
        "heads": {head: _head(head, answered, population, sample["missing"]) for head in heads},
        "naive": {"head": QUEUE_HEAD, **_naive(corrected, automatic.total)},
    }


def _sample(audits: Sequence[Audit], total: int) -> dict[str, Any]:
    """How many were drawn and answered, and whether as many were drawn as the rates say.

    Were the audit switched off for a while, the drawn tickets would not stand for all of the window: then
    ``consistent`` is False and no estimate claims to know how many answers it stands for.
    """
    counts = {state: sum(a.state == state for a in audits) for state in STATES}
    stands_for = sum(1 / a.rate for a in audits)
    spread = math.sqrt(sum((1 - a.rate) / a.rate**2 for a in audits))
    missing = len(audits) - counts["answered"]
    rates = sorted({a.rate for a in audits})
    return {
        "drawn": len(audits),
        **counts,
        "missing": missing,
        "missing_share": round(missing / len(audits), 6) if audits else None,
        "stands_for": round(stands_for, 1),
        "consistent": bool(audits) and abs(stands_for - total) <= _FAR * spread + 0.5,
        "rates": [
            {
                "rate": rate,
                "drawn": sum(a.rate == rate for a in audits),
                "answered": sum(a.rate == rate and a.state == "answered" for a in audits),
            }
            for rate in rates
        ],
    }


def _head(
    head: str,
    audits: list[tuple[Answered, float]],
    population: Automatic | None,
    missing: int,
) -> dict[str, Any]:
    mine = [(a, w) for a, w in audits if head in a.said and head in a.right]
    known = population if head == QUEUE_HEAD else None  # of the other heads nobody counts the automatic answers
    kinds: dict[str, Callable[[Answered], str]] = {
        "class": lambda a: a.said[head],
        "channel": lambda a: a.channel,
        "version": lambda a: a.version,
    }
    parts: dict[str, Any] = {}
    for kind, value in kinds.items():
        there = {value(a) for a, _ in mine} | (set(known.by[kind]) if known else set())
        parts[kind] = {
            v: _estimate(head, [x for x in mine if value(x[0]) == v], known.by[kind].get(v, 0) if known else None)
            for v in sorted(there)
        }
    every = _estimate(head, mine, known.covered if known else None)
    unsaid = sum(head in a.said and head not in a.right for a, _ in audits)
    low, high = worst(every["wrong"], every["n"], missing + unsaid)
    return {
        "all": every,
        "worst": {"low": round(low, 6), "high": round(high, 6)},
        "by": parts,
    }


def _naive(corrected: int, total: int) -> dict[str, Any]:
    """What the corrections alone would claim: nobody changed it, so it was right. Looks as exact as it is wrong."""
    if not total:
        return {"n": 0, "wrong": 0, "error": None, "low": None, "high": None}
    low, high = interval(corrected, total)
    return {"n": total, "wrong": corrected, "error": corrected / total, "low": low, "high": high}


def _estimate(head: str, answers: list[tuple[Answered, float]], population: int | None) -> dict[str, Any]:
    wrong = np.array([a.said[head] != a.right[head] for a, _ in answers], bool)
    return estimate(wrong, np.array([w for _, w in answers]), population).to_json()
