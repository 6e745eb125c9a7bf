"""The systems of ``benchmarks.quality``: what each is called, where it is built, and what all of them can do.

A peer answers one head, so it is fitted once a head; ours answer all heads of a ticket at once. Nothing of a peer is imported before it is
asked for: fastText and torch need not be installed.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from training.data.corpus import Corpus
from triage.taxonomy import Taxonomy


class Missing(Exception):
    """A system cannot run here; the message (Chinese) says what is missing and how to get it."""


class Answer(NamedTuple):
    """One head's answers to n texts: label codes, and whether each would be routed without a person (None: cannot say)."""

    labels: list[str]
    auto: list[bool] | None = None


class Fitted(Protocol):
    """A fitted system."""

    dev: dict[str, float]
    """Head -> accuracy on tickets held out of the *training* part; empty where a system holds none out."""

    def predict(self, texts: Sequence[str]) -> dict[str, Answer]:
        """Text in, label out, per head that it learned."""

    def save(self, folder: Path) -> None:
        """Writes what is needed to answer (no pickle); its size is what the model takes on disk."""


@dataclass(frozen=True)
class Lesson:
    """What a system learns from.

    Attributes:
        corpus: the training part; every row of a head that is learned carries a label.
        heads: one head for a peer, all of them for ours.
        settings: of the system, as :attr:`System.settings` or :attr:`System.small`.
    """

    corpus: Corpus
    heads: tuple[str, ...]
    taxonomy: Taxonomy
    settings: Mapping[str, Any]
    seed: int

    def column(self) -> list[str]:
        """(n,) labels of the one head of a peer."""
        (head,) = self.heads
        return [code or "" for code in self.corpus.labels[head]]


@dataclass(frozen=True)
class System:
    """One line of the tables.

    Attributes:
        name: as in ``--peers``.
        chinese, english: what people read.
        module: has ``fit(lesson) -> Fitted`` and ``ready(settings)``, which raises :class:`Missing`.
        packages: distributions whose version may change the answers.
        settings, small: hyper-parameters of a real run, and what a run on a few hundred rows changes of them.
    """

    name: str
    chinese: str
    english: str
    module: str
    packages: tuple[str, ...]
    settings: Mapping[str, Any]
    small: Mapping[str, Any]
    ours: bool = False

    def load(self) -> Any:
        """The module, imported now."""
        return importlib.import_module(self.module)


_CNN = {
    "words": True,
    "dim": 300,
    "widths": [3, 4, 5],
    "filters": 100,
    "dropout": 0.5,
    "rate": 1e-3,
    "batch": 64,
    "epochs": 25,
    "patience": 3,
    "dev": 0.1,
    "min_count": 2,
    "longest": 512,
    "threads": 1,
}
_FASTTEXT = {"wordNgrams": 2, "epoch": 25, "lr": 0.5, "dim": 100, "thread": 1}
_TINY = {
    "encoder": {
        "layers": 1,
        "width": 16,
        "attention_heads": 2,
        "feed_forward": 32,
        "vocabulary": 500,
        "max_length": 64,
        "epochs": 1,
    }
}
_OURS = ("numpy", "scipy", "scikit-learn", "numba")
_TORCH = ("torch", "transformers", "tokenizers")

SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        System(
            "naive", "结巴 + TF-IDF + 逻辑回归", "jieba + TF-IDF + LogisticRegression", "benchmarks.peers_naive",
            ("jieba", "scikit-learn", "numpy"), {"max_iter": 1000}, {},
        ),
        System(
            "union", "词 1–2 + 字 1–3 + 线性 SVM", "words 1–2 + characters 1–3 + LinearSVC", "benchmarks.peers_union",
            ("jieba", "scikit-learn", "numpy"), {"words": [1, 2], "characters": [1, 3]}, {},
        ),
        System(
            "fasttext", "fastText", "fastText", "benchmarks.peers_fasttext",
            ("jieba", "fasttext"), _FASTTEXT, {"epoch": 1, "bucket": 100_000},
        ),
        System(
            "textcnn", "TextCNN", "TextCNN", "benchmarks.peers_textcnn",
            ("jieba", "torch", "numpy"), _CNN, {"epochs": 1, "dim": 16, "filters": 8},
        ),
        System("linear", "分单 线性", "Fendan linear", "benchmarks.peers_ours", _OURS, {"kind": "linear"}, {}, True),
        System(
            "encoder", "分单 编码器（从零训练）", "Fendan encoder (from scratch)", "benchmarks.peers_ours",
            _OURS + _TORCH, {"kind": "encoder"}, _TINY, True,
        ),
        System(
            "blend", "分单 混合", "Fendan blend", "benchmarks.peers_ours",
            _OURS + _TORCH, {"kind": "blend"}, _TINY, True,
        ),
    )
}  # fmt: skip
"""In the order of the tables."""
