"""Scores of tickets by scorers that had not seen them: what calibration, decision and limits stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.calibration.choice import fit_method
from models.calibration.methods import Calibrator
from models.core.folds import deal
from models.core.pool import fit_pool, pool
from models.core.reliability import LEAST, log_losses
from models.core.scorer import HeadFit, HeldOutScores

_PAYS = 0.005
"""A blend is taken for a head when it lowers the held-out log loss by this share."""


class UnseenScores(NamedTuple):
    """Scores of tickets by scorers that had not seen them. ``scores``: per member (m, k); ``truth``, ``fold``, ``group``: (m,);
    ``how``: "later" where the scorers knew the past only, else "unseen"."""

    scores: list[NDArray[np.float32]]
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]
    group: NDArray[np.int64]
    how: str


def held_of(
    members: Sequence[HeadFit],
    head: str,
    rows: NDArray[np.int64],
    truth: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> tuple[UnseenScores, UnseenScores | None]:
    """The tickets of a head that every member scored without having seen them, and those that every member scored knowing
    nothing but the past, where the first are more than that; None where a member has no such scores."""

    def joined(parts: Sequence[HeldOutScores], how: str) -> UnseenScores:
        at = parts[0].at if len(parts) == 1 else _common([part.at for part in parts])
        scores = [part.scores if len(parts) == 1 else part.scores[_places(part.at, at, len(rows))] for part in parts]
        fold = next((member.fold for member in members if member.fold is not None), None)
        if fold is None:
            return UnseenScores(
                scores,
                truth[at],
                deal(head, truth[at], groups[rows[at]], int(truth.max()) + 1, 0),
                groups[rows[at]],
                how,
            )
        return UnseenScores(scores, truth[at], fold[at], groups[rows[at]], how)

    unseen = [member.unseen for member in members if member.unseen is not None]
    later = [member.later for member in members if member.later is not None]
    if len(unseen) == len(members):
        return joined(unseen, "unseen"), joined(later, "later") if len(later) == len(members) else None
    best = [member.later or member.unseen for member in members]
    return joined([part for part in best if part is not None], "later"), None


def _common(places: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """(j,) ascending, what all have."""
    out = places[0]
    for other in places[1:]:
        out = np.intersect1d(out, other)
    return np.sort(out)


def _places(at: NDArray[np.int64], wanted: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """(j,) where in ``at`` the ``wanted`` stand; numbers below ``n``."""
    place = np.full(n, -1, np.int64)
    place[at] = np.arange(len(at))
    return place[wanted]


def pooled_of(held: UnseenScores) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Members' weights and the pooled scores; all but the first get 0 where they do not pay."""
    if len(held.scores) == 1:
        return np.ones(1), held.scores[0]
    shares = fit_pool(held.scores, held.truth)
    if not _blend_pays(held):
        shares = np.eye(len(held.scores))[0]
    return shares, pool(held.scores, shares)


def _blend_pays(held: UnseenScores) -> bool:
    """Whether pooling lowers the log loss on tickets that neither pool nor calibration were fitted on."""
    alone: list[NDArray[np.float64]] = []
    both: list[NDArray[np.float64]] = []
    for f in np.unique(held.fold):
        kept, out = held.fold != f, held.fold == f
        if not kept.any():
            return False
        shares = fit_pool([s[kept] for s in held.scores], held.truth[kept])
        for scores, losses in ((held.scores[0], alone), (pool(held.scores, shares), both)):
            fitted = fit_method("temperature", scores[kept], held.truth[kept])
            losses.append(log_losses(fitted.apply(scores[out]), held.truth[out], LEAST))
    return float(np.concatenate(both).mean()) < (1 - _PAYS) * float(np.concatenate(alone).mean())


def crossed(
    method: str, scores: NDArray[np.float32], truth: NDArray[np.int64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(m, k) probabilities, each by a calibration that had not seen the ticket: limits are tested on these."""
    out = np.empty(scores.shape, np.float64)
    for f in np.unique(fold):
        kept = fold != f
        one: Calibrator = fit_method(
            method, scores[kept] if kept.any() else scores, truth[kept] if kept.any() else truth
        )
        out[fold == f] = one.apply(scores[fold == f])
    return out
