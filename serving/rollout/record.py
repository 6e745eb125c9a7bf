"""The statements that keep what a challenger answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from serving.store.tables import shadow_answers


def keep_answers(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Stores rows of :func:`serving.rollout.answers.compare`, in the writing transaction."""
    connection.execute(insert(shadow_answers), rows)
