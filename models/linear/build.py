"""From labelled texts to one linear scorer of all heads, with scores of tickets by machines that had not seen them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.hashing import count, read
from models.core.distillation import joined
from models.core.scorer import FitData, FittedScorer, HeadFit, HeldOutScores
from models.core.weight_table import build_vocabulary, to_matrix, tone_of
from models.linear.conditional import PARENT
from models.linear.copies import copies, labelled
from models.linear.fit import FittedHead, fit_heads
from models.linear.recipe import Recipe
from models.linear.scorer import LinearScorer, join_blocks
from triage.errors import TrainingError


def build(data: FitData, recipes: Mapping[str, Sequence[Recipe]], seed: int) -> FittedScorer:
    """Fits the machines.

    Raises:
        TrainingError: no two texts have a feature in common, or the tickets of a head are all near-duplicates.
    """
    from scipy.sparse import csr_matrix

    counts = count(data.batch, data.features)
    vocabulary = build_vocabulary(counts)
    size = len(vocabulary.keys)
    if not size:
        raise TrainingError("这些工单没有任何两条共有的字词，无从学习；请提供更多工单", field="text")
    matrix = csr_matrix(to_matrix(counts, vocabulary), shape=(data.batch.size, size))

    def known(texts: Sequence[str]) -> Any:
        """The matrix of further texts, in the features that the tickets have."""
        counted = count(read(texts), data.features)
        return csr_matrix(to_matrix(counted, vocabulary), shape=(len(texts), size))

    made, owners = copies(data.batch.texts, seed)
    extra = labelled(known(made), owners, data.encoded, data.batch.size)
    if data.distillation is not None:
        labels = {head: spec[0] for head, spec in data.encoded.items()}
        extra = joined(data.distillation.teacher_labels(known(data.distillation.texts), labels), extra)
    fitted = fit_heads(
        matrix,
        data.encoded,
        data.groups,
        seed=seed,
        when=data.when,
        recipes=recipes,
        extra=extra,
        tone=tone_of(vocabulary, data.features),
        progress=data.progress,
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
        data.features,
        join_blocks(blocks, outputs, [list(fitted).index(PARENT) if h in blocks else -1 for h in range(len(outputs))]),
    )
    return FittedScorer(scorer, {head: head_fit(one) for head, one in fitted.items()})


def head_fit(fitted: FittedHead) -> HeadFit:
    """A fitted head as every kind of scorer tells of it."""
    later = HeldOutScores(fitted.later, fitted.from_past) if len(fitted.later) else None
    notes: dict[str, Any] = {
        "recipes": [recipe.to_mapping() for recipe in fitted.recipes],
        "listens_to": PARENT if fitted.conditional else None,
    }
    return HeadFit(HeldOutScores(np.arange(len(fitted.rows)), fitted.unseen), later, fitted.fold, notes)
