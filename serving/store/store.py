"""The store of decisions: what was answered is on disk before it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from serving.store.database import DATABASE_ERRORS, make_folder, open_engine, parse_url, store_error
from serving.store.migrate import migrate
from serving.store.rows import NewTicket, Saved
from serving.store.writer import Writer, WriteRequest
from serving.store.writing import write_probe
from triage.errors import StoreError

T = TypeVar("T")

_PROBE_EVERY = 2.0
"""Seconds for which a good readiness probe is believed, so that probes cost no writing under load."""


class Store:
    """The tickets and whatever else is kept. One per process.

    Writing goes through one queue (:class:`serving.store.writer.Writer`), reading has connections of its own.
    """

    def __init__(self, url: str, *, timeout: int = 5, queue_limit: int = 20_000) -> None:
        """Opens the database, brings its schema up to date and starts the writer.

        Raises:
            StoreError: it cannot be opened or written, or its schema is newer than this program.
        """
        self.url = parse_url(url)
        make_folder(self.url)
        write = open_engine(self.url, timeout=timeout, writes=True)
        try:
            migrate(write, timeout=timeout)
        except DATABASE_ERRORS as error:
            write.dispose()
            raise store_error(error, self.url) from error
        except StoreError:
            write.dispose()
            raise
        self._write = write
        self._read = open_engine(self.url, timeout=timeout, writes=False)
        self._writer = Writer(write, limit=queue_limit)
        self._probed = float("-inf")

    @property
    def depth(self) -> int:
        """Tickets that wait to be written in this process."""
        return self._writer.depth

    def on_events(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Lets ``listener`` be called whenever this process has committed events; the result ends that.

        It is called in the writer's thread and has microseconds. Events of other processes are not told of.
        """
        self._writer.listeners.append(listener)
        return lambda: self._writer.listeners.remove(listener)

    async def save(self, rows: Sequence[NewTicket]) -> list[Saved]:
        """Makes ``rows`` durable and says what the store holds for each, in order.

        Raises:
            StoreError: nothing of ``rows`` was written.
        """
        return cast(list[Saved], await self._submit(WriteRequest(tickets=rows))) if rows else []

    async def write(self, work: Callable[[Connection], T], *, sheltered: bool = False) -> T:
        """Calls ``work`` in a writing transaction (it holds the write lock) and waits until that is on disk.

        ``work`` runs in the writer's thread together with others' work: it is short, and it raises a
        :class:`triage.errors.FendanError` only before it has written anything. Work of which that cannot be promised is
        ``sheltered``: whatever it raises, it alone is undone, at the price of a savepoint.

        Raises:
            StoreError: it was not written.
        """
        return cast(T, await self._submit(WriteRequest(work=work, sheltered=sheltered)))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Calls ``work`` with a reading connection, in a thread; each of its statements sees what is committed by then.

        Raises:
            StoreError: the database cannot be read.
        """
        return cast(T, await asyncio.to_thread(self._reading, work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """:meth:`write` for a thread that has no event loop: waits until it is on disk."""
        job = WriteRequest(work=work)
        self._writer.submit(job)
        return cast(T, cast("Future[Any]", job.future).result())

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """:meth:`read` for a thread that has no event loop."""
        return cast(T, self._reading(work))

    async def check(self) -> None:
        """Proves that the store can be written just now, by writing.

        Raises:
            StoreError: it cannot.
        """
        if time.monotonic() - self._probed < _PROBE_EVERY:
            return
        self._probed = float("-inf")
        await self.write(write_probe)
        self._probed = time.monotonic()

    def close(self) -> None:
        """Writes what waits and closes all connections."""
        self._writer.close()
        self._write.dispose()
        self._read.dispose()

    async def _submit(self, job: WriteRequest) -> Any:
        job.loop = asyncio.get_running_loop()
        job.future = future = job.loop.create_future()
        self._writer.submit(job)
        return await future

    def _reading(self, work: Callable[[Connection], Any]) -> Any:
        try:
            with self._read.connect() as connection:
                return work(connection)
        except DATABASE_ERRORS as error:
            raise store_error(error, self.url) from error
