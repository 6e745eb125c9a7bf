"""One thread that writes: it takes everything that waits, writes it in one transaction, then answers all of it.

So the cost of making a transaction durable (one flush of the disk) is shared by all the tickets that came in meanwhile,
and a future is resolved only when its rows are on disk. The shape is Datasette's write queue with group commit added.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError

from serving.store.database import DATABASE_ERRORS, store_error
from serving.store.events import EMITTED
from serving.store.rows import NewTicket
from serving.store.writing import save_tickets
from triage.errors import FendanError, StoreError

log = logging.getLogger("fendan.store")

_GROUP = 5000
"""Most tickets in one transaction, so that nobody waits long behind a flood."""


@dataclass(slots=True, eq=False)
class WriteRequest:
    """Something to write: either ``tickets``, or ``work`` that is called with the connection.

    What ``sheltered`` work raises undoes that work alone (a savepoint), and not what others write in the same transaction.
    ``future`` belongs to ``loop`` when there is one, else it is a :class:`concurrent.futures.Future`.
    """

    tickets: Sequence[NewTicket] = ()
    work: Callable[[Connection], Any] | None = None
    sheltered: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    future: asyncio.Future[Any] | Future[Any] = field(default_factory=Future)

    @property
    def size(self) -> int:
        return max(1, len(self.tickets))


class Writer:
    """The write queue of one process. Other processes may write too: a transaction holds the database's write lock."""

    def __init__(self, engine: Engine, *, limit: int) -> None:
        self._engine = engine
        self._limit = limit
        self._jobs: deque[WriteRequest] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self.depth = 0
        self.listeners: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="fendan-writer", daemon=True)
        self._thread.start()

    def submit(self, job: WriteRequest) -> None:
        """Queues ``job``.

        Raises:
            StoreError: the queue is full, or the writer is closed.
        """
        with self._wake:
            if self._closed:
                raise StoreError("服务正在停止，不再收工单；请稍后重试")
            if self.depth and self.depth + job.size > self._limit:
                raise StoreError(f"等着写库的工单已有 {self.depth:,} 张，上限 {self._limit:,}；请稍后重试")
            self.depth += job.size
            self._jobs.append(job)
            self._wake.notify()

    def close(self) -> None:
        """Writes what still waits, then ends the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._take():
            outcomes = self._write(group)
            with self._wake:
                self.depth -= sum(job.size for job in group)
            _settle(list(zip(group, outcomes, strict=True)))

    def _take(self) -> list[WriteRequest]:
        with self._wake:
            while not self._jobs and not self._closed:
                self._wake.wait()
            group: list[WriteRequest] = []
            size = 0
            while self._jobs and (not group or size + self._jobs[0].size <= _GROUP):
                group.append(self._jobs.popleft())
                size += group[-1].size
            return group

    def _write(self, group: list[WriteRequest]) -> list[Any]:
        """What came of each job: its result, or the exception to raise where it is awaited."""
        try:
            with self._engine.begin() as connection:
                connection.info.pop(EMITTED, None)
                outcomes = _apply(connection, group)
                emitted = connection.info.pop(EMITTED, False)
        except DATABASE_ERRORS as error:
            if len(group) > 1 and isinstance(error, (DataError, IntegrityError)):
                return [self._write([job])[0] for job in group]  # one bad row must not fail the others
            self._engine.dispose()  # the next group starts on a fresh connection
            problem = store_error(error, self._engine.url)
            log.error("%s", problem)
        except Exception as error:
            self._engine.dispose()
            log.exception("write failed")
            return [error] * len(group)
        else:
            if emitted:
                self._tell()
            return outcomes
        return [problem] * len(group)

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            try:
                listener()
            except Exception:  # e.g. an event loop that is gone; it must not harm who writes
                log.exception("a listener failed")


def _apply(connection: Connection, group: list[WriteRequest]) -> list[Any]:
    saved = iter(save_tickets(connection, [row for job in group for row in job.tickets]))
    outcomes: list[Any] = []
    for job in group:
        if job.work is None:
            outcomes.append([next(saved) for _ in job.tickets])
            continue
        try:
            outcomes.append(_shelter(connection, job.work) if job.sheltered else job.work(connection))
        except FendanError as error:  # refused before it wrote anything: the others go on
            outcomes.append(error)
    return outcomes


def _shelter(connection: Connection, work: Callable[[Connection], Any]) -> Any:
    """What ``work`` gives, or what it raised; then it has changed nothing."""
    step = connection.begin_nested()
    try:
        result = work(connection)
        step.commit()
    except DATABASE_ERRORS as error:
        if not isinstance(error, (DataError, IntegrityError)):
            raise  # the database itself: nobody can go on
        step.rollback()
        return error
    except Exception as error:
        step.rollback()
        return error
    return result


def _settle(done: list[tuple[WriteRequest, Any]]) -> None:
    """Hands the outcomes over, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[tuple[WriteRequest, Any]]] = {}
    for job, outcome in done:
        by_loop.setdefault(job.loop, []).append((job, outcome))
    for loop, part in by_loop.items():
        if loop is None:
            _resolve(part)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, part)


def _resolve(part: list[tuple[WriteRequest, Any]]) -> None:
    for job, outcome in part:
        if job.future.done():  # whoever asked has gone away; the row is written all the same
            continue
        if isinstance(outcome, BaseException):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
