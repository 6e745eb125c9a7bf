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

from features.hashing import Batch, FeatureSettings, count, read
from models import artefact
from models.calibration import Calibration, fit_calibration
from models.evidence import spans
from models.limits import CONFIDENCE, SUGGEST, Limits, fit_limits
from models.table import Heads, Table, Vocabulary, build_table, build_vocabulary, score, to_matrix
from triage.errors import ArtefactError, TaxonomyError, TrainingError
from triage.prediction import Action, Evidence, HeadPrediction, Prediction
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from models.linear import FittedHead

_CHUNK = 1024
"""Texts read at a time: large enough that Python's share is small, small enough to stay in the cache."""


class TriageModel:
    """A fitted linear model. Build one with :meth:`fit` or :meth:`load`.

    Attributes:
        heads: head name -> label codes in column order.
        taxonomy: labels with names and definitions.
        manifest: what ``manifest.json`` holds.
    """

    def __init__(
        self,
        *,
        taxonomy: Taxonomy,
        heads: dict[str, tuple[str, ...]],
        vocabulary: Vocabulary,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        calibrations: dict[str, Calibration],
        limits: dict[str, Limits],
        settings: FeatureSettings,
        manifest: dict[str, Any],
    ) -> None:
        self.taxonomy = taxonomy
        self.heads = heads
        self.manifest = manifest
        self._settings = settings
        self._vocabulary = vocabulary
        self._calibrations = calibrations
        self._limits = limits
        self._table: Table = build_table(vocabulary, weights, bias)
        self._heads = Heads(
            np.cumsum([0, *(len(labels) for labels in heads.values())]),
            np.array([calibrations[h].scale for h in heads]),
            np.concatenate([calibrations[h].bias for h in heads]),
        )

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Mapping[str, Sequence[str | None]],
        *,
        taxonomy: Taxonomy,
        target_error: float = 0.03,
        groups: Sequence[int] | None = None,
        progress: Callable[[str, float], None] | None = None,
        seed: int = 0,
        data_fingerprint: str = "",
        settings: FeatureSettings | None = None,
        penalties: Mapping[str, float] | None = None,
    ) -> TriageModel:
        """Fits all heads on labelled texts.

        Args:
            texts: n raw or masked texts.
            labels: head -> n labels, None where unlabelled.
            taxonomy: must know every head and label.
            target_error: promised error rate of automatic answers, in (0, 0.5].
            groups: n integers; texts of one group (near-duplicates) never part in the inner folds.
            progress: called with (what, share done in [0, 1]).
            penalties: head -> LIBLINEAR's C where an earlier fit has chosen it (see :attr:`penalties`).

        Raises:
            TrainingError: too few labelled texts, or one class only.
            TaxonomyError: a label that the taxonomy does not know, or a taxonomy that could not be read back from a file.
        """
        from scipy.sparse import csr_matrix

        from models.linear import encode, fit_heads

        if not 0 < target_error <= 0.5:
            raise TrainingError(f"目标错误率应在 0 与 0.5 之间；收到的是 {target_error}", field="target_error")
        Taxonomy.from_mapping(taxonomy.to_mapping())  # a taxonomy made in code: refuse now what load() would refuse
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
        settings = settings or FeatureSettings()
        if progress:
            progress("读工单", 0.0)
        counts = count(read(texts), settings)
        vocabulary = build_vocabulary(counts)
        if not len(vocabulary.keys):
            raise TrainingError("这些工单没有任何两条共有的字词，无从学习；请提供更多工单", field="text")
        data, indices, indptr = to_matrix(counts, vocabulary)
        matrix = csr_matrix((data, indices, indptr), shape=(len(texts), len(vocabulary.keys)))
        group = np.arange(len(texts)) if groups is None else np.asarray(groups, dtype=np.int64)
        fitted = fit_heads(matrix, encoded, group, seed=seed, penalties=penalties, progress=progress)
        calibrations = {h: fit_calibration(f.unseen, f.truth) for h, f in fitted.items()}
        limits = {h: fit_limits(calibrations[h].apply(f.unseen), f.truth, target_error) for h, f in fitted.items()}
        heads = {h: f.labels for h, f in fitted.items()}
        manifest = {
            "kind": "linear",
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "data_fingerprint": data_fingerprint,
            "seed": seed,
            "texts": len(texts),
            "features": settings.to_mapping(),
            "feature_count": len(vocabulary.keys),
            "taxonomy": taxonomy.to_mapping(),
            "target_error": target_error,
            "confidence": CONFIDENCE,
            "suggest": SUGGEST,
            "heads": {h: _describe(fitted[h], calibrations[h], limits[h]) for h in heads},
            "versions": _versions(),
        }
        return cls(
            taxonomy=taxonomy,
            heads=heads,
            vocabulary=vocabulary,
            weights=np.hstack([f.weights for f in fitted.values()]),
            bias=np.concatenate([f.bias for f in fitted.values()]),
            calibrations=calibrations,
            limits=limits,
            settings=settings,
            manifest=manifest,
        )

    @property
    def penalties(self) -> dict[str, float]:
        """Head -> the penalty that was chosen; a refit on more data may take it over."""
        return {head: float(spec["penalty"]) for head, spec in self.manifest["heads"].items()}

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]:
        """All heads' calibrated answers for each text; with ``evidence`` also the words that led to them."""
        out: list[Prediction] = []
        for start in range(0, len(texts), _CHUNK):
            out.extend(self._predict(read(texts[start : start + _CHUNK]), evidence))
        return out

    def predict_proba(self, texts: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Head -> (texts, labels) calibrated probabilities."""
        return self._calibrate(score(read(texts), self._settings, self._table, self._heads).scores)

    def _calibrate(self, scores: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        g = self._heads.groups
        return {h: self._calibrations[h].apply(scores[:, g[i] : g[i + 1]]) for i, h in enumerate(self.heads)}

    def _predict(self, batch: Batch, evidence: bool) -> list[Prediction]:
        scored = score(batch, self._settings, self._table, self._heads, explain=evidence)
        probabilities = self._calibrate(scored.scores)
        answers = [
            self._answers(head, p, scored.best[:, i], scored.known) for i, (head, p) in enumerate(probabilities.items())
        ]
        names = tuple(self.heads)
        found: Sequence[tuple[Evidence, ...]] = [()] * batch.size
        if evidence:
            found = spans(batch, scored.shares, names)
        return [
            Prediction(dict(zip(names, row, strict=True)), words)
            for row, words in zip(zip(*answers, strict=True), found, strict=True)
        ]

    def _answers(
        self, head: str, p: NDArray[np.float64], best: NDArray[np.int32], known: NDArray[np.int32]
    ) -> list[HeadPrediction]:
        labels = self.heads[head]
        top = p[np.arange(len(p)), best]
        act: NDArray[np.bool_] = top >= self._limits[head].auto[best]  # NaN ("cannot promise") compares false
        level = np.where(known == 0, 2, np.where(act, 0, np.where(top >= SUGGEST, 1, 2)))
        actions: tuple[Action, ...] = ("auto", "suggest", "human")
        return [
            HeadPrediction(labels[b], t, actions[a], labels, tuple(row))
            for b, t, a, row in zip(best.tolist(), top.tolist(), level.tolist(), p.tolist(), strict=True)
        ]

    def save(self, folder: str | Path) -> None:
        """Writes the model folder (see :mod:`models.artefact`)."""
        artefact.write(
            folder,
            self.manifest,
            {
                "keys": self._vocabulary.keys,
                "idf": self._vocabulary.idf,
                "weights": self._table.lines[:, 1:],
                "bias": self._table.bias,
            },
        )

    @classmethod
    def load(cls, folder: str | Path) -> TriageModel:
        """Reads a model folder.

        Raises:
            ArtefactError: the folder is missing, altered, foreign, newer, or does not fit together.
        """
        manifest, arrays = artefact.read(folder)
        try:
            settings = FeatureSettings(**manifest["features"])
            if settings.version != FeatureSettings().version:
                raise ArtefactError(
                    f"{folder} 的特征版本是 {settings.version}，这个 Fendan 是 {FeatureSettings().version}；请重新训练",
                    field="model",
                )
            heads = {h: tuple(spec["labels"]) for h, spec in manifest["heads"].items()}
            outputs, size = sum(len(labels) for labels in heads.values()), len(arrays["keys"])
            shapes = {"keys": (size,), "idf": (size,), "weights": (size, outputs), "bias": (outputs,)}
            kinds = {"keys": np.uint64, "idf": np.float32, "weights": np.float32, "bias": np.float32}
            for name, shape in shapes.items():
                if arrays[name].shape != shape or arrays[name].dtype != kinds[name]:
                    raise ValueError(f"{name}: {arrays[name].dtype}{arrays[name].shape}")
                if not np.isfinite(arrays[name]).all():
                    raise ValueError(f"{name}: not finite")
            calibrations = {
                h: Calibration(float(s["calibration"]["scale"]), np.array(s["calibration"]["bias"], np.float64))
                for h, s in manifest["heads"].items()
            }
            limits = {
                h: Limits(
                    np.array([np.nan if v["auto"] is None else v["auto"] for v in _by_label(s)], np.float64),
                    np.array([v["n"] for v in _by_label(s)], np.int64),
                    np.array([v["errors"] for v in _by_label(s)], np.int64),
                    float(manifest["target_error"]),
                )
                for h, s in manifest["heads"].items()
            }
            if not heads or any(len(calibrations[h].bias) != len(heads[h]) for h in heads):
                raise ValueError("calibration does not match the labels")
            taxonomy = Taxonomy.from_mapping(manifest["taxonomy"])
        except (AttributeError, KeyError, TypeError, ValueError, TaxonomyError) as error:
            raise ArtefactError(f"{folder} 的内容前后不一（{error}）；请重新训练", field="model") from error
        return cls(
            taxonomy=taxonomy,
            heads=heads,
            vocabulary=Vocabulary(arrays["keys"], arrays["idf"]),
            weights=arrays["weights"],
            bias=arrays["bias"],
            calibrations=calibrations,
            limits=limits,
            settings=settings,
            manifest=manifest,
        )


def _by_label(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [spec["limits"][label] for label in spec["labels"]]


def _describe(fitted: FittedHead, calibration: Calibration, limits: Limits) -> dict[str, Any]:
    return {
        "labels": list(fitted.labels),
        "texts": len(fitted.rows),
        "penalty": fitted.penalty,
        "calibration": {"scale": calibration.scale, "bias": calibration.bias.tolist()},
        "limits": {
            label: {
                "auto": None if np.isnan(limits.auto[i]) else float(limits.auto[i]),
                "cannot_promise": bool(np.isnan(limits.auto[i])),
                "n": int(limits.seen[i]),
                "errors": int(limits.errors[i]),
            }
            for i, label in enumerate(fitted.labels)
        },
    }


def _versions() -> dict[str, str]:
    names = ("numpy", "scipy", "scikit-learn", "numba", "jieba", "OpenCC")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}
