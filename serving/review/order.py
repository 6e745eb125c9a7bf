"""What to ask first. Pure.

The classes of methods are those of Settles (*Active Learning Literature Survey*, 2009): uncertainty sampling (Lewis and
Gale 1994) by margin, times a density term that keeps copies apart (here: one over the number of near-duplicates, since
tickets come in floods of copies), times what the class lacks (classes with few corrections first; Ertekin et al. 2007 for
imbalanced data), times waiting. A share of the calls takes anything at random: what the model is surely wrong about is
never uncertain, and only random tickets show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from triage.labels import AskedFor

TOP = 999.0
"""Ranks lie in [0, TOP]."""

PATIENCE = timedelta(days=3)
"""After this long, waiting counts in full: it doubles the rank."""

LEAST: Mapping[AskedFor, float] = {"unsure": 0.05, "novel": 0.7, "disagreement": 0.6, "reported": 0.9, "conflict": 1.0}
"""A reason is worth so much even where the model is sure of itself: that is what the reason is about."""

LANES: tuple[str, ...] = ("reported", "blind", "ranked", "random")

_PLACES = {"reported": 0.2, "blind": 0.25}
"""Of the calls that are not random, reported and blind items have these shares as long as there are any."""


def rank(
    reason: AskedFor,
    uncertainty: float,
    *,
    copies: int = 0,
    labelled: float = 0.0,
    typical: float = 0.0,
    waited: timedelta = timedelta(0),
) -> float:
    """The rank of an item in [0, :data:`TOP`]; the higher, the sooner.

    Args:
        uncertainty: in [0, 1] (:class:`serving.review.reasons.Doubt`).
        copies: how many others of its kind are or were asked lately.
        labelled: corrections that its class has; ``typical``: the mean over classes.
        waited: since the item was made.
    """
    worth = max(LEAST[reason], min(max(uncertainty, 0.0), 1.0))
    alone = 1.0 / (1 + max(0, copies))
    lack = (typical + 1.0) / (typical + 1.0 + max(0.0, labelled))
    wait = 0.5 + 0.5 * min(max(waited / PATIENCE, 0.0), 1.0)
    return TOP * worth * alone * lack * wait


def lanes(pick: float, random_share: float) -> tuple[str, ...]:
    """The lanes in the order in which to look for an item. ``pick``: random in [0, 1); ``random_share`` in [0, 1]."""
    if pick < random_share:
        return ("random",)
    rest = (pick - random_share) / (1.0 - random_share)
    first = "ranked"
    for lane, share in _PLACES.items():
        if rest < share:
            first = lane
            break
        rest -= share
    return (first, *(lane for lane in LANES if lane != first))
