"""The encoder in a model's fit: one to ship, and others that have not seen the texts they are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.hashing import read
from models.core.folds import BLOCKS, blocks, deal
from models.fit.plan import FitPlan
from models.linear.fit import Encoded
from models.promise.held_out import EncoderUnseen

if TYPE_CHECKING:
    from models.encoder import EncoderScorer

_VALID = 10
"""One in so many texts tells the encoder when to stop."""

_LEAST_VALID = 300


def fit_encoder(
    texts: Sequence[str], encoded: Mapping[str, Encoded], plan: FitPlan
) -> tuple[EncoderScorer, EncoderUnseen]:
    """The encoder to ship, and scores of held-out texts by encoders that had not seen them."""
    from models.encoder import EncoderScorer, EncoderSettings

    settings = plan.encoder or EncoderSettings(seed=plan.seed)
    n = len(texts)
    block = None if plan.when is None else blocks(plan.when, plan.groups)
    parts, how = _parts(block, encoded, plan, n)
    held = np.zeros(n, bool)
    scores = {head: np.zeros((n, len(spec[0])), np.float32) for head, spec in encoded.items()}
    total = len(parts) + 1

    def fit(rows: NDArray[np.bool_], number: int) -> EncoderScorer:
        at = np.flatnonzero(rows)
        return EncoderScorer.fit(
            [texts[i] for i in at.tolist()],
            _cut(encoded, at, n),
            settings=settings,
            valid=_valid(plan.groups[at]),
            checkpoint=None if plan.checkpoint is None else plan.checkpoint / f"part{number}",
            progress=lambda _what, share: plan.progress("训练编码器", (number + share) / total),
        )

    for number, (learned, out) in enumerate(parts):
        one = fit(learned, number)
        at = np.flatnonzero(out)
        found = one.score(read([texts[i] for i in at.tolist()])).scores
        column = 0
        for head, spec in encoded.items():
            scores[head][at] = found[:, column : column + len(spec[0])]
            column += len(spec[0])
        held |= out
    return fit(np.ones(n, bool), len(parts)), (held, scores, how)


def _parts(
    block: NDArray[np.int64] | None, encoded: Mapping[str, Encoded], plan: FitPlan, n: int
) -> tuple[list[tuple[NDArray[np.bool_], NDArray[np.bool_]]], str]:
    """(learned, held out) masks over the texts, as many as the plan's ``encoder_folds``."""
    if block is not None:
        last = range(BLOCKS - min(plan.encoder_folds, 3), BLOCKS)
        return [(block < b, block == b) for b in last], "later"
    _, rows, truth = next(iter(encoded.values()))
    label = np.full(n, -1, np.int64)
    label[rows] = truth
    fold = deal("encoder", label + 1, plan.groups, int(label.max()) + 2, plan.seed)
    return [(fold != f, fold == f) for f in range(min(plan.encoder_folds, int(fold.max()) + 1))], "unseen"


def _cut(encoded: Mapping[str, Encoded], at: NDArray[np.int64], n: int) -> dict[str, Encoded]:
    """The labels of the texts ``at``, renumbered."""
    place = np.full(n, -1, np.int64)
    place[at] = np.arange(len(at))
    out = {}
    for head, (labels, rows, truth) in encoded.items():
        kept = place[rows] >= 0
        out[head] = (labels, place[rows][kept], truth[kept])
    return out


def _valid(groups: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Every tenth group; None where that would be too few to tell anything."""
    names, member = np.unique(groups, return_inverse=True)
    if len(names) < _LEAST_VALID:
        return None
    chosen = np.zeros(len(names), bool)
    chosen[np.random.default_rng(0).permutation(len(names))[: len(names) // _VALID]] = True
    out: NDArray[np.bool_] = chosen[member]
    return out
