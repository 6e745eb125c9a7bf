"""One tree of errors, so that every edge (HTTP, command line, notebook) can say the same thing the same way.

Each error says *what* is wrong, *which* value, *what is allowed* and *how to mend it*. ``message`` is for people
(Chinese, English in brackets is not needed: codes are English, text is Chinese); ``code`` and ``field`` are for programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

UnreadableKind = Literal["date", "date_order", "rounded", "short", "tier", "amount", "count"]
"""In which way a value cannot be read: as a moment, as one day of two, as an id that kept its digits, as a short text …"""


class FendanError(Exception):
    """Base of every error that Fendan raises on purpose.

    Attributes:
        code: stable English identifier, e.g. ``invalid_ticket``; programs branch on it.
        field: the offending field, where there is one, e.g. ``created_at``.
        http_status: what the HTTP edge answers with.
    """

    code: ClassVar[str] = "fendan_error"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return self.message


class InputError(FendanError):
    """The caller's input is wrong and the caller can mend it."""

    code = "invalid_input"
    http_status = 400


class TicketError(InputError):
    """A ticket (one HTTP body, or one element of a batch) breaks the contract."""

    code = "invalid_ticket"


class UnreadableError(TicketError):
    """One value of a ticket cannot be read; ``kind`` says in which way, so that a file's rows can be counted by it."""

    def __init__(self, message: str, *, kind: UnreadableKind, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.kind: UnreadableKind = kind


class DataError(InputError):
    """A data file (CSV, JSONL, Parquet, XLSX) breaks the contract; the message names row and value."""

    code = "invalid_data"


class QuestionError(DataError):
    """What is meant must be said by a person. ``ways``: the possible answers, each as what to add to the command."""

    def __init__(self, message: str, *, ways: Sequence[str] = (), field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.ways = tuple(ways)


class TaxonomyError(InputError):
    """A taxonomy file is malformed, or a label is not in the taxonomy."""

    code = "invalid_taxonomy"


class ProfileError(InputError):
    """A policy profile is malformed or would not be monotone.

    ``line``: of the file, 1 the first; None where there is no file, or no line is to blame.
    """

    code = "invalid_profile"

    def __init__(self, message: str, *, field: str | None = None, line: int | None = None) -> None:
        super().__init__(message, field=field)
        self.line = line


class NotFoundError(InputError):
    """What was asked for does not exist."""

    code = "not_found"
    http_status = 404


class UnauthorizedError(InputError):
    """Nobody is signed in, or a password, token or link is wrong."""

    code = "unauthorized"
    http_status = 401


class ForbiddenError(InputError):
    """It is known who asks, but they may not do this; or a browser was sent here by another site."""

    code = "forbidden"
    http_status = 403


class LockedError(InputError):
    """Too many wrong passwords in a row: no more are looked at until the moment the message names."""

    code = "locked"
    http_status = 429


class ConflictError(InputError):
    """The request contradicts what is stored."""

    code = "conflict"
    http_status = 409


class TooLargeError(InputError):
    """A body, a batch or a text is over its documented limit."""

    code = "too_large"
    http_status = 413


class ArtefactError(FendanError):
    """A model folder cannot be loaded: missing, tampered with, foreign, or of a newer format."""

    code = "invalid_artefact"
    http_status = 500


class TrainingError(InputError):
    """A model cannot be fitted from this data (one class only, too few rows …)."""

    code = "cannot_train"


class RegistryError(FendanError):
    """The model registry (MLflow) cannot be reached or does not hold what was asked for."""

    code = "registry"
    http_status = 502


class GateError(FendanError):
    """A model may not replace the champion: it has not been shown to be no worse; the message says where or why."""

    code = "gate_refused"
    http_status = 409


class StoreError(FendanError):
    """The decision store cannot be written or read (disk full, read-only, locked, wrong schema)."""

    code = "store_unavailable"
    http_status = 503
