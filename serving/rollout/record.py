"""The statements that keep what a challenger answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from serving.rollout.answers import Disagreement, ShadowRow
from serving.store.events import emit
from serving.store.tables import shadow_answers
from triage.events import Event


def keep_answers(
    connection: Connection, rows: Sequence[ShadowRow], apart: Sequence[Disagreement], now: datetime
) -> None:
    """Stores what :func:`serving.rollout.answers.compare` gives, and tells of disagreements. In the writing transaction."""
    connection.execute(insert(shadow_answers), rows)
    emit(
        connection,
        [Event("disagreed", now, one.ticket_id, one.revision, {"version": one.challenger_version}) for one in apart],
    )
