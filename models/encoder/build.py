"""An encoder to ship, and others that have not seen the texts they are asked about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from features.hashing import read
from models.core.folds import BLOCKS, blocks, deal
from models.core.labels import Encoded
from models.core.scorer import FitData, FittedScorer, HeadFit, HeldOutScores
from models.encoder.scorer import EncoderScorer
from models.encoder.settings import EncoderSettings

_VALID = 10
"""One in so many texts tells the encoder when to stop."""

_LEAST_VALID = 300


def build(data: FitData, settings: EncoderSettings, folds: int, seed: int) -> FittedScorer:
    """The encoder to ship, and scores of held-out texts by encoders that had not seen them.

    Args:
        folds: how many fifths are held out in turn, 1 to 5.
        seed: of the folds.
    """
    n = len(data.texts)
    block = None if data.when is None else blocks(data.when, data.groups)
    parts = _parts(block, data.encoded, data.groups, folds, seed, n)
    held = np.zeros(n, bool)
    scores = {head: np.zeros((n, len(spec[0])), np.float32) for head, spec in data.encoded.items()}
    total = len(parts) + 1

    def fit(rows: NDArray[np.bool_], number: int) -> EncoderScorer:
        at = np.flatnonzero(rows)
        return EncoderScorer.fit(
            [data.texts[i] for i in at.tolist()],
            _cut(data.encoded, at, n),
            settings=settings,
            valid=_valid(data.groups[at]),
            checkpoint=None if data.checkpoint is None else data.checkpoint / f"part{number}",
            progress=lambda _what, share: data.progress("训练编码器", (number + share) / total),
        )

    for number, (learned, out) in enumerate(parts):
        one = fit(learned, number)
        at = np.flatnonzero(out)
        found = one.score(read([data.texts[i] for i in at.tolist()])).scores
        column = 0
        for head, spec in data.encoded.items():
            scores[head][at] = found[:, column : column + len(spec[0])]
            column += len(spec[0])
        held |= out
    shipped = fit(np.ones(n, bool), len(parts))
    return FittedScorer(
        shipped,
        {
            head: _head_fit(held, scores[head], rows, later=block is not None)
            for head, (_, rows, _) in data.encoded.items()
        },
    )


def _head_fit(held: NDArray[np.bool_], scores: NDArray[np.float32], rows: NDArray[np.int64], *, later: bool) -> HeadFit:
    """(n,) which texts were held out and their (n, k) scores, as places among the labelled ``rows`` (m,)."""
    at = np.flatnonzero(held[rows])
    found = HeldOutScores(at, scores[rows[at]])
    return HeadFit(None, found) if later else HeadFit(found)


def _parts(
    block: NDArray[np.int64] | None,
    encoded: Mapping[str, Encoded],
    groups: NDArray[np.int64],
    folds: int,
    seed: int,
    n: int,
) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(learned, held out) masks over the texts, as many as ``folds``: the last blocks in time, or folds where there are none."""
    if block is not None:
        last = range(BLOCKS - min(folds, 3), BLOCKS)
        return [(block < b, block == b) for b in last]
    _, rows, truth = next(iter(encoded.values()))
    label = np.full(n, -1, np.int64)
    label[rows] = truth
    fold = deal("encoder", label + 1, groups, int(label.max()) + 2, seed)
    return [(fold != f, fold == f) for f in range(min(folds, int(fold.max()) + 1))]


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
