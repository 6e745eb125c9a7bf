"""TextCNN: Kim, "Convolutional Neural Networks for Sentence Classification" (EMNLP 2014), variant CNN-rand, in torch.

The recipe: vectors of 300 random numbers per word, learned along; filters over 3, 4 and 5 words, 100 of each, ReLU, the
largest response over the text; dropout 0.5; softmax. As Kim: early stopping on 10 % of the training part. Instead of his
Adadelta: Adam at 1e-3, as most ports do. Batches hold texts of like length, so little is spent on padding.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jieba
import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import Answer, Lesson, Missing

if TYPE_CHECKING:
    import torch

_PAD, _UNKNOWN = 0, 1


def ready(_settings: Mapping[str, Any]) -> None:
    """Raises :class:`Missing` without torch."""
    if util.find_spec("torch") is None:
        raise Missing("没有安装 torch；安装：pip install 'fendan[bench]'，或用 --peers 不选 textcnn")
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()


class FittedTextCNN:
    """One head, fitted on construction; keeps the weights of the best epoch on the held-out tenth."""

    def __init__(self, lesson: Lesson) -> None:
        import torch

        (self.head,) = lesson.heads
        self.settings = lesson.settings
        self.notes: dict[str, int] = {}
        threads = torch.get_num_threads()
        torch.set_num_threads(int(self.settings["threads"]))
        try:
            self._fit(lesson)
        finally:
            torch.set_num_threads(threads)

    def _fit(self, lesson: Lesson) -> None:
        import torch

        torch.manual_seed(lesson.seed)
        rng = np.random.default_rng(lesson.seed)
        column = lesson.column()
        self.codes = sorted(set(column))
        place = {code: i for i, code in enumerate(self.codes)}
        truth = np.array([place[code] for code in column], np.int64)
        cut = [self._cut(text) for text in lesson.corpus.texts]
        order = rng.permutation(len(cut))
        dev, learned = np.split(order, [max(1, round(self.settings["dev"] * len(cut)))])
        seen = Counter(token for i in learned for token in cut[i])
        frequent = sorted(token for token, count in seen.items() if count >= self.settings["min_count"])
        self.vocabulary = {token: i for i, token in enumerate(frequent, start=2)}
        texts = [self._numbers(tokens) for tokens in cut]
        self.net = _network(len(self.vocabulary) + 2, len(self.codes), self.settings)
        best, waited = -1.0, 0
        kept = {name: value.clone() for name, value in self.net.state_dict().items()}
        optimiser = torch.optim.Adam(self.net.parameters(), lr=float(self.settings["rate"]))
        for epoch in range(1, int(self.settings["epochs"]) + 1):
            self.net.train()
            for rows in self._batches([texts[i] for i in learned], rng):
                scores = self.net(_pad([texts[i] for i in learned[rows]]))  # (batch, labels)
                loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(truth[learned[rows]]))
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
            accuracy = float((self._answers([texts[i] for i in dev]) == truth[dev]).mean())
            waited += 1
            if accuracy > best:
                best, waited = accuracy, 0
                self.notes = {"best_epoch": epoch}
                kept = {name: value.clone() for name, value in self.net.state_dict().items()}
            if waited >= self.settings["patience"]:
                break
        self.net.load_state_dict(kept)
        self.notes["epochs"] = epoch
        self.dev = {self.head: best}

    def predict(self, texts: Sequence[str]) -> dict[str, Answer]:
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(int(self.settings["threads"]))
        try:
            answers = self._answers([self._numbers(self._cut(text)) for text in texts])
        finally:
            torch.set_num_threads(threads)
        return {self.head: Answer([self.codes[i] for i in answers])}

    def save(self, folder: Path) -> None:
        np.savez(folder / "weights.npz", **{name: value.numpy() for name, value in self.net.state_dict().items()})
        about = {"labels": self.codes, "vocabulary": list(self.vocabulary), "settings": dict(self.settings)}
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")

    def _cut(self, text: str) -> list[str]:
        """Words (or characters) without blanks, the first ``longest`` of them."""
        tokens = jieba.lcut(text) if self.settings["words"] else list(text)
        return [token for token in tokens if not token.isspace()][: int(self.settings["longest"])]

    def _numbers(self, tokens: Sequence[str]) -> list[int]:
        """At least as many as the widest filter spans."""
        numbers = [self.vocabulary.get(token, _UNKNOWN) for token in tokens]
        return numbers + [_PAD] * (max(self.settings["widths"]) - len(numbers))

    def _batches(self, texts: Sequence[Sequence[int]], rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        """Row numbers in batches of like length, in random order."""
        length = np.array([len(text) for text in texts]) + rng.random(len(texts)) * 3
        rows = np.argsort(length)
        size = int(self.settings["batch"])
        starts = np.arange(0, len(rows), size)
        for start in rng.permutation(starts):
            yield rows[start : start + size]

    def _answers(self, texts: Sequence[Sequence[int]]) -> NDArray[np.int64]:
        """(n,) label numbers."""
        import torch

        self.net.eval()
        out = np.empty(len(texts), np.int64)
        rows = np.argsort([len(text) for text in texts], kind="stable")
        with torch.inference_mode():
            for start in range(0, len(rows), 256):
                part = rows[start : start + 256]
                out[part] = self.net(_pad([texts[i] for i in part])).argmax(dim=1).numpy()
        return out


def fit(lesson: Lesson) -> FittedTextCNN:
    """One head."""
    return FittedTextCNN(lesson)


def _pad(texts: Sequence[Sequence[int]]) -> torch.Tensor:
    """(batch, longest) int64."""
    import torch

    out = torch.full((len(texts), max(map(len, texts))), _PAD, dtype=torch.int64)
    for i, text in enumerate(texts):
        out[i, : len(text)] = torch.tensor(text, dtype=torch.int64)
    return out


def _network(words: int, labels: int, settings: Mapping[str, Any]) -> torch.nn.Module:
    """Embedding, filters, largest response, dropout, linear layer."""
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            dim, filters, widths = int(settings["dim"]), int(settings["filters"]), settings["widths"]
            self.vectors = nn.Embedding(words, dim, padding_idx=_PAD)
            nn.init.uniform_(self.vectors.weight, -0.25, 0.25)  # as Kim; variance like that of word2vec's vectors
            with torch.no_grad():
                self.vectors.weight[_PAD] = 0
            self.filters = nn.ModuleList(nn.Conv1d(dim, filters, width) for width in widths)
            self.dropout = nn.Dropout(float(settings["dropout"]))
            self.last = nn.Linear(filters * len(widths), labels)

        def forward(self, texts: torch.Tensor) -> torch.Tensor:
            """(batch, length) int64 -> (batch, labels) scores."""
            vectors = self.vectors(texts).transpose(1, 2)  # (batch, dim, length)
            largest = [torch.relu(one(vectors)).amax(dim=2) for one in self.filters]  # each (batch, filters)
            scores: torch.Tensor = self.last(self.dropout(torch.cat(largest, dim=1)))
            return scores

    return Net()
