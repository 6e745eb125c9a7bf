"""Scores of tickets by scorers that had not seen them: what calibration, decision and limits stand on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.calibration.choice import fit_method
from models.calibration.methods import Calibrator
from models.core.folds import deal
from models.core.pool import fit_pool, pool
from models.core.reliability import LEAST, log_losses
from models.linear.fit import FittedHead

_PAYS = 0.005
"""A blend is taken for a head when it lowers the held-out log loss by this share."""

EncoderUnseen = tuple[NDArray[np.bool_], dict[str, NDArray[np.float32]], str]
"""(texts,) mask of the held-out texts; head -> (texts, labels) scores, of those; "later" or "unseen"."""


class UnseenScores(NamedTuple):
    """Scores of tickets by scorers that had not seen them. ``scores``: per member (m, k); ``truth``, ``fold``, ``group``: (m,);
    ``how``: "later" where the scorers knew the past only, else "unseen"."""

    scores: list[NDArray[np.float32]]
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]
    group: NDArray[np.int64]
    how: str


def held_of(
    fitted: FittedHead | None,
    encoder: EncoderUnseen | None,
    head: str,
    rows: NDArray[np.int64],
    truth: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> UnseenScores:
    """The tickets of a head that every member scored without having seen them."""
    if encoder is None:
        assert fitted is not None
        return UnseenScores([fitted.unseen], truth, fitted.fold, groups[rows], "unseen")
    mask, scores, how = encoder
    at = np.flatnonzero(mask[rows])
    if fitted is None:
        fold = deal(head, truth[at], groups[rows[at]], int(truth.max()) + 1, 0)
        return UnseenScores([scores[head][rows[at]]], truth[at], fold, groups[rows[at]], how)
    first = fitted.unseen[at]
    if how == "later" and len(fitted.later):
        place = np.full(len(rows), -1, np.int64)
        place[fitted.later] = np.arange(len(fitted.later))
        at = at[place[at] >= 0]
        first = fitted.from_past[place[at]]
    return UnseenScores([first, scores[head][rows[at]]], truth[at], fitted.fold[at], groups[rows[at]], how)


def later_of(fitted: FittedHead, groups: NDArray[np.int64]) -> UnseenScores | None:
    """The tickets with a past, scored by machines that knew nothing else; None where dates are unknown."""
    at = fitted.later
    if not len(at):
        return None
    return UnseenScores([fitted.from_past], fitted.truth[at], fitted.fold[at], groups[fitted.rows[at]], "later")


def pooled_of(held: UnseenScores) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Members' weights and the pooled scores; a second member gets 0 where it does not pay."""
    if len(held.scores) == 1:
        return np.ones(1), held.scores[0]
    shares = fit_pool(held.scores, held.truth)
    if not _blend_pays(held):
        shares = np.array([1.0, 0.0])
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
