"""What the two scikit-learn peers share: a fitted pipeline as a :class:`benchmarks.peers.Fitted`."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline

from benchmarks.peers import Answer, Lesson


def ready(_settings: Mapping[str, Any]) -> None:
    """Loads jieba's dictionary, which belongs to neither fitting nor answering."""
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()


class FittedPipeline:
    """A pipeline that ends in a linear classifier."""

    def __init__(self, pipeline: Pipeline, lesson: Lesson) -> None:
        (self.head,) = lesson.heads
        self.dev: dict[str, float] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "token_pattern will not be used"
            self.pipeline = pipeline.fit(list(lesson.corpus.texts), lesson.column())

    def predict(self, texts: Sequence[str]) -> dict[str, Answer]:
        return {self.head: Answer([str(code) for code in self.pipeline.predict(list(texts))])}

    def save(self, folder: Path) -> None:
        """Weights, idf and vocabularies as plain arrays and JSON: what a pickle of the pipeline holds, without pickle."""
        features, classifier = self.pipeline[0], self.pipeline[-1]
        vectorisers = [features] if isinstance(features, TfidfVectorizer) else [v for _, v in features.transformer_list]
        np.savez(
            folder / "weights.npz",
            coef=classifier.coef_,
            intercept=classifier.intercept_,
            **{f"idf{i}": vectoriser.idf_ for i, vectoriser in enumerate(vectorisers)},
        )
        words = [list(vectoriser.get_feature_names_out()) for vectoriser in vectorisers]
        about = {"labels": [str(code) for code in classifier.classes_], "vocabularies": words}
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
