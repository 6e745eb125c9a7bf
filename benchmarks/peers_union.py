"""The careful peer: words 1-2 and characters 1-3, sublinear TF-IDF, a linear support vector machine with C = 1."""

from __future__ import annotations

import jieba
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from benchmarks.peers import Lesson
from benchmarks.peers_sklearn import FittedPipeline, ready

__all__ = ["fit", "pipeline", "ready"]


def pipeline(words: tuple[int, ...] = (1, 2), characters: tuple[int, ...] = (1, 3), seed: int = 0) -> Pipeline:
    """One head, not yet fitted."""
    return make_pipeline(
        make_union(
            TfidfVectorizer(tokenizer=jieba.lcut, ngram_range=words, sublinear_tf=True),
            TfidfVectorizer(analyzer="char", ngram_range=characters, sublinear_tf=True),
        ),
        LinearSVC(random_state=seed),
    )


def fit(lesson: Lesson) -> FittedPipeline:
    """One head."""
    words, characters = tuple(lesson.settings["words"]), tuple(lesson.settings["characters"])
    return FittedPipeline(pipeline(words, characters, lesson.seed), lesson)
