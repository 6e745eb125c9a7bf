"""Default against tuned, on the fifth that no search has seen: what tuning really brought.

The paired bootstrap draws groups of near-duplicates, not tickets: copies of a ticket are not independent witnesses.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import count, read
from models.calibration.choice import choose_calibration
from models.core.decision import answers, fit_weights
from models.core.reliability import log_losses
from models.core.weight_table import to_matrix, tone_of
from models.linear.fit import fit_heads
from models.promise.held_out import crossed
from training.judge import metrics
from training.judge.intervals import DRAWS, LEVEL
from training.tune.data import HeldOut, Material, held_rows
from training.tune.space import Candidate


class Answers(NamedTuple):
    """What a model says of held-out tickets of one head: (m, k) probabilities, and (m,) what it answers."""

    probabilities: NDArray[np.float64]
    said: NDArray[np.int64]


class Comparison(NamedTuple):
    """One head on the held-out fifth.

    Attributes:
        n: tickets; ``groups``: groups of near-duplicates among them.
        default, tuned: ``log_loss``, ``accuracy`` and ``macro_f1`` of each.
        difference: the same names -> tuned minus default, and the 95 % interval of that.
        verdict: "better" or "worse" where the interval of the log loss is on one side of 0, else "same".
    """

    n: int
    groups: int
    default: dict[str, float]
    tuned: dict[str, float]
    difference: dict[str, tuple[float, float, float]]
    verdict: str

    def to_json(self) -> dict[str, Any]:
        differences = {name: [round(v, 6) for v in values] for name, values in self.difference.items()}
        sides = {side: {k: round(v, 6) for k, v in getattr(self, side).items()} for side in ("default", "tuned")}
        return {"n": self.n, "groups": self.groups, **sides, "difference": differences, "verdict": self.verdict}


def answered(
    material: Material, held: HeldOut, candidate: Candidate, heads: tuple[str, ...], *, seed: int
) -> dict[str, Answers]:
    """Fits a candidate on the development part, as ``fendan train`` would, and asks it about the held-out fifth."""
    from scipy.sparse import csr_matrix

    matrix, vocabulary = material.matrix(candidate.features)
    fitted = fit_heads(
        matrix,
        material.encoded,
        material.groups,
        seed=seed,
        recipes=candidate.heads,
        conditional=False,
        tone=tone_of(vocabulary, candidate.features),
    )
    counts = count(read(held.texts), candidate.features)
    asked = csr_matrix(to_matrix(counts, vocabulary), shape=(len(held.texts), len(vocabulary.keys)))
    out = {}
    for head in heads:
        one = fitted[head]
        rows, _ = held_rows(held, head, one.labels)
        chosen = choose_calibration(one.unseen, one.truth, groups=material.groups[one.rows], seed=seed)
        weights = fit_weights(crossed(chosen.method, one.unseen, one.truth, one.fold), one.truth, seed=seed)
        p = chosen.calibration.apply(one.svm.score(asked[rows]))
        out[head] = Answers(p, answers(p, weights))
    return out


def compare(
    material: Material, held: HeldOut, default: Candidate, tuned: Candidate, *, seed: int = 0
) -> dict[str, Comparison]:
    """Heads with held-out tickets -> how both did on them."""
    heads = tuple(h for h, (labels, *_) in material.encoded.items() if len(held_rows(held, h, labels)[0]))
    first = answered(material, held, default, heads, seed=seed)
    second = first if tuned == default else answered(material, held, tuned, heads, seed=seed)
    out = {}
    for head in heads:
        rows, truth = held_rows(held, head, material.encoded[head][0])
        out[head] = paired(first[head], second[head], truth, held.groups[rows], seed=seed)
    return out


def paired(
    default: Answers, tuned: Answers, truth: NDArray[np.int64], groups: NDArray[np.int64], *, seed: int = 0
) -> Comparison:
    """Figures of both and of their difference, with bootstrap intervals over ``groups`` (m,)."""
    _, member = np.unique(groups, return_inverse=True)
    count_groups, n = int(member.max()) + 1, len(truth)
    sides = (default, tuned)
    once = [_figures(side, truth, np.ones(n)) for side in sides]
    drawn = np.random.default_rng(seed).multinomial(count_groups, np.full(count_groups, 1 / count_groups), size=DRAWS)
    found = np.empty((DRAWS, 3))
    for i, times in enumerate(drawn):
        weight = times[member].astype(np.float64)
        a, b = (_figures(side, truth, weight) for side in sides)
        found[i] = [b[name] - a[name] for name in _NAMES]
    tails = np.quantile(found, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    difference = {
        name: (once[1][name] - once[0][name], float(tails[0, i]), float(tails[1, i])) for i, name in enumerate(_NAMES)
    }
    _, low, high = difference["log_loss"]
    verdict = "better" if high < 0 else "worse" if low > 0 else "same"
    return Comparison(n, count_groups, once[0], once[1], difference, verdict)


_NAMES = ("log_loss", "accuracy", "macro_f1")


def _figures(side: Answers, truth: NDArray[np.int64], weight: NDArray[np.float64]) -> dict[str, float]:
    """Figures with each ticket counted ``weight`` (m,) times."""
    k = side.probabilities.shape[1]
    loss = log_losses(side.probabilities, truth)
    matrix = np.bincount(truth * k + side.said, weights=weight, minlength=k * k).reshape(k, k)
    total = float(weight.sum())
    return {
        "log_loss": float(loss @ weight) / total,
        "accuracy": float(np.trace(matrix)) / total,
        "macro_f1": metrics.macro_f1(matrix.astype(np.int64)),
    }
