"""How the value of a condition is written in a profile: read, checked, and shown to those who write one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from triage import reading as read

T_co = TypeVar("T_co", covariant=True)


GAP = "…"
"""In a word: a few signs that may stand between."""


class Vocabulary(NamedTuple):
    """The words a profile has for what conditions compare with; each from the most to the least pressing, but categories.

    A fixed vocabulary (tiers) is given to the schema itself.
    """

    categories: tuple[str, ...] = ()
    urgencies: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()


class Value(Protocol[T_co]):
    """Reads one value of parsed YAML."""

    def read(self, value: Any, path: str, vocabulary: Vocabulary) -> T_co:
        """The value as the condition wants it.

        Raises:
            ProfileError: names ``path``, the value and what is allowed.
        """
        ...


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A list of labels of one of the profile's own lists; read as a set."""

    among: str

    def read(self, value: Any, path: str, vocabulary: Vocabulary) -> frozenset[str]:
        known = getattr(vocabulary, self.among)
        return frozenset(read.sequence(value, path, lambda entry, here: read.choice(entry, here, known)))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """One label, standing for itself and all that are more pressing; read as these, the most pressing first.

    ``scale``: the name of one of the profile's own lists, or the labels themselves, the most pressing first.
    """

    scale: str | tuple[str, ...]

    def labels(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """All that may be written, the most pressing first."""
        return self.scale if isinstance(self.scale, tuple) else tuple(getattr(vocabulary, self.scale))

    def read(self, value: Any, path: str, vocabulary: Vocabulary) -> tuple[str, ...]:
        labels = self.labels(vocabulary)
        return labels[: labels.index(read.choice(value, path, labels)) + 1]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in [low, high]."""

    low: float
    high: float

    def read(self, value: Any, path: str, _vocabulary: Vocabulary) -> float:
        return read.number(value, path, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in [low, high]."""

    low: int
    high: int

    def read(self, value: Any, path: str, _vocabulary: Vocabulary) -> int:
        return read.whole(value, path, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words or phrases, each of at least two signs besides a :data:`GAP`; read in small letters, each once."""

    most: int
    longest: int

    def read(self, value: Any, path: str, _vocabulary: Vocabulary) -> tuple[str, ...]:
        words = read.sequence(value, path, self._word)
        if not 1 <= len(words) <= self.most:
            read.wrong(path, f"应有 1 到 {self.most} 个词；收到的是 {len(words)} 个")
        return tuple(dict.fromkeys(words))

    def _word(self, value: Any, path: str) -> str:
        if isinstance(value, int | float):
            read.wrong(path, f'{value!r} 不是文字；给它加上引号，写成 "{value}"')
        word = read.text(value, path, self.longest).lower()
        parts = word.split(GAP)
        if not all(part.strip() for part in parts) or len("".join(parts)) < 2:
            read.wrong(path, f"应有两个字以上，… 只能写在字中间；收到的是 {value!r:.60}")
        return word
