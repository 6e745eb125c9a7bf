"""Labelled texts and a specification -> a :class:`models.triage_model.TriageModel`."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from features.hashing import FeatureSettings, read
from models.core.decision import check_costs
from models.core.distillation import Distillation
from models.core.labels import Encoded, encode
from models.core.scorer import FitData
from models.fit.parts import Parts, fit_parts
from models.linear.kind import LINEAR
from models.promise.limits import CONFIDENCE, SUGGEST
from models.scorers import find, kinds
from models.spec import ModelSpec
from models.triage_model import TriageModel
from triage.errors import TaxonomyError, TrainingError
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, eq=False)
class LabelledTexts:
    """What a model learns from.

    Attributes:
        texts: n raw or masked texts.
        labels: head -> n labels, None where unlabelled.
        taxonomy: must know every head and label.
        groups: n integers; texts of one group (near-duplicates) never part in the inner folds; None: all differ.
        when: n times as seconds since an epoch, NaN where unknown; limits are then tested on later tickets.
        distillation: unlabelled texts with a teacher's opinion, for the linear part to learn from.
        elsewhere: texts of many kinds that are no tickets (``datasets/elsewhere``), for the scope to learn from; with none it
            goes by foreign words alone.
        fingerprint: of the data they come from, for the manifest.
    """

    texts: Sequence[str]
    labels: Mapping[str, Sequence[str | None]]
    taxonomy: Taxonomy
    groups: Sequence[int] | None = None
    when: Sequence[float] | None = None
    distillation: Distillation | None = None
    elsewhere: Sequence[str] = ()
    fingerprint: str = ""


def fit_model(
    tickets: LabelledTexts,
    spec: ModelSpec | None = None,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> TriageModel:
    """Fits all heads on labelled texts.

    Args:
        spec: how; None: the defaults.
        checkpoint: a folder in which a stopped training of an encoder goes on.
        progress: called with (what, share done in [0, 1]).

    Raises:
        TrainingError: too few labelled texts, one class only, or a specification that does not fit them.
        TaxonomyError: a label that the taxonomy does not know, or a taxonomy that could not be read back from a file.
    """
    spec = spec or ModelSpec()
    _check(tickets, spec)
    encoded = _encode(tickets)
    spec.targets.check({head: one[0] for head, one in encoded.items()})
    check_costs(spec.costs, {head: one[0] for head, one in encoded.items()})
    n = len(tickets.texts)
    say = progress or (lambda _what, _share: None)
    say("读工单", 0.0)
    data = FitData(
        texts=tickets.texts,
        batch=read(tickets.texts),
        encoded=encoded,
        groups=np.arange(n) if tickets.groups is None else np.asarray(tickets.groups, np.int64),
        when=None if tickets.when is None else np.asarray(tickets.when, np.float64),
        features=spec.features or FeatureSettings(),
        progress=say,
        distillation=tickets.distillation,
        checkpoint=checkpoint,
    )
    ordinal = [head for head in encoded if tickets.taxonomy.heads[head].ordinal]
    parts = fit_parts(spec, data, tickets.elsewhere, ordinal)
    vocabulary = next((s.vocabulary for s in parts.scorers if s.vocabulary is not None), None)
    manifest = {
        "kind": _kind(parts),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_fingerprint": tickets.fingerprint,
        "seed": spec.seed,
        "texts": n,
        "taught": len(tickets.distillation.texts) if tickets.distillation else 0,
        "elsewhere": len(tickets.elsewhere),
        "features": data.features.to_mapping(),
        "feature_count": 0 if vocabulary is None else len(vocabulary.keys),
        "taxonomy": tickets.taxonomy.to_mapping(),
        "target_error": spec.targets.default,
        "targets": spec.targets.to_mapping(),
        "confidence": CONFIDENCE,
        "suggest": SUGGEST,
        "heads": {name: {**head.to_mapping(), **parts.notes[name]} for name, head in parts.heads.items()},
        "versions": _versions(parts),
    }
    return TriageModel(
        taxonomy=tickets.taxonomy, heads=parts.heads, scorers=parts.scorers, scope=parts.scope, manifest=manifest
    )


def _check(tickets: LabelledTexts, spec: ModelSpec) -> None:
    kind = find(spec.kind)
    if tickets.distillation is not None and not kind.has(LINEAR):
        raise TrainingError("编码器不向老师学：只有线性部分学；请用 linear 或 blend，或不给老师", field="teacher")
    if not 1 <= spec.encoder_folds <= 5:
        raise TrainingError(f"encoder_folds 应在 1 与 5 之间；收到的是 {spec.encoder_folds}", field="encoder_folds")
    for name, given in (("groups", tickets.groups), ("when", tickets.when)):
        if given is not None and len(given) != len(tickets.texts):
            raise TrainingError(f"{name} 有 {len(given)} 个，工单却有 {len(tickets.texts)} 条；应一一对应", field=name)
    Taxonomy.from_mapping(tickets.taxonomy.to_mapping())  # a taxonomy made in code: refuse now what load() would refuse


def _encode(tickets: LabelledTexts) -> dict[str, Encoded]:
    encoded = {}
    for head, column in tickets.labels.items():
        if len(column) != len(tickets.texts):
            raise TrainingError(
                f"{head} 有 {len(column)} 个标签，工单却有 {len(tickets.texts)} 条；应一一对应", field=head
            )
        known = tickets.taxonomy.heads.get(head)
        if known is None:
            raise TaxonomyError(
                f"标签体系里没有 {head} 这一项；有的是：{'、'.join(tickets.taxonomy.heads)}", field=head
            )
        for value in column:
            if value and not tickets.taxonomy.knows(head, value):
                known.label(value)
        encoded[head] = encode(head, column, known.codes)
    if not encoded:
        raise TrainingError("没有标签列可训练；至少要有一列：category、urgency 或 sentiment", field="category")
    return encoded


def _kind(parts: Parts) -> str:
    """What the model is now, which may be less than was asked for: members that did not pay have left."""
    return next(name for name, kind in kinds().items() if kind.members == parts.members)


def _versions(parts: Parts) -> dict[str, str]:
    names = ["numpy", "scipy", "scikit-learn", "numba", "jieba", "OpenCC"]
    names += [library for member in parts.members for library in member.needs]
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}
