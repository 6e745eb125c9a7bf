"""One model with all heads: load, predict, explain, save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings, read
from features.tone import VERSIONS
from models import artefact
from models.core.evidence import spans
from models.core.scorer import Scorer, ScorerKind, StoredScorer
from models.core.weight_table import BatchScores, Heads
from models.linear.recipe import Recipe
from models.promise.head import CalibratedHead
from models.promise.limits import SUGGEST
from models.scope.scope import SUGGEST_FAR, Scope, ScopeScores
from models.scorers import kinds
from models.spec import ModelSpec
from triage.errors import ArtefactError, TaxonomyError
from triage.prediction import IN_SCOPE, Action, Evidence, HeadPrediction, Prediction
from triage.taxonomy import Taxonomy

_CHUNK = 1024
"""Texts read at a time: large enough that Python's share is small, small enough to stay in the cache."""

_SCOPE = "domain_"
"""Prefix of the arrays that say what is in scope."""


class TriageModel:
    """A fitted model. Build one with :func:`models.fit.model.fit_model` or :meth:`load`.

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
        scorers: Sequence[Scorer],
        scope: Scope,
        manifest: dict[str, Any],
    ) -> None:
        self.taxonomy = taxonomy
        self.heads = {name: head.labels for name, head in heads.items()}
        self.manifest = manifest
        self._heads = heads
        self._scope = scope
        first, *others = scorers
        self._counts_features = first.vocabulary is not None
        if self._counts_features and scope.contrast is not None:
            first = first.beside(scope.contrast.column)
        self._scorers = (first, *others)
        self._groups = np.cumsum([0, *(len(labels) for labels in self.heads.values())])
        self._one_pass = _one_pass(self._scorers, heads, self._groups)

    @property
    def recipes(self) -> dict[str, tuple[Recipe, ...]]:
        """Head -> the recipes that were chosen; a refit on more data may take them over."""
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
        """Head -> (texts, labels) calibrated probabilities; they hold for texts that are :meth:`in_scope`."""
        return self._probabilities(self._scored(read(texts)))

    def in_scope(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(texts,) in [0, 1]: 1 for what looks like the tickets learned from, below ``triage.prediction.IN_SCOPE`` for what is
        none of them."""
        batch = read(texts)
        found = self._judge(batch, self._scorers[0].score(batch)) if self._counts_features else self._scope.score(batch)
        return found.share

    def _judge(self, batch: Batch, scored: BatchScores) -> ScopeScores:
        return self._scope.score(batch, scored.walked, scored.margins)

    def _scored(self, batch: Batch) -> list[BatchScores]:
        return [scorer.score(batch) for scorer in self._scorers]

    def _probabilities(self, scored: Sequence[BatchScores]) -> dict[str, NDArray[np.float64]]:
        g = self._groups
        heads = enumerate(self._heads.items())
        return {name: head.probabilities([s.scores[:, g[i] : g[i + 1]] for s in scored]) for i, (name, head) in heads}

    def _predict(self, batch: Batch, evidence: bool) -> list[Prediction]:
        if self._one_pass is not None:  # one walk over the features does everything
            scored = [self._scorers[0].score(batch, explain=evidence, heads=self._one_pass)]
            probabilities = self._probabilities(scored)
            best = self._decided(probabilities, scored[0].best)
            shares = self._explained(batch, best, scored[0]) if evidence else scored[0].shares
        else:
            scored = self._scored(batch)
            probabilities = self._probabilities(scored)
            pairs = zip(self._heads.values(), probabilities.values(), strict=True)
            best = np.stack([head.answers(p) for head, p in pairs], axis=1).astype(np.int32)
            shares = self._shares(batch, best) if evidence else np.empty((len(self.heads), 0), np.float32)
        scope = self._judge(batch, scored[0])
        known = np.max([s.known for s in scored], axis=0)
        rows = [
            self._answers(head, p, best[:, i], known, scope)
            for i, (head, p) in enumerate(zip(self._heads.values(), probabilities.values(), strict=True))
        ]
        names = tuple(self.heads)
        found: Sequence[tuple[Evidence, ...]] = spans(batch, shares, names) if evidence else [()] * batch.size
        return [
            Prediction(dict(zip(names, row, strict=True)), words, share)
            for row, words, share in zip(zip(*rows, strict=True), found, scope.share.tolist(), strict=True)
        ]

    def _decided(self, probabilities: Mapping[str, NDArray[np.float64]], best: NDArray[np.int32]) -> NDArray[np.int32]:
        """(texts, heads) the answers, of the likeliest ones, weights counted in."""
        if not any(head.ordinal for head in self._heads.values()):
            return best
        pairs = zip(self._heads.values(), probabilities.values(), strict=True)
        return np.stack([head.answers(p, best[:, i]) for i, (head, p) in enumerate(pairs)], axis=1).astype(np.int32)

    def _explained(self, batch: Batch, best: NDArray[np.int32], scored: BatchScores) -> NDArray[np.float32]:
        """(heads, code points) of the answers ``best``; those few that are not the likeliest are walked over once more."""
        shares = scored.shares
        rows = np.flatnonzero((best != scored.best).any(axis=1))
        if len(rows):
            few = read([batch.texts[row] for row in rows])
            again = self._scorers[0].score(few, explain=True, heads=self._one_pass, given=best[rows]).shares
            shares = shares.copy()
            for place, row in enumerate(rows):
                there = slice(few.folded.bounds[place], few.folded.bounds[place + 1])
                shares[:, batch.folded.bounds[row] : batch.folded.bounds[row + 1]] = again[:, there]
        return shares

    def _shares(self, batch: Batch, best: NDArray[np.int32]) -> NDArray[np.float32]:
        """(heads, code points) what each character adds to the pooled score of the answer."""
        parts = [scorer.score(batch, explain=True, given=best).shares for scorer in self._scorers]
        weights = np.array([head.pool for head in self._heads.values()], np.float32)  # (heads, members)
        total = sum(weights[:, i : i + 1] * part for i, part in enumerate(parts))
        return np.asarray(total, np.float32)

    def _answers(
        self,
        head: CalibratedHead,
        p: NDArray[np.float64],
        best: NDArray[np.int32],
        known: NDArray[np.int32],
        scope: ScopeScores,
    ) -> list[HeadPrediction]:
        labels = head.labels
        top = p[np.arange(len(p)), best]
        counted = scope.trust * top + (1.0 - scope.trust) / len(labels)
        limit = head.limits.auto[best]  # NaN ("cannot promise") compares false
        act: NDArray[np.bool_] = (counted >= limit) & (scope.trust >= 0.5)
        propose = top >= np.where(scope.far, SUGGEST_FAR, SUGGEST)
        read = (known > 0) & (scope.share >= IN_SCOPE)
        level = np.where(~read, 2, np.where(act, 0, np.where(propose, 1, 2)))
        actions: tuple[Action, ...] = ("auto", "suggest", "human")
        return [
            HeadPrediction(labels[b], t, actions[a], labels, tuple(row))
            for b, t, a, row in zip(best.tolist(), top.tolist(), level.tolist(), p.tolist(), strict=True)
        ]

    def save(self, folder: str | Path) -> None:
        """Writes the model folder (see :mod:`models.artefact`)."""
        known = any(scorer.vocabulary is not None for scorer in self._scorers)  # then the scope's features stand there
        arrays = {_SCOPE + name: array for name, array in self._scope.arrays(keys=not known).items()}
        files: dict[str, bytes] = {}
        for scorer in self._scorers:
            arrays |= scorer.arrays()
            files |= scorer.files()
        artefact.write(folder, self.manifest, arrays, files)

    @classmethod
    def load(cls, folder: str | Path) -> TriageModel:
        """Reads a model folder.

        Raises:
            ArtefactError: the folder is missing, altered, foreign, newer, or does not fit together.
            FendanError: a scorer needs a library that is not installed.
        """
        manifest, arrays, files = artefact.read(folder)
        try:
            settings = FeatureSettings(**manifest["features"])
            if settings.version not in VERSIONS:
                raise ArtefactError(
                    f"{folder} 的特征版本是 {settings.version}，这个 Fendan 能读的是 {'、'.join(map(str, VERSIONS))}；请重新训练",
                    field="model",
                )
            members = kinds()[manifest["kind"]].members
            heads = {h: CalibratedHead.from_mapping(spec, len(members)) for h, spec in manifest["heads"].items()}
            if not heads:
                raise ValueError("no heads")
            stored = StoredScorer(arrays, files, settings, manifest["heads"])
            scorers = [_read(member, stored, folder) for member in members]
            own = {n.removeprefix(_SCOPE): array for n, array in arrays.items() if n.startswith(_SCOPE)}
            scope = Scope.from_arrays(own, next((s.vocabulary for s in scorers if s.vocabulary is not None), None))
            taxonomy = Taxonomy.from_mapping(manifest["taxonomy"])
        except (AttributeError, KeyError, TypeError, ValueError, TaxonomyError) as error:
            raise ArtefactError(f"{folder} 的内容前后不一（{error}）；请重新训练", field="model") from error
        return cls(taxonomy=taxonomy, heads=heads, scorers=scorers, scope=scope, manifest=manifest)


def _read(member: ScorerKind[ModelSpec], stored: StoredScorer, folder: str | Path) -> Scorer:
    """A scorer; a refusal of its files names the folder they lie in."""
    try:
        return member.read(stored)
    except ArtefactError as error:
        raise ArtefactError(f"{folder}：{error.message}", field="model") from error


def _one_pass(scorers: Sequence[Scorer], heads: dict[str, CalibratedHead], groups: NDArray[np.int64]) -> Heads | None:
    """What a scorer that can must be told to find the answers in its one pass; None where that cannot be."""
    affine = [pair for head in heads.values() if (pair := head.affine) is not None]
    if len(scorers) > 1 or not scorers[0].one_pass or len(affine) < len(heads):
        return None
    return Heads(groups, np.concatenate([scale for scale, _ in affine]), np.concatenate([shift for _, shift in affine]))
