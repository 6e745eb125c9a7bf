"""What a person may say about a file that is to be read. The same in every command; kept with a model's data for its heirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from intake.headings import ROLES
from triage.errors import InputError
from triage.taxonomy import HEAD_NAME, HEADS


def quoted(word: str) -> str:
    """A word as a shell takes it; Chinese needs no quotes."""
    word = word.replace("'", "'\"'\"'")
    return f"'{word}'" if not word or any(char in word for char in " \t'\"()&;|<>$*?#`\\!") else word


COLUMN_EXAMPLE = "--column text=内容 --column category=分类"
LABEL_EXAMPLE = "--label urgency.P1=critical"


def wrong_column(word: str, roles: Iterable[str]) -> InputError:
    """What to say of a ``--column`` that is not understood."""
    return InputError(
        f"--column 的 {word!r} 看不懂；应写成 用途=列名，用途是 {'、'.join(roles)} 之一，如 {COLUMN_EXAMPLE}",
        field="column",
    )


def wrong_label(word: str, heads: Iterable[str]) -> InputError:
    """What to say of a ``--label`` that is not understood."""
    return InputError(
        f"--label 的 {word!r} 看不懂；应写成 项.文件里的说法=标签，项是 {'、'.join(heads)} 之一，如 {LABEL_EXAMPLE}",
        field="label",
    )


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are to be read.

    Attributes:
        columns: role -> heading of the file; an empty heading means that the role is not to be read.
        labels: head -> own word -> label; an empty label means that the word says nothing.
        sheet: name or number (from 1) of the sheet of a workbook.
        encoding: of a text file, where it is known.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: str = ""
    encoding: str = ""

    @classmethod
    def of(
        cls, columns: Iterable[str] = (), labels: Iterable[str] = (), sheet: str = "", encoding: str = ""
    ) -> ReadOptions:
        """From the words of a command line: ``text=内容``, ``urgency.P1=critical``.

        Raises:
            InputError: names the word and what is allowed.
        """
        named: dict[str, str] = {}
        for word in columns:
            role, sign, heading = word.partition("=")
            role = role.strip()
            if not sign or not HEAD_NAME.fullmatch(role):
                raise wrong_column(word, ROLES)
            if role in named:
                raise InputError(f"--column 给了两次 {role}；请只留一个", field="column")
            named[role] = heading.strip()
        known: dict[str, dict[str, str]] = {}
        for word in labels:
            name, sign, code = word.rpartition("=")
            head, dot, said = name.partition(".")
            if not sign or not dot or not HEAD_NAME.fullmatch(head.strip()) or not said.strip():
                raise wrong_label(word, HEADS)
            known.setdefault(head.strip(), {})[said.strip()] = code.strip()
        return cls(named, known, sheet.strip(), encoding.strip())

    def check(self, roles: Iterable[str], heads: Iterable[str]) -> None:
        """Whether what was said is about columns and heads that there are; a shop may have heads of its own.

        Raises:
            InputError: names the first that is not, and what is allowed.
        """
        roles, heads = tuple(roles), tuple(heads)
        for role, heading in self.columns.items():
            if role not in roles:
                raise wrong_column(f"{role}={heading}", roles)
        for head, said in self.labels.items():
            if head not in heads:
                raise wrong_label(f"{head}.{next(iter(said))}=…", heads)

    def words(self) -> str:
        """As they are typed, with a blank in front; empty where nothing was said."""
        said = [f"--column {quoted(f'{role}={heading}')}" for role, heading in self.columns.items()]
        said += [
            f"--label {quoted(f'{head}.{word}={code}')}"
            for head, words in self.labels.items()
            for word, code in words.items()
        ]
        said += [f"--sheet {quoted(self.sheet)}"] if self.sheet else []
        said += [f"--encoding {self.encoding}"] if self.encoding else []
        return "".join(f" {part}" for part in said)

    def to_json(self) -> dict[str, Any]:
        """Plain data; what was not said is left out."""
        said: dict[str, Any] = {
            "columns": dict(self.columns),
            "labels": {head: dict(words) for head, words in self.labels.items()},
            "sheet": self.sheet,
            "encoding": self.encoding,
        }
        return {name: value for name, value in said.items() if value}

    def parameter(self) -> dict[str, Any]:
        """As a run keeps it: nothing where nothing was said."""
        said = self.to_json()
        return {"reading": said} if said else {}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReadOptions:
        """The inverse of :meth:`to_json`."""
        return cls(data.get("columns", {}), data.get("labels", {}), data.get("sheet", ""), data.get("encoding", ""))
