"""The corpora of ``benchmarks.quality``: training and test part as files give them, the same for every system.

Texts are read as ``fendan train`` reads them (personal data masked, blank rows left out), labels as they stand there. Test parts
are asked about once per system and never chosen on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import starter_data
from training.data.corpus import Corpus, read_corpus
from training.data.duplicates import group
from triage.errors import DataError
from triage.taxonomy import HEADS, Taxonomy

CORPORA = ("citizen_messages", "shopping_reviews", "auto_opinions")
STARTER = "starter"
SMALL = (300, 200)
"""Training and test rows with ``--small``."""

TITLES: Mapping[str, tuple[str, str]] = {
    "citizen_messages": ("市民留言", "citizen messages"),
    "shopping_reviews": ("购物评价", "shopping reviews"),
    "auto_opinions": ("汽车观点", "car opinions"),
    STARTER: ("起步工单", "starter tickets"),
}


@dataclass(frozen=True)
class Part:
    """One corpus.

    Attributes:
        heads: those that both parts carry, in taxonomy order.
        units: (n test,) int64; test tickets that share one belong together (near-duplicates, contrast sets).
        fingerprint: sha256 over the rows of both parts in their order: answers are kept by row.
    """

    name: str
    train: Corpus
    test: Corpus
    taxonomy: Taxonomy
    heads: tuple[str, ...]
    units: NDArray[np.int64]
    fingerprint: str

    def learn(self, head: str) -> Corpus:
        """The training rows that carry a label of ``head``."""
        return _labelled(self.train, head)

    def ask(self, head: str) -> NDArray[np.int64]:
        """Numbers of the test rows that carry a label of ``head``."""
        return np.flatnonzero([bool(code) for code in self.test.labels[head]])


def load(name: str, folder: Path, *, small: bool, seed: int) -> Part:
    """Reads one corpus; ``folder`` holds its ``train.csv`` and ``test.csv``, or ``tickets.jsonl`` and ``test.jsonl``.

    Raises:
        DataError: a file is not there, or the parts share no head.
    """
    starter = name == STARTER
    paths = [folder / file for file in (("tickets.jsonl", "test.jsonl") if starter else ("train.csv", "test.csv"))]
    for path in paths:
        if not path.is_file():
            raise DataError(
                f"没有 {path}；--corpora 应指向放着 {'、'.join(CORPORA)} 的文件夹，--starter 指向起步工单的"
            )
    taxonomy = starter_data.taxonomy() if starter else None
    train, test = (read_corpus([path], taxonomy) for path in paths)
    units = _units(paths[1], test) if starter else group(test.texts)
    if small:
        rows, asked = (_draw(len(part), most, seed) for part, most in zip((train, test), SMALL, strict=True))
        train, test, units = train.subset(rows), test.subset(asked), units[asked]
    heads = tuple(head for head in HEADS if any(train.labels.get(head, ())) and any(test.labels.get(head, ())))
    if not heads:
        raise DataError(f"{paths[0]} 与 {paths[1]} 没有共同的标签列")
    known = taxonomy or Taxonomy.infer({head: train.labels[head] for head in heads})
    return Part(name, train, test, known, heads, units, _fingerprint(train, test))


def load_all(
    names: tuple[str, ...], corpora: Path | None, starter: Path, say: Callable[[str], None], *, small: bool, seed: int
) -> list[Part]:
    """The corpora called ``names``, in that order."""
    parts = []
    for name in names:
        say(name)
        folder = starter if name == STARTER else (corpora or Path()) / name
        parts.append(load(name, folder, small=small, seed=seed))
    return parts


def _labelled(corpus: Corpus, head: str) -> Corpus:
    rows = [i for i, code in enumerate(corpus.labels[head]) if code]
    return corpus if len(rows) == len(corpus) else corpus.subset(rows)


def _draw(n: int, most: int, seed: int) -> NDArray[np.int64]:
    """At most ``most`` row numbers, in file order."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:most])


def _units(path: Path, test: Corpus) -> NDArray[np.int64]:
    """Near-duplicates and contrast sets of the starter test part, as docs/starter-data.md counts them."""
    units = starter_data.load(str(path.resolve())).units
    if len(units) != len(test):
        raise DataError(f"{path} 有读不出内容的行；起步工单的测试部分不应有")
    return units


def _fingerprint(train: Corpus, test: Corpus) -> str:
    digest = hashlib.sha256()
    for part in (train, test):
        rows = zip(part.texts, *(part.labels[head] for head in part.labels), strict=True)
        digest.update(json.dumps([list(part.labels), *map(list, rows)], ensure_ascii=False).encode())
    return digest.hexdigest()
