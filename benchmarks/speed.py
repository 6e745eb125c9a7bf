"""Tickets a second of ``TriageModel.predict`` (all heads, evidence off and on) against three naive pipelines.

The peer is what a team writes first: for each head ``TfidfVectorizer(tokenizer=jieba.lcut)`` and ``LogisticRegression``, so
each ticket is cut three times. Both sides are fitted on the same starter tickets and score the same 2,000 (training part;
speed does not depend on having seen them), in one process, on one thread.
"""

from __future__ import annotations

import logging
import warnings

import jieba
from sklearn.pipeline import Pipeline

from benchmarks import peers_naive
from benchmarks.starter_data import read_rows, taxonomy
from benchmarks.timing import medians, table
from models.fit.model import LabelledTexts, fit_model
from triage.taxonomy import HEADS

LEAST_RATIO = 10.0


def naive(texts: list[str], labels: list[str | None]) -> Pipeline:
    """One head the naive way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "token_pattern will not be used"
        return peers_naive.pipeline().fit(texts, labels)


def main(rounds: int) -> None:
    """Fits, times, prints, and says whether the promise (10x) is kept."""
    jieba.setLogLevel(logging.ERROR)
    rows = read_rows("tickets.jsonl")
    texts = [row["text"] for row in rows]
    labels: dict[str, list[str | None]] = {head: [row[head] for row in rows] for head in HEADS}
    model = fit_model(LabelledTexts(texts, labels, taxonomy()))
    pipelines = [naive(texts, labels[head]) for head in HEADS]
    sample = texts[:2000]
    peer = "naive x 3"
    seconds = medians(
        {
            peer: lambda: [pipeline.predict_proba(sample) for pipeline in pipelines],
            "Fendan": lambda: model.predict(sample),
            "Fendan, with evidence": lambda: model.predict(sample, evidence=True),
            "Fendan, one ticket at a time": lambda: [model.predict([text]) for text in sample],
        },
        rounds,
    )
    length = sum(map(len, sample)) / len(sample)
    print(f"## Scoring: {len(sample):,} starter tickets of {length:.0f} characters, three heads\n")
    print(table(seconds, len(sample), "tickets", peer))
    ratio = seconds[peer] / max(seconds["Fendan"], seconds["Fendan, with evidence"])
    print(
        f"\nAt least {ratio:.1f} times the naive pipelines ({'kept' if ratio >= LEAST_RATIO else 'NOT kept'}: 10 times)."
    )
