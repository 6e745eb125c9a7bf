"""From labelled texts to the parts of a model: scorers, and for each head what makes an answer of their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureCounts, count, read
from models.calibration.choice import choose_calibration
from models.calibration.isotonic import Isotonic
from models.calibration.methods import Calibrator
from models.calibration.multinomial import Multinomial
from models.calibration.temperature import Temperature
from models.calibration.vector import Vector
from models.core.decision import answers, fit_weights
from models.core.distillation import Distillation
from models.core.reliability import LEAST, log_losses
from models.core.weight_table import build_vocabulary, to_matrix
from models.fit.plan import FitPlan
from models.linear.conditional import PARENT
from models.linear.fit import Encoded, FittedHead, fit_heads
from models.linear.scorer import LinearScorer, join_blocks
from models.promise.head import CalibratedHead
from models.promise.held_out import EncoderUnseen, UnseenScores, crossed, held_of, later_of, pooled_of
from models.promise.limits import fit_limits
from models.scope.contrast import lengthened
from models.scope.scope import Scope
from triage.errors import TrainingError

if TYPE_CHECKING:
    from models.encoder import EncoderScorer


class Parts(NamedTuple):
    """What a model is made of. ``notes``: head -> what the manifest says of how it was chosen."""

    linear: LinearScorer | None
    encoder: EncoderScorer | None
    domain: Scope
    heads: dict[str, CalibratedHead]
    notes: dict[str, dict[str, Any]]


def fit_parts(
    texts: Sequence[str], encoded: Mapping[str, Encoded], plan: FitPlan, distillation: Distillation | None = None
) -> Parts:
    """Fits the scorers that the plan's kind asks for, then calibration, decision and limits of each head.

    Raises:
        TrainingError: nothing to learn from.
    """
    plan.progress("读工单", 0.0)
    batch = read(texts)
    counts = count(batch, plan.settings)
    others = read(lengthened(plan.elsewhere)) if plan.elsewhere else None
    domain = Scope.fit(batch, plan.settings, plan.groups, seed=plan.seed, elsewhere=others)
    linear: LinearScorer | None = None
    fitted: dict[str, FittedHead] = {}
    if plan.kind != "encoder":
        linear, fitted = _fit_linear(batch, counts, encoded, plan, distillation)
    encoder: EncoderScorer | None = None
    held_by_encoder: EncoderUnseen | None = None
    if plan.kind != "linear":
        from models.fit.encoder import fit_encoder

        encoder, held_by_encoder = fit_encoder(texts, encoded, plan)
    heads, notes = {}, {}
    for head, (labels, rows, truth) in encoded.items():
        held = held_of(fitted.get(head), held_by_encoder, head, rows, truth, plan.groups)
        shares, pooled = pooled_of(held)
        later = later_of(fitted[head], plan.groups) if plan.kind == "linear" else None
        heads[head], notes[head] = _head(labels, shares, held._replace(scores=[pooled]), later, plan, head)
        notes[head] |= {"texts": len(rows), "limits_from": later.how if later else held.how}
        if head in fitted:
            notes[head]["recipes"] = [recipe.to_mapping() for recipe in fitted[head].recipes]
            notes[head]["listens_to"] = PARENT if fitted[head].conditional else None
    if plan.kind == "blend" and not any(head.pool[1] for head in heads.values()):
        heads = {name: _without_second(head) for name, head in heads.items()}
        encoder = None
    if linear is not None and encoder is None:
        linear, heads = _folded(linear, heads, notes)
    return Parts(linear, encoder, domain, heads, notes)


def _fit_linear(
    batch: Batch,
    counts: FeatureCounts,
    encoded: Mapping[str, Encoded],
    plan: FitPlan,
    distillation: Distillation | None,
) -> tuple[LinearScorer, dict[str, FittedHead]]:
    from scipy.sparse import csr_matrix

    vocabulary = build_vocabulary(counts)
    size = len(vocabulary.keys)
    if not size:
        raise TrainingError("这些工单没有任何两条共有的字词，无从学习；请提供更多工单", field="text")
    matrix = csr_matrix(to_matrix(counts, vocabulary), shape=(batch.size, size))
    extra = None
    if distillation is not None:
        counted = count(read(distillation.texts), plan.settings)
        extra = distillation.teacher_labels(
            csr_matrix(to_matrix(counted, vocabulary), shape=(len(distillation.texts), size)),
            {head: spec[0] for head, spec in encoded.items()},
        )
    fitted = fit_heads(
        matrix,
        encoded,
        plan.groups,
        seed=plan.seed,
        when=plan.when,
        recipes=plan.recipes,
        extra=extra,
        progress=plan.progress,
    )
    outputs = [len(f.labels) for f in fitted.values()]
    blocks = {
        h: (f.conditional.weights, f.conditional.bias)
        for h, f in enumerate(fitted.values())
        if f.conditional is not None
    }
    scorer = LinearScorer(
        vocabulary,
        np.hstack([f.svm.weights for f in fitted.values()]),
        np.concatenate([f.svm.bias for f in fitted.values()]),
        outputs,
        plan.settings,
        join_blocks(blocks, outputs, [list(fitted).index(PARENT) if h in blocks else -1 for h in range(len(outputs))]),
    )
    return scorer, fitted


def _without_second(head: CalibratedHead) -> CalibratedHead:
    return replace(head, pool=head.pool[:1])


def _head(
    labels: tuple[str, ...],
    shares: NDArray[np.float64],
    held: UnseenScores,
    later: UnseenScores | None,
    plan: FitPlan,
    name: str,
) -> tuple[CalibratedHead, dict[str, Any]]:
    """Calibration and decision from all held-out tickets; limits from those that are later than what their scorer knew."""
    scores, k = held.scores[0], len(labels)
    chosen = choose_calibration(scores, held.truth, groups=held.group, seed=plan.seed)
    p = crossed(chosen.method, scores, held.truth, held.fold)
    given = plan.costs.get(name)
    if given:
        weights = np.array([given.get(label, 1.0) for label in labels])
    else:
        weights = fit_weights(p, held.truth, groups=held.group, seed=plan.seed)
    said = answers(p, weights)
    notes = {
        "calibrations": chosen.comparison,
        "held_out": len(p),
        "accuracy": float((said == held.truth).mean()),
        "log_loss": float(log_losses(p, held.truth, LEAST).mean()),
    }
    truth = held.truth
    if later is not None:
        p, truth = crossed(chosen.method, later.scores[0], later.truth, later.fold), later.truth
    said = answers(p, weights)
    own = {labels.index(label): rate for label, rate in plan.targets.classes.get(name, {}).items()}
    limits = fit_limits(p[np.arange(len(p)), said], said, truth, k, plan.targets.head(name), own)
    return CalibratedHead(labels, shares, chosen.calibration, weights, limits), notes


def _folded(
    linear: LinearScorer, heads: dict[str, CalibratedHead], notes: dict[str, dict[str, Any]]
) -> tuple[LinearScorer, dict[str, CalibratedHead]]:
    """Moves what calibration does linearly into the weights, which then are log-odds for every head.

    A matrix on linear scores (multinomial calibration) costs nothing that way, and evidence of different heads is on one
    scale: a word of weight 0.4 moves its label's log-odds by 0.4.
    """
    arrays, conditional = linear.arrays(), linear.conditional
    weights, bias = arrays["weights"].astype(np.float64), arrays["bias"].astype(np.float64)
    outputs = [len(head.labels) for head in heads.values()]
    parents = [-1] * len(heads) if conditional is None else conditional.parent.tolist()
    blocks = {}
    out, column = {}, 0
    for h, (name, head) in enumerate(heads.items()):
        at = slice(column, column + outputs[h])
        column = at.stop
        notes[name]["calibrated_by"] = head.calibration.method
        matrix, shift, left = _split(head.calibration)
        matrix = matrix * head.pool[0]
        weights[:, at], bias[at] = weights[:, at] @ matrix.T, matrix @ bias[at] + shift
        out[name] = replace(head, pool=np.ones(1), calibration=left)
        if conditional is not None and parents[h] >= 0:
            many, first = outputs[parents[h]], int(conditional.offset[h])
            mine = slice(first, first + outputs[h] * many)
            several = np.kron(np.eye(many), matrix)
            blocks[h] = (
                (conditional.weights[:, mine].astype(np.float64) @ several.T).astype(np.float32),
                (several @ conditional.bias[mine] + np.tile(shift, many)).astype(np.float32),
            )
    made = LinearScorer(
        linear.vocabulary,
        weights.astype(np.float32),
        bias.astype(np.float32),
        outputs,
        linear.settings,
        join_blocks(blocks, outputs, parents),
    )
    return made, out


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
