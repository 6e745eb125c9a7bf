"""From labelled texts to the parts of a model: scorers, and for each head what makes an answer of their scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import read
from models.calibration.choice import choose_calibration
from models.calibration.isotonic import Isotonic
from models.calibration.methods import Calibrator
from models.calibration.multinomial import Multinomial
from models.calibration.temperature import Temperature
from models.calibration.vector import Vector
from models.core.decision import answers, fit_weights
from models.core.reliability import LEAST, log_losses
from models.core.scorer import FitData, Scorer, ScorerKind
from models.promise.head import CalibratedHead
from models.promise.held_out import UnseenScores, crossed, held_of, pooled_of
from models.promise.limits import fit_limits
from models.scope.contrast import lengthened
from models.scope.scope import Scope
from models.scorers import find
from models.spec import ModelSpec

Notes = dict[str, dict[str, Any]]
"""Head -> what the manifest says of how it was chosen."""


class Parts(NamedTuple):
    """What a model is made of. ``members``: the kinds of its scorers, in their order."""

    members: tuple[ScorerKind[ModelSpec], ...]
    scorers: tuple[Scorer, ...]
    scope: Scope
    heads: dict[str, CalibratedHead]
    notes: Notes


def fit_parts(spec: ModelSpec, data: FitData, elsewhere: Sequence[str] = (), ordinal: Collection[str] = ()) -> Parts:
    """Fits the scorers that the kind asks for, then calibration, decision and limits of each head.

    Args:
        elsewhere: texts that are no tickets, for the scope to learn from.
        ordinal: heads whose labels go from the most severe to the least.

    Raises:
        TrainingError: nothing to learn from.
    """
    members = find(spec.kind).members
    others = read(lengthened(elsewhere)) if elsewhere else None
    scope = Scope.fit(data.batch, data.features, data.groups, seed=spec.seed, elsewhere=others)
    fitted = [member.fit(spec, data) for member in members]
    heads: dict[str, CalibratedHead] = {}
    notes: Notes = {}
    for head, (labels, rows, truth) in data.encoded.items():
        held, later = held_of([one.heads[head] for one in fitted], head, rows, truth, data.groups)
        shares, pooled = pooled_of(held)
        heads[head], notes[head] = _head(
            labels, shares, held._replace(scores=[pooled]), later, spec, head, ordinal=head in ordinal
        )
        notes[head] |= {"texts": len(rows), "limits_from": later.how if later else held.how}
        for one in fitted:
            notes[head] |= one.heads[head].notes
    scorers = tuple(one.scorer for one in fitted)
    while len(scorers) > 1 and not any(head.pool[-1] for head in heads.values()):
        members, scorers = members[:-1], scorers[:-1]
        heads = {name: without_last(head) for name, head in heads.items()}
    if len(scorers) == 1:
        scorer, heads = absorbed(scorers[0], heads, notes)
        scorers = (scorer,)
    return Parts(members, scorers, scope, heads, notes)


def without_last(head: CalibratedHead) -> CalibratedHead:
    """The head of a blend whose last member is not asked."""
    return replace(head, pool=head.pool[:-1])


def _head(
    labels: tuple[str, ...],
    shares: NDArray[np.float64],
    held: UnseenScores,
    later: UnseenScores | None,
    spec: ModelSpec,
    name: str,
    *,
    ordinal: bool,
) -> tuple[CalibratedHead, dict[str, Any]]:
    """Calibration and decision from all held-out tickets; limits from those that are later than what their scorer knew."""
    scores, k = held.scores[0], len(labels)
    chosen = choose_calibration(scores, held.truth, groups=held.group, seed=spec.seed)
    p = crossed(chosen.method, scores, held.truth, held.fold)
    given = spec.costs.get(name)
    if given:
        weights = np.array([given.get(label, 1.0) for label in labels])
    else:
        weights = fit_weights(p, held.truth, groups=held.group, seed=spec.seed)
    said = answers(p, weights, ordinal=ordinal)
    notes = {
        "calibrations": chosen.comparison,
        "held_out": len(p),
        "accuracy": float((said == held.truth).mean()),
        "log_loss": float(log_losses(p, held.truth, LEAST).mean()),
    }
    truth = held.truth
    if later is not None:
        p, truth = crossed(chosen.method, later.scores[0], later.truth, later.fold), later.truth
    said = answers(p, weights, ordinal=ordinal)
    own = {labels.index(label): rate for label, rate in spec.targets.classes.get(name, {}).items()}
    limits = fit_limits(p[np.arange(len(p)), said], said, truth, k, spec.targets.head(name), own)
    return CalibratedHead(labels, shares, chosen.calibration, weights, limits, ordinal), notes


def absorbed(
    scorer: Scorer, heads: dict[str, CalibratedHead], notes: Notes
) -> tuple[Scorer, dict[str, CalibratedHead]]:
    """Moves what calibration does linearly into a scorer that can take it; its scores then are log-odds for every head.

    A matrix on linear scores (multinomial calibration) costs nothing that way, and evidence of different heads is on one
    scale: a word of weight 0.4 moves its label's log-odds by 0.4.
    """
    maps, left = [], {}
    for name, head in heads.items():
        matrix, shift, rest = _split(head.calibration)
        maps.append((matrix * head.pool[0], shift))
        left[name] = replace(head, pool=np.ones(1), calibration=rest)
    made = scorer.absorbing(maps)
    if made is None:
        return scorer, heads
    for name, head in heads.items():
        notes[name]["calibrated_by"] = head.calibration.method
    return made, left


def _split(found: Calibrator) -> tuple[NDArray[np.float64], NDArray[np.float64], Calibrator]:
    """The linear part of a calibration, a (k, k) matrix and a (k,) shift, and the calibration of scores that have had it."""
    if isinstance(found, Isotonic):
        matrix, shift, first = _split(found.first)
        assert isinstance(first, Temperature)
        return matrix, shift, replace(found, first=first)
    if isinstance(found, Multinomial):
        return found.weights, found.bias, Temperature(1.0, np.zeros(len(found.bias)))
    assert isinstance(found, Temperature | Vector)
    return np.diag(found.affine[0]), found.bias, Temperature(1.0, np.zeros(len(found.bias)))
