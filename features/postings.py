"""Postings: which text holds a feature, and with what weight, feature after feature; adding them up scores all texts at once."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def add_up(at, values, start, owner, weight, scores):  # type: ignore[no-untyped-def]
    """Adds to ``scores[t]`` the sum over the features of value x weight in text ``t`` (term at a time; Turtle and Flood 1995).

    Args:
        at: (n,) rows of the features asked for, integers.
        values: (n,) their weights in the question, float64.
        start: (features + 1,) where the postings of each feature begin and end, integers.
        owner: (postings,) the text of each posting, integers.
        weight: (postings,) its weight there, float64.
        scores: (texts,) float64, changed in place.
    """
    for i in range(at.shape[0]):
        for place in range(start[at[i]], start[at[i] + 1]):
            scores[owner[place]] += values[i] * weight[place]
