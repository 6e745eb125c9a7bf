"""fastText's supervised classifier (Joulin, Grave, Bojanowski, Mikolov, EACL 2017) over jieba's words."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from importlib import util
from pathlib import Path
from typing import Any

import jieba

from benchmarks.peers import Answer, Lesson, Missing

_MARK = "__label__"


def ready(_settings: Mapping[str, Any]) -> None:
    """Raises :class:`Missing` without fastText."""
    if util.find_spec("fasttext") is None:
        raise Missing("没有安装 fasttext；安装：pip install 'fendan[bench]'（要有 C++ 编译器），或用 --peers 不选它")
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()


class FittedFastText:
    """One head. Labels go to fastText as numbers: a code may hold signs that its file format splits at."""

    def __init__(self, lesson: Lesson) -> None:
        import fasttext

        (self.head,) = lesson.heads
        self.dev: dict[str, float] = {}
        column = lesson.column()
        self.codes = sorted(set(column))
        place = {code: i for i, code in enumerate(self.codes)}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            with path.open("w", encoding="utf-8") as file:
                for text, code in zip(lesson.corpus.texts, column, strict=True):
                    file.write(f"{_MARK}{place[code]} {_words(text)}\n")
            self.model = fasttext.train_supervised(
                str(path), label=_MARK, verbose=0, seed=lesson.seed, **lesson.settings
            )

    def predict(self, texts: Sequence[str]) -> dict[str, Answer]:
        # multilinePredict is what predict() calls for a list; predict() itself fails under NumPy 2 for a single text
        labels, _ = self.model.f.multilinePredict([_words(text) + "\n" for text in texts], 1, -1.0, "strict")
        return {self.head: Answer([self.codes[int(one[0].removeprefix(_MARK))] for one in labels])}

    def save(self, folder: Path) -> None:
        self.model.save_model(str(folder / "model.bin"))


def fit(lesson: Lesson) -> FittedFastText:
    """One head; one thread, because several make the result differ from run to run."""
    return FittedFastText(lesson)


def _words(text: str) -> str:
    """jieba's words with blanks between, on one line."""
    return " ".join(word for word in jieba.lcut(text) if not word.isspace())
