"""The audit's estimates: per head, and within a head per class, channel and model version. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypedDict, get_args

import numpy as np

from serving.audit.audits import QUEUE_HEAD, Answered, Audit, AuditState, Automatic, Part
from serving.audit.estimate import LEVEL, EstimateJson, ShareJson, estimate, interval, weights, worst

STATES: tuple[AuditState, ...] = get_args(AuditState)

_FAR = 4.0
"""Standard deviations by which the number of drawn tickets may miss what the rates expect."""


class RateSample(TypedDict):
    """Tickets that were drawn at one rate."""

    rate: float
    drawn: int
    answered: int


class AuditSample(TypedDict):
    """How many tickets were drawn, and what became of them; ``missing`` are those not answered.

    ``stands_for``: how many automatic tickets the drawn ones stand for; ``consistent``: whether there were as many.
    """

    drawn: int
    answered: int
    open: int
    late: int
    void: int
    missing: int
    missing_share: float | None
    stands_for: float
    consistent: bool
    rates: list[RateSample]


class WorstCase(TypedDict):
    """The error if all that nobody answered were right, and if all were wrong."""

    low: float
    high: float


class HeadFigures(TypedDict):
    """One head's error: of all, in the worst case, and by :data:`Part` and its value."""

    all: EstimateJson
    worst: WorstCase
    by: dict[Part, dict[str, EstimateJson]]


class NaiveShare(ShareJson):
    """What the corrections alone would claim of ``head``."""

    head: str


class Figures(TypedDict):
    """How complete the audit is, and what it says."""

    level: float
    automatic: int
    covered: int
    audits: AuditSample
    heads: dict[str, HeadFigures]
    naive: NaiveShare


def figures(audits: Sequence[Audit], automatic: Automatic, corrected: int, heads: Sequence[str]) -> Figures:
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


def _sample(audits: Sequence[Audit], total: int) -> AuditSample:
    """How many were drawn and answered, and whether as many were drawn as the rates say.

    Were the audit switched off for a while, the drawn tickets would not stand for all of the window: then
    ``consistent`` is False and no estimate claims to know how many answers it stands for.
    """
    counts = Counter(a.state for a in audits)
    stands_for = sum(1 / a.rate for a in audits)
    spread = math.sqrt(sum((1 - a.rate) / a.rate**2 for a in audits))
    missing = len(audits) - counts["answered"]
    rates = sorted({a.rate for a in audits})
    return {
        "drawn": len(audits),
        "answered": counts["answered"],
        "open": counts["open"],
        "late": counts["late"],
        "void": counts["void"],
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
) -> HeadFigures:
    mine = [(a, w) for a, w in audits if head in a.said and head in a.right]
    known = population if head == QUEUE_HEAD else None  # of the other heads nobody counts the automatic answers
    kinds: dict[Part, Callable[[Answered], str]] = {
        "class": lambda a: a.said[head],
        "channel": lambda a: a.channel,
        "version": lambda a: a.version,
    }
    parts: dict[Part, dict[str, EstimateJson]] = {}
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


def _naive(corrected: int, total: int) -> ShareJson:
    """What the corrections alone would claim: nobody changed it, so it was right. Looks as exact as it is wrong."""
    if not total:
        return {"n": 0, "wrong": 0, "error": None, "low": None, "high": None}
    low, high = interval(corrected, total)
    return {"n": total, "wrong": corrected, "error": corrected / total, "low": low, "high": high}


def _estimate(head: str, answers: list[tuple[Answered, float]], population: int | None) -> EstimateJson:
    wrong = np.array([a.said[head] != a.right[head] for a, _ in answers], bool)
    return estimate(wrong, np.array([w for _, w in answers]), population).to_json()
