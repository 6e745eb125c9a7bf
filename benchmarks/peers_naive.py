"""The naive peer: TF-IDF over jieba's words and a logistic regression, as a tutorial writes it, nothing tuned."""

from __future__ import annotations

import jieba
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from benchmarks.peers import Lesson
from benchmarks.peers_sklearn import FittedPipeline, ready

__all__ = ["fit", "pipeline", "ready"]


def pipeline(max_iter: int = 1000) -> Pipeline:
    """One head, not yet fitted; the solver (lbfgs) is deterministic."""
    return make_pipeline(TfidfVectorizer(tokenizer=jieba.lcut), LogisticRegression(max_iter=max_iter))


def fit(lesson: Lesson) -> FittedPipeline:
    """One head."""
    return FittedPipeline(pipeline(int(lesson.settings["max_iter"])), lesson)
