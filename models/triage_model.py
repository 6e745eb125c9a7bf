"""One model with all heads: fit, predict, explain, save, load."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings, read
from models import artefact
from models.core.evidence import spans
from models.core.weight_table import BatchScores, Heads
from models.linear.scorer import LinearScorer
from models.promise.head import CalibratedHead
from models.promise.limits import CONFIDENCE, SUGGEST
from models.promise.targets import Targets
from models.scope.scope import Scope
from triage.errors import ArtefactError, TaxonomyError, TrainingError
from triage.prediction import Action, Evidence, HeadPrediction, Prediction
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from models.core.distillation import Distillation
    from models.encoder import EncoderScorer, EncoderSettings
    from models.fit.parts import Parts
    from models.linear.recipe import Recipe

_CHUNK = 1024
"""Texts read at a time: large enough that Python's share is small, small enough to stay in the cache."""

_DOMAIN = "domain_"
"""Prefix of the arrays that say what is in scope."""


class TriageModel:
    """A fitted model. Build one with :meth:`fit` or :meth:`load`.

    Attributes:
        heads: head name -> label codes in column order.
        taxonomy: labels with names and definitions.
        manifest: what ``manifest.json`` holds.
    """

    def __init__(
        self,
        *,
        taxonomy: Taxonomy,
        heads: dict[str, CalibratedHead],
        linear: LinearScorer | None,
        encoder: EncoderScorer | None,
        domain: Scope,
        manifest: dict[str, Any],
    ) -> None:
        self.taxonomy = taxonomy
        self.heads = {name: head.labels for name, head in heads.items()}
        self.manifest = manifest
        self._heads = heads
        if linear is not None and domain.contrast is not None:
            linear = linear.beside(domain.contrast.column)
        self._linear = linear
        self._encoder = encoder
        self._domain = domain
        self._groups = np.cumsum([0, *(len(labels) for labels in self.heads.values())])
        affine = [head.affine for head in heads.values()]
        self._affine: Heads | None = None
        if encoder is None and all(pair is not None for pair in affine):
            pairs = [pair for pair in affine if pair is not None]
            self._affine = Heads(
                self._groups,
                np.concatenate([scale for scale, _ in pairs]),
                np.concatenate([shift for _, shift in pairs]),
            )

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Mapping[str, Sequence[str | None]],
        *,
        taxonomy: Taxonomy,
        kind: str = "linear",
        target_error: float | Targets = 0.03,
        groups: Sequence[int] | None = None,
        when: Sequence[float] | None = None,
        progress: Callable[[str, float], None] | None = None,
        seed: int = 0,
        data_fingerprint: str = "",
        settings: FeatureSettings | None = None,
        recipes: Mapping[str, Sequence[Recipe]] | None = None,
        costs: Mapping[str, Mapping[str, float]] | None = None,
        encoder: EncoderSettings | None = None,
        encoder_folds: int = 1,
        distillation: Distillation | None = None,
        elsewhere: Sequence[str] = (),
        checkpoint: Path | None = None,
    ) -> TriageModel:
        """Fits all heads on labelled texts.

        Args:
            texts: n raw or masked texts.
            labels: head -> n labels, None where unlabelled.
            taxonomy: must know every head and label.
            kind: "linear", "encoder", or "blend" of both (a head keeps the linear part alone where the encoder adds nothing).
            target_error: promised error rate of automatic answers, in (0, 0.5], or what is promised where.
            groups: n integers; texts of one group (near-duplicates) never part in the inner folds.
            when: n times as seconds since an epoch, NaN where unknown; limits are then tested on later tickets.
            progress: called with (what, share done in [0, 1]).
            recipes: head -> recipes of the linear machines where an earlier fit or a search has chosen them.
            costs: head -> label -> what missing it costs, 1 being usual (see :mod:`models.core.decision`); such a head learns no
                weights of its own.
            encoder: settings of the encoder; None: its defaults.
            encoder_folds: how many fifths of the tickets are held out from an encoder in turn, 1 to 5. More give calibration
                and limits more tickets to stand on, and cost as many trainings.
            distillation: unlabelled texts with a teacher's opinion, for the linear part to learn from.
            elsewhere: texts of many kinds that are no tickets (``datasets/elsewhere``), for :meth:`in_scope` to learn from;
                with none it goes by foreign words alone.
            checkpoint: a folder in which a stopped training of an encoder goes on.

        Raises:
            TrainingError: too few labelled texts, or one class only.
            TaxonomyError: a label that the taxonomy does not know, or a taxonomy that could not be read back from a file.
        """
        from models.core.decision import check_costs
        from models.fit.parts import fit_parts
        from models.fit.plan import KINDS, FitPlan

        if kind not in KINDS:
            raise TrainingError(f"模型种类 {kind!r} 不认识；可以是 {'、'.join(KINDS)}", field="model")
        if distillation is not None and kind == "encoder":
            raise TrainingError("编码器不向老师学：只有线性部分学；请用 linear 或 blend，或不给老师", field="teacher")
        if not 1 <= encoder_folds <= 5:
            raise TrainingError(f"encoder_folds 应在 1 与 5 之间；收到的是 {encoder_folds}", field="encoder_folds")
        targets = target_error if isinstance(target_error, Targets) else Targets(target_error)
        for name, given in (("groups", groups), ("when", when)):
            if given is not None and len(given) != len(texts):
                raise TrainingError(f"{name} 有 {len(given)} 个，工单却有 {len(texts)} 条；应一一对应", field=name)
        Taxonomy.from_mapping(taxonomy.to_mapping())  # a taxonomy made in code: refuse now what load() would refuse
        encoded = _encode(texts, labels, taxonomy)
        targets.check({head: spec[0] for head, spec in encoded.items()})
        check_costs(costs or {}, {head: spec[0] for head, spec in encoded.items()})
        settings = settings or FeatureSettings()
        plan = FitPlan(
            kind=kind,
            targets=targets,
            groups=np.arange(len(texts)) if groups is None else np.asarray(groups, dtype=np.int64),
            when=None if when is None else np.asarray(when, np.float64),
            seed=seed,
            settings=settings,
            recipes=recipes or {},
            costs=costs or {},
            encoder=encoder,
            encoder_folds=encoder_folds,
            checkpoint=checkpoint,
            elsewhere=elsewhere,
            progress=progress or (lambda _what, _share: None),
        )
        parts = fit_parts(texts, encoded, plan, distillation)
        manifest = {
            "kind": _kind(parts),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "data_fingerprint": data_fingerprint,
            "seed": seed,
            "texts": len(texts),
            "taught": len(distillation.texts) if distillation else 0,
            "elsewhere": len(elsewhere),
            "features": settings.to_mapping(),
            "feature_count": parts.linear.feature_count if parts.linear else 0,
            "taxonomy": taxonomy.to_mapping(),
            "target_error": targets.default,
            "targets": targets.to_mapping(),
            "confidence": CONFIDENCE,
            "suggest": SUGGEST,
            "heads": {name: {**head.to_mapping(), **parts.notes[name]} for name, head in parts.heads.items()},
            "versions": _versions(encoder=parts.encoder is not None),
        }
        return cls(
            taxonomy=taxonomy,
            heads=parts.heads,
            linear=parts.linear,
            encoder=parts.encoder,
            domain=parts.domain,
            manifest=manifest,
        )

    @property
    def recipes(self) -> dict[str, tuple[Recipe, ...]]:
        """Head -> the recipes that were chosen; a refit on more data may take them over."""
        from models.linear.recipe import Recipe

        heads = self.manifest["heads"].items()
        return {
            name: tuple(Recipe.from_mapping(r) for r in spec["recipes"]) for name, spec in heads if "recipes" in spec
        }

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]:
        """All heads' calibrated answers for each text; with ``evidence`` also the words that led to them."""
        out: list[Prediction] = []
        for start in range(0, len(texts), _CHUNK):
            out.extend(self._predict(read(texts[start : start + _CHUNK]), evidence))
        return out

    def predict_proba(self, texts: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Head -> (texts, labels) calibrated probabilities, of what is out of scope drawn towards all alike."""
        batch = read(texts)
        scored = self._scored(batch)
        return _scoped(self._probabilities(scored), self._scope(batch, scored[0]))

    def in_scope(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(texts,) in [0, 1]: 1 for what looks like the tickets learned from, 0 for what does not at all."""
        batch = read(texts)
        return self._scope(batch, self._linear.score(batch)) if self._linear else self._domain.score(batch)

    def _scope(self, batch: Batch, scored: BatchScores) -> NDArray[np.float64]:
        return self._domain.score(batch, scored.walked, scored.margins)

    def _scored(self, batch: Batch) -> list[BatchScores]:
        members = [m for m in (self._linear, self._encoder) if m is not None]
        return [member.score(batch) for member in members]

    def _probabilities(self, scored: Sequence[BatchScores]) -> dict[str, NDArray[np.float64]]:
        g = self._groups
        heads = enumerate(self._heads.items())
        return {name: head.probabilities([s.scores[:, g[i] : g[i + 1]] for s in scored]) for i, (name, head) in heads}

    def _predict(self, batch: Batch, evidence: bool) -> list[Prediction]:
        if self._affine is not None and self._linear is not None:  # one walk over the features does everything
            scored = [self._linear.score(batch, explain=evidence, heads=self._affine)]
            probabilities = self._probabilities(scored)
            best, shares = scored[0].best, scored[0].shares
        else:
            scored = self._scored(batch)
            probabilities = self._probabilities(scored)
            pairs = zip(self._heads.values(), probabilities.values(), strict=True)
            best = np.stack([(p * head.weights).argmax(axis=1) for head, p in pairs], axis=1).astype(np.int32)
            shares = self._shares(batch, best) if evidence else np.empty((len(self.heads), 0), np.float32)
        scope = self._scope(batch, scored[0])
        # The answer is found before the scope takes from its confidence: of what is foreign the costs alone would decide.
        probabilities = _scoped(probabilities, scope)
        known = np.max([s.known for s in scored], axis=0)
        rows = [
            self._answers(head, p, best[:, i], known)
            for i, (head, p) in enumerate(zip(self._heads.values(), probabilities.values(), strict=True))
        ]
        names = tuple(self.heads)
        found: Sequence[tuple[Evidence, ...]] = spans(batch, shares, names) if evidence else [()] * batch.size
        return [
            Prediction(dict(zip(names, row, strict=True)), words, share)
            for row, words, share in zip(zip(*rows, strict=True), found, scope.tolist(), strict=True)
        ]

    def _shares(self, batch: Batch, best: NDArray[np.int32]) -> NDArray[np.float32]:
        """(heads, code points) what each character adds to the pooled score of the answer."""
        members = [m for m in (self._linear, self._encoder) if m is not None]
        parts = [member.score(batch, explain=True, given=best).shares for member in members]
        weights = np.array([head.pool for head in self._heads.values()], np.float32)  # (heads, members)
        total = sum(weights[:, i : i + 1] * part for i, part in enumerate(parts))
        return np.asarray(total, np.float32)

    def _answers(
        self, head: CalibratedHead, p: NDArray[np.float64], best: NDArray[np.int32], known: NDArray[np.int32]
    ) -> list[HeadPrediction]:
        labels = head.labels
        top = p[np.arange(len(p)), best]
        act: NDArray[np.bool_] = top >= head.limits.auto[best]  # NaN ("cannot promise") compares false
        level = np.where(known == 0, 2, np.where(act, 0, np.where(top >= SUGGEST, 1, 2)))
        actions: tuple[Action, ...] = ("auto", "suggest", "human")
        return [
            HeadPrediction(labels[b], t, actions[a], labels, tuple(row))
            for b, t, a, row in zip(best.tolist(), top.tolist(), level.tolist(), p.tolist(), strict=True)
        ]

    def save(self, folder: str | Path) -> None:
        """Writes the model folder (see :mod:`models.artefact`)."""
        own = self._domain.arrays(keys=self._linear is None)  # else they stand in the vocabulary already
        arrays = {_DOMAIN + name: array for name, array in own.items()}
        if self._linear is not None:
            arrays |= self._linear.arrays()
        artefact.write(folder, self.manifest, arrays, self._encoder.files() if self._encoder else None)

    @classmethod
    def load(cls, folder: str | Path) -> TriageModel:
        """Reads a model folder.

        Raises:
            ArtefactError: the folder is missing, altered, foreign, newer, or does not fit together.
            FendanError: the model has an encoder, and what that needs is not installed.
        """
        manifest, arrays, files = artefact.read(folder)
        try:
            settings = FeatureSettings(**manifest["features"])
            if settings.version != FeatureSettings().version:
                raise ArtefactError(
                    f"{folder} 的特征版本是 {settings.version}，这个 Fendan 是 {FeatureSettings().version}；请重新训练",
                    field="model",
                )
            kind = manifest["kind"]
            members = {"linear": 1, "encoder": 1, "blend": 2}[kind]
            heads = {h: CalibratedHead.from_mapping(spec, members) for h, spec in manifest["heads"].items()}
            if not heads:
                raise ValueError("no heads")
            outputs = [len(head.labels) for head in heads.values()]
            parents = _parents(manifest["heads"])
            linear = None if kind == "encoder" else LinearScorer.from_arrays(arrays, outputs, settings, parents)
            own = {n.removeprefix(_DOMAIN): array for n, array in arrays.items() if n.startswith(_DOMAIN)}
            domain = Scope.from_arrays(own, None if linear is None else linear.vocabulary)
            encoder = None
            if kind != "linear":
                from models.encoder import EncoderScorer

                encoder = EncoderScorer.from_files(files)
                if encoder.heads != {name: head.labels for name, head in heads.items()}:
                    raise ValueError("the encoder has other heads")
            taxonomy = Taxonomy.from_mapping(manifest["taxonomy"])
        except (AttributeError, KeyError, TypeError, ValueError, TaxonomyError) as error:
            raise ArtefactError(f"{folder} 的内容前后不一（{error}）；请重新训练", field="model") from error
        return cls(taxonomy=taxonomy, heads=heads, linear=linear, encoder=encoder, domain=domain, manifest=manifest)


def _scoped(
    probabilities: dict[str, NDArray[np.float64]], scope: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Head -> (texts, labels) probabilities, drawn towards all alike as far as a text is out of scope."""
    share = scope[:, None]
    return {name: share * p + (1.0 - share) / p.shape[1] for name, p in probabilities.items()}


def _encode(
    texts: Sequence[str], labels: Mapping[str, Sequence[str | None]], taxonomy: Taxonomy
) -> dict[str, tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]]:
    from models.linear.fit import encode

    encoded = {}
    for head in labels:
        if len(labels[head]) != len(texts):
            raise TrainingError(
                f"{head} 有 {len(labels[head])} 个标签，工单却有 {len(texts)} 条；应一一对应", field=head
            )
        known = taxonomy.heads.get(head)
        if known is None:
            raise TaxonomyError(f"标签体系里没有 {head} 这一项；有的是：{'、'.join(taxonomy.heads)}", field=head)
        for value in labels[head]:
            if value and not taxonomy.knows(head, value):
                known.label(value)
        encoded[head] = encode(head, labels[head], known.codes)
    if not encoded:
        raise TrainingError("没有标签列可训练；至少要有一列：category、urgency 或 sentiment", field="category")
    return encoded


def _parents(heads: Mapping[str, Mapping[str, Any]]) -> list[int]:
    """(heads,) number of the head that each one is conditional on, -1 for none.

    Raises:
        ValueError: a head is conditional on one that there is not.
    """
    names = list(heads)
    return [-1 if spec.get("listens_to") is None else names.index(spec["listens_to"]) for spec in heads.values()]


def _kind(parts: Parts) -> str:
    if parts.encoder is None:
        return "linear"
    return "encoder" if parts.linear is None else "blend"


def _versions(*, encoder: bool) -> dict[str, str]:
    names = ["numpy", "scipy", "scikit-learn", "numba", "jieba", "OpenCC"]
    names += ["torch", "transformers", "tokenizers", "safetensors"] if encoder else []
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}
