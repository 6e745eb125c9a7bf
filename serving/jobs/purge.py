"""Removes old events that everybody has dealt with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from serving.jobs.queries import DueTime, put_due_once, read_least_cursor
from serving.jobs.ticker import Ticker, schedule
from serving.store.events import remove_before

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

KIND = "purge_events"

KEPT = timedelta(days=30)
"""An event is kept for so long: whoever comes new begins with the oldest one."""

_EVERY = timedelta(hours=1)
_PORTION = 5_000
"""Events in one transaction."""


class EventPurge:
    """Removes a portion, and says when the next one is due.

    Args:
        consumers: who must have dealt with an event before it goes.
    """

    def __init__(self, consumers: Collection[str]) -> None:
        self._consumers = consumers

    def __call__(self, connection: Connection, due: Sequence[DueTime], now: datetime) -> None:  # noqa: ARG002
        """Does it, in the transaction that takes the due time."""
        position = read_least_cursor(connection, self._consumers)
        removed = remove_before(connection, now - KEPT, position, _PORTION) if position else 0
        pause = timedelta(seconds=1) if removed else _EVERY
        schedule(connection, KIND, [DueTime("", now + pause, {})])


def purge_job(store: Store, clock: Clock, consumers: Collection[str]) -> Ticker:
    """The job; its first time is set now unless there is one.

    Raises:
        StoreError: it cannot be set.
    """
    store.write_now(lambda connection: put_due_once(connection, KIND, DueTime("", clock() + _EVERY, {})))
    return Ticker(KIND, store, clock, EventPurge(consumers))
