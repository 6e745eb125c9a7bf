"""The door: a path and what a person said about it -> rows, and which of their columns is for what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from intake.columns import Columns, assign
from intake.files.data_file import DataFile
from intake.files.open import read
from intake.headings import OURS_ONLY, ROLES
from intake.options import ReadOptions
from intake.tools.unwrap import unwrap
from triage.taxonomy import HEADS

TICKET_ROLES: tuple[str, ...] = tuple(role for role in ROLES if role not in OURS_ONLY)
"""What is read of a ticket; the rest belongs to labels given elsewhere."""


def read_file(
    path: str | Path,
    options: ReadOptions,
    roles: Iterable[str] = TICKET_ROLES,
    *,
    heads: Sequence[str] = HEADS,
    words: bool = True,
    form: str = "",
) -> tuple[DataFile, Columns]:
    """Reads one file (:func:`intake.files.open.read`); ``words``: whether the customer's words are needed.

    Args:
        heads: what labels there may be: those that every shop knows, and the shop's own.

    Raises:
        DataError: the file cannot be read, or has no column that is needed; QuestionError: a person must say which.
    """
    options.check(dict.fromkeys([*ROLES, *heads]), heads)
    data = read(path, options, form)
    unwrap(data, heads)
    return data, assign(data, options, roles, words=words)
