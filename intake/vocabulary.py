"""The labels of one head by all that people call them: codes, names, usual words, what a person said they are."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from intake.scales import number_of, read_scale
from intake.words import STANDARD, TOP, folded_label, is_placeholder, is_unsaid, settle_top, usual_code
from triage.errors import InputError
from triage.taxonomy import Head


class LabelVocabulary:
    """The labels of one head, found by code, name or what differs from them only in form.

    Args:
        said: own word -> label, as a person said; "" where the word says nothing.

    Raises:
        InputError: a person said a label that the head does not have.
    """

    def __init__(self, name: str, head: Head | None, said: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.codes: tuple[str, ...] = head.codes if head else ()
        self._exact = frozenset(self.codes)
        self._folded: dict[str, str] = {}
        for label in head.labels if head else ():
            for word in (label.code, label.name, label.name_en):
                if word:
                    self._folded.setdefault(folded_label(word), label.code)
        self._folded.update({folded_label(code): code for code in self.codes})
        named = {word: self._target(word, code, head) for word, code in (said or {}).items()}
        self._said = {**{folded_label(word): code for word, code in named.items()}, **named}
        standard = STANDARD.get(name, {})
        self.is_standard = bool(standard) and (head is None or set(standard) <= self._exact)

    def find(self, word: str) -> str | None:
        """The code of a word that a person or the taxonomy knows ("": it says nothing); None for others."""
        if word in self._said:
            return self._said[word]
        if word in self._exact:
            return word
        folded = folded_label(word)
        return self._said.get(folded, self._folded.get(folded))

    def _target(self, word: str, code: str, head: Head | None) -> str:
        """The label that a person says a word is.

        Raises:
            InputError: the taxonomy has no such label.
        """
        found = code if not code or head is None or code in self._exact else self._folded.get(folded_label(code))
        if found is None:
            raise InputError(
                f"--label 把 {self.name} 的 {word!r:.60} 说成 {code!r:.60}，它不是可用的标签；可用的是：{'、'.join(self.codes)}",
                field="label",
            )
        return found

    def usual(self, word: str) -> str:
        """The standard code of a usual word, or :data:`intake.words.TOP`; empty for other words and other heads."""
        return usual_code(self.name, word) if self.is_standard else ""

    def near(self, word: str) -> str:
        """The known code whose code or name looks most like ``word``; empty where none does."""
        near = difflib.get_close_matches(folded_label(word), list(self._folded), n=1, cutoff=0.5)
        return self._folded[near[0]] if near else ""


def read_label(word: str, head: Head) -> str | None:
    """The code of one word on its own (a correction); None where it is not known.

    What only a column can tell (P1, 3) is not known here.
    """
    return settle([word.strip()], head).get(word.strip())


def settle(words: Sequence[str], head: Head, said: Mapping[str, str] | None = None) -> dict[str, str]:
    """Word -> code for all words of a column that are known; "" for those that say nothing. Unknown ones are left out.

    Raises:
        QuestionError: the words are steps of a scale, and do not show which is which.
    """
    known = LabelVocabulary(head.name, head, said)
    codes = {word: code for word in words if (code := known.find(word)) is not None}
    codes |= {word: "" for word in words if word not in codes and (is_placeholder(word) or is_unsaid(word))}
    rest = [word for word in words if word not in codes]
    if head.name == "urgency" and known.is_standard and len(rest) > 1 and all(map(number_of, rest)):
        return codes | dict(read_scale(rest) or {})
    usual = {word: code for word in rest if (code := known.usual(word))}
    top = settle_top(set(usual.values()))
    return codes | {word: top if code == TOP else code for word, code in usual.items()}


def unknown_label(word: str, head: str, codes: Sequence[str], near: str = "") -> str:
    """What to say of a label that is not among ``codes``: the nearest one, and what is allowed."""
    hint = f"是不是想写 {near}？" if near else ""
    allowed = "、".join(codes[:20]) + (f" 等 {len(codes)} 个" if len(codes) > 20 else "")
    return f"{head} 列的 {word!r:.80} 不是可用的标签；{hint}可用的是：{allowed}"
