"""Runs all background work of a process: one style of starting, stopping, draining, resting and counting errors."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

from serving.jobs.job import Job, Turn
from serving.jobs.lease import Leases
from triage.errors import StoreError

if TYPE_CHECKING:
    from serving.store import Store

log = logging.getLogger("fendan.jobs")


@dataclass(frozen=True, slots=True)
class JobPace:
    """How often and how patiently, in seconds.

    Attributes:
        look: a job that nobody woke looks around after so long: events of other processes, leases of dead ones.
        gather: how long a woken job waits for company, so that under load it works on many events at once.
        rest: pause after a first failure; doubled after each further one, up to ``longest_rest``.
        patience: how long stopping waits for a turn that is under way.
    """

    look: float = 2.0
    gather: float = 0.1
    rest: float = 1.0
    longest_rest: float = 60.0
    patience: float = 10.0


JobState = Literal["new", "working", "idle", "elsewhere", "resting", "ended"]
"""How a job fares: before its first turn, at work, waiting, done by another process, after a failure, or at its end."""


class JobView(TypedDict):
    """How a job fares: turns with work in them, failures, and the problem while there is one."""

    state: JobState
    done: int
    errors: int
    problem: str | None


@dataclass(slots=True)
class _Running:
    """A job and how it fares."""

    job: Job
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    state: JobState = "new"
    done: int = 0
    errors: int = 0
    failures: int = 0
    problem: str = ""


class Runner:
    """The background work of one process, on its event loop.

    Args:
        jobs: each has a name of its own.
        count: is told the name of a job whenever a turn of it failed.

    Raises:
        ValueError: two jobs have the same name.
    """

    def __init__(
        self,
        store: Store,
        jobs: Sequence[Job],
        leases: Leases,
        *,
        pace: JobPace | None = None,
        count: Callable[[str], None] | None = None,
    ) -> None:
        names = [job.name for job in jobs]
        if len(set(names)) < len(names):
            raise ValueError(f"two jobs have the same name: {names}")
        self._store, self._leases, self._count = store, leases, count
        self._pace = pace or JobPace()
        self._running = [_Running(job) for job in jobs]
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._woken = False
        self._unsubscribe: Callable[[], None] = lambda: None

    def describe(self) -> dict[str, JobView]:
        """How each job fares, by its name."""
        return {
            one.job.name: {
                "state": one.state,
                "done": one.done,
                "errors": one.errors,
                "problem": one.problem or None,
            }
            for one in self._running
        }

    async def start(self) -> None:
        """Begins; each job has its first turn at once."""
        if self._tasks:
            return
        self._stopping = False
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = self._store.on_events(self._on_events)
        for one in self._running:
            one.wake, one.turn = asyncio.Event(), asyncio.Lock()
            self._tasks.append(self._loop.create_task(self._keep(one), name=f"fendan-{one.job.name}"))
        if any(one.job.alone for one in self._running):
            self._tasks.append(self._loop.create_task(self._live(), name="fendan-leases"))

    async def stop(self) -> None:
        """Ends after the turns that are under way; what is left is done by another process, or after the next start."""
        self._stopping = True
        self._unsubscribe()
        self._unsubscribe = lambda: None
        for one in self._running:
            one.wake.set()
        tasks, self._tasks = self._tasks, []
        if tasks:
            _, late = await asyncio.wait(tasks[: len(self._running)], timeout=self._pace.patience)
            for task in (*late, *tasks[len(self._running) :]):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        for one in self._running:
            try:
                await one.job.end()
            except Exception:  # the others must be ended as well
                log.exception("job %s did not end well", one.job.name)
            one.state = "ended"
        with contextlib.suppress(StoreError):  # then others wait until this process counts as dead
            await self._leases.free()

    async def drain(self) -> bool:
        """Does all that events and due times ask for until now; works without a start, too.

        Returns:
            Whether all was done by this process; False when another one has a part of it.

        Raises:
            Exception: of the job that failed.
        """
        driven = [one for one in self._running if one.job.driven]
        while True:
            turns = [await self._once(one) for one in driven]
            if not any(turn.done for turn in turns if turn):
                return all(turn is not None for turn in turns)

    async def _keep(self, one: _Running) -> None:
        """The life of one job."""
        while not self._stopping:
            one.wake.clear()
            try:
                turn = await self._once(one)
            except Exception as error:
                pause = self._failed(one, error)
            else:
                one.failures, one.problem = 0, ""
                one.state = "elsewhere" if turn is None else "idle"
                pause = self._pause(one.job, turn)
            await self._sleep(one, pause)

    async def _once(self, one: _Running) -> Turn | None:
        """One turn; None when another process has the job."""
        async with one.turn:
            if one.job.alone and not await self._leases.hold(one.job.name):
                return None
            one.state = "working"
            turn = await one.job.turn()
            one.done += turn.done
            return turn

    def _pause(self, job: Job, turn: Turn | None) -> float:
        if turn is None:
            return self._pace.look
        if turn.done:
            return 0.0
        if not job.driven:
            return self._pace.look if turn.again is None else turn.again
        return self._pace.look if turn.again is None else min(turn.again, self._pace.look)

    def _failed(self, one: _Running, error: Exception) -> float:
        one.errors += 1
        one.failures += 1
        one.state, one.problem = "resting", str(error) if isinstance(error, StoreError) else type(error).__name__
        if isinstance(error, StoreError):
            log.warning("job %s waits for the store: %s", one.job.name, error)
        else:  # a defect, or something that can go wrong outside: either way it is tried again
            log.error("job %s failed (%d in a row)", one.job.name, one.failures, exc_info=error)
        if self._count is not None:
            self._count(one.job.name)
        return min(self._pace.rest * 2.0 ** min(one.failures - 1, 30), self._pace.longest_rest)

    async def _sleep(self, one: _Running, seconds: float) -> None:
        """Waits so long; events end it early for a job that is driven by them and does not rest after a failure."""
        if self._stopping:
            return
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(one.wake.wait(), left)
                if self._stopping:
                    return
                if one.job.driven and one.state == "idle":
                    await asyncio.sleep(min(self._pace.gather, left))
                    return
                one.wake.clear()

    async def _live(self) -> None:
        """Heartbeats."""
        while True:
            await asyncio.sleep(self._leases.patience / 3)
            try:
                await self._leases.beat()
            except StoreError as error:
                log.warning("no heartbeat: %s", error)

    def _on_events(self) -> None:
        """In the writer's thread: wakes the loop, once for all commits that come before it has looked."""
        if not self._woken and self._loop is not None and not self._loop.is_closed():
            self._woken = True
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._woken = False
        for one in self._running:
            if one.job.driven:
                one.wake.set()
