"""What happened that somebody may ask about later."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert

from serving.ids import new_id
from serving.store.tables import logbook

LogKind = Literal[
    "corrected",
    "withdrawn",
    "import",
    "export",
    "audit_closed",
    "user_added",
    "user_password",
    "user_role",
    "user_disabled",
    "user_enabled",
    "login_locked",
    "token_added",
    "token_revoked",
    "model_swapped",
    "model_refused",
    "shadow_refused",
    "shadow_given_up",
    "event_failed",
    "due_failed",
]
"""What is written down: what people said, took in and gave out; accounts and tokens; models; background work that failed."""


def record(connection: Connection, *, at: datetime, by: str, what: LogKind, **detail: Any) -> None:
    """Writes one row of ``logbook``. Never texts of tickets, never secrets.

    Args:
        detail: JSON values; moments are written as ISO 8601.
    """
    said = json.dumps(detail, ensure_ascii=False, default=_moment)
    connection.execute(insert(logbook), {"id": new_id(), "at": at, "by": by, "what": what, "detail": said})


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON value")
