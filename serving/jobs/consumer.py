"""Work that follows from events: none is lost, none is done twice, whichever process is killed when.

A consumer reads the next events, prepares what follows from them beside the writing (that may take long), and then does it
in the same transaction that moves its cursor. The cursor moves only from where it was read, so of two processes that
prepared the same one comes too late and does nothing. Work on the world outside (a message to another program) cannot be
taken back with a transaction: there an event may arrive twice, and its id says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from sqlalchemy import Connection

from serving.jobs.job import Portion, Turn
from serving.jobs.queries import make_cursor, move_cursor, read_cursor
from serving.store.events import EventPage, newest, read_after
from serving.store.logbook import record
from triage.errors import StoreError
from triage.events import Event, EventKind

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

log = logging.getLogger("fendan.jobs")

P = TypeVar("P")

BATCH = 500
"""Most events at a time."""

_STRIDE = 10_000
"""Events of other kinds after which the cursor is moved all the same, so that old events can be removed."""


class Handler(Protocol[P]):
    """What follows from events of some kinds."""

    @property
    def kinds(self) -> frozenset[EventKind]:
        """The kinds it wants."""

    def prepare(self, events: Sequence[Event]) -> P:
        """Finds out what is to be done. In a thread; may read, writes nothing."""

    def apply(self, connection: Connection, prepared: P) -> None:
        """Does it, in the writing transaction that moves the cursor: short, and all the world waits for it."""


class Consumer(Generic[P]):
    """A handler with its place in the events.

    Args:
        start: where one that has never run begins: with the oldest event that is kept, or with what comes from now on.
    """

    alone = True
    driven = True

    def __init__(
        self,
        name: str,
        store: Store,
        clock: Clock,
        handler: Handler[P],
        *,
        start: Literal["oldest", "now"] = "oldest",
        batch: int = BATCH,
    ) -> None:
        self.name = name
        self._store, self._clock, self._handler = store, clock, handler
        self._start = start
        self._position: int | None = None
        """Where the cursor is in the database; None: not known."""
        self._looked_to = 0
        """Up to here there is nothing of the wanted kinds."""
        self._portion = Portion(batch)

    async def turn(self) -> Turn:
        """Deals with the next events.

        Raises:
            StoreError: the database does not answer; nothing was done.
            Exception: the handler failed; nothing was done.
        """
        position = self._position
        if position is None:
            position = self._position = await self._begin()
        begin = max(position, self._looked_to)
        page = await self._store.read(lambda c: read_after(c, begin, self._handler.kinds, self._portion.size))
        if not page.events:
            self._looked_to = page.position
            if page.position - position > _STRIDE:
                await self._move(position, page.position, None)
            return Turn()
        try:
            prepared = await asyncio.to_thread(self._handler.prepare, page.events)
            await self._move(position, page.position, prepared)
        except StoreError:
            self._position = None  # perhaps it was committed all the same
            raise
        except Exception as error:
            self._position = None
            if not self._portion.failed(len(page.events)):
                raise
            await self._pass_over(position, page, error)
        else:
            self._portion.succeeded()
        return Turn(len(page.events))

    async def end(self) -> None:
        """There is nothing to end: all that matters is in the database."""

    async def _begin(self) -> int:
        held = await self._store.read(lambda connection: read_cursor(connection, self.name))
        if held is not None:
            return held

        def make(connection: Connection) -> int:
            first = newest(connection) if self._start == "now" else 0
            return make_cursor(connection, self.name, first, self._clock())

        return await self._store.write(make)

    async def _move(self, old: int, new: int, prepared: P | None) -> None:
        """Moves the cursor and does what is prepared, or neither."""

        def work(connection: Connection) -> bool:
            moved = move_cursor(connection, self.name, old, new, self._clock())
            if moved and prepared is not None:
                self._handler.apply(connection, prepared)
            return moved

        moved = await self._store.write(work, sheltered=True)
        self._position = new if moved else None  # None: another process has done it

    async def _pass_over(self, position: int, page: EventPage, error: Exception) -> None:
        """Leaves out an event on which the handler fails again and again; the logbook keeps which."""
        event = page.events[0]
        detail: dict[str, Any] = {"event": event.id, "kind": event.kind, "error": type(error).__name__}
        log.error("job %s passes over event %d (%s)", self.name, event.id, event.kind, exc_info=error)
        now = self._clock()

        def skip(connection: Connection) -> None:
            if move_cursor(connection, self.name, position, page.position, now):
                record(connection, at=now, by=self.name, what="event_failed", **detail)

        await self._store.write(skip)
