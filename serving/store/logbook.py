"""What happened that somebody may ask about later."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from serving.ids import new_id
from serving.store.tables import logbook


def record(connection: Connection, *, at: datetime, by: str, what: str, **detail: Any) -> None:
    """Writes one row of ``logbook``. Never texts of tickets, never secrets.

    Args:
        what: at most 32 characters of English, e.g. ``login_locked``.
        detail: JSON values; moments are written as ISO 8601.
    """
    said = json.dumps(detail, ensure_ascii=False, default=_moment)
    connection.execute(insert(logbook), {"id": new_id(), "at": at, "by": by, "what": what, "detail": said})


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON value")
