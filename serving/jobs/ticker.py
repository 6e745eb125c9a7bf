"""Work at a moment: due times in a table, set in the transaction of their cause, done exactly once.

Nothing polls for moments that are far away: a turn says when the next one is wanted, and the runner sleeps until then.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from serving.jobs.job import Portion, Turn
from serving.jobs.queries import DueTime, next_due, put_due, read_due, remove_due_keys, take_due
from serving.store.events import EMITTED
from serving.store.logbook import record
from triage.errors import StoreError

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

log = logging.getLogger("fendan.jobs")

BATCH = 200
"""Most times that are dealt with in one transaction."""


class OnDue(Protocol):
    """What is done when a moment has come."""

    def __call__(self, connection: Connection, due: Sequence[DueTime], now: datetime) -> None:
        """Does it, in the writing transaction that removes the times: short. May set new ones."""


def schedule(connection: Connection, kind: str, due: Sequence[DueTime]) -> None:
    """Sets due times, in the writing transaction of their cause; one that there is for the same key is replaced."""
    put_due(connection, kind, due)
    connection.info[EMITTED] = True  # wakes the ticker: the new time may be the next one


def unschedule(connection: Connection, kind: str, keys: Sequence[str]) -> None:
    """Takes due times back, in the writing transaction of the reason."""
    remove_due_keys(connection, kind, keys)


class Ticker:
    """Does what is due, of one kind."""

    alone = True
    driven = True

    def __init__(self, kind: str, store: Store, clock: Clock, on_due: OnDue, *, batch: int = BATCH) -> None:
        self.name = kind
        self._store, self._clock, self._on_due = store, clock, on_due
        self._portion = Portion(batch)

    async def turn(self) -> Turn:
        """Deals with what is due.

        Raises:
            StoreError: the database does not answer; nothing was done.
            Exception: what is to be done failed; nothing was done.
        """
        now = self._clock()
        due = await self._store.read(lambda connection: read_due(connection, self.name, now, self._portion.size))
        if not due:
            following = await self._store.read(lambda connection: next_due(connection, self.name))
            return Turn(0, None if following is None else max(0.0, (following - now).total_seconds()))
        try:
            await self._store.write(lambda connection: self._fire(connection, due, now), sheltered=True)
        except StoreError:
            raise
        except Exception as error:
            if not self._portion.failed(len(due)):
                raise
            await self._pass_over(due, error)
        else:
            self._portion.succeeded()
        return Turn(len(due))

    async def end(self) -> None:
        """There is nothing to end."""

    def _fire(self, connection: Connection, due: Sequence[DueTime], now: datetime) -> None:
        taken = take_due(connection, self.name, due)
        if taken:
            self._on_due(connection, taken, now)

    async def _pass_over(self, due: Sequence[DueTime], error: Exception) -> None:
        """Gives up what fails again and again; the logbook keeps which."""
        log.error("job %s passes over what was due at %s", self.name, due[0].at, exc_info=error)
        now = self._clock()

        def skip(connection: Connection) -> None:
            for one in take_due(connection, self.name, due):
                detail = {"key": one.key, "due": one.at, "error": type(error).__name__}
                record(connection, at=now, by=self.name, what="due_failed", **detail)

        await self._store.write(skip)
