"""The challenger answers the same tickets in a process of its own, off the request path.

Whatever happens to that process (crash, stall, memory, slowness), a request only ever puts a tuple into a bounded queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from serving.observe.metrics import Happened
from serving.rollout.answers import Answer, Shaded, compare, shaded
from serving.rollout.process import Scorer, ScorerFailed, ScorerRefused
from serving.rollout.record import keep_answers
from serving.rollout.states import ENDED, ShadowState, ShadowView
from serving.store import Store
from serving.store.logbook import LogKind
from serving.store.rows import Outcome
from triage.errors import FendanError, StoreError

log = logging.getLogger("fendan.shadow")


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient and how greedy the shadow is. Times are in seconds.

    Attributes:
        queue: tickets that may wait; the oldest is dropped for a new one.
        calm: it works only while no more tickets than this wait to be written.
        megabytes: memory of its process.
        batch: tickets scored at a time.
        gather: how long it waits for company before it scores a ticket.
        start, answer: how long its process may take to start, and to answer a batch.
        rest: pause after a first failure; doubled after each further one, up to ``longest_rest``.
        most: so many failures with fewer than ``proof`` good batches between two of them end it.
    """

    queue: int = 1000
    calm: int = 100
    megabytes: int = 4096
    batch: int = 32
    gather: float = 0.1
    start: float = 180.0
    answer: float = 30.0
    rest: float = 1.0
    longest_rest: float = 60.0
    most: int = 5
    proof: int = 100


class Shadow:
    """One challenger beside the champion.

    Args:
        fetch: gives the folder of a version; blocks, raises :class:`FendanError`.
        report: is told what an operator may ask about later (``shadow_refused``, ``shadow_given_up``).
        count: is told what happened how often: scored, dropped, failed, restarted.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        fetch: Callable[[str], Path],
        *,
        pace: Pace | None = None,
        report: Callable[[LogKind, dict[str, Any]], Awaitable[None]] | None = None,
        count: Callable[[Happened, int], None] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._fetch = fetch
        self._pace = pace or Pace()
        self._report = report
        self._tell = count
        self._queue: deque[Shaded] = deque(maxlen=self._pace.queue)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._proven = 0
        self._counts: Counter[Happened] = Counter()
        self.version: str | None = None
        self.state: ShadowState = "none"
        self.problem = ""
        self.pid: int | None = None

    def describe(self) -> ShadowView:
        """For ``/v1/model``."""
        return {
            "state": self.state,
            "version": self.version,
            "problem": self.problem or None,
            "waiting": len(self._queue),
            "scored": self._counts["scored"],
            "dropped": self._counts["dropped"],
            "failed": self._counts["failed"],
            "restarted": self._counts["restarted"],
        }

    def offer(self, outcomes: Sequence[Outcome]) -> None:
        """Puts tickets into the queue; never waits and never fails. The engine calls it (see ``tickets.engine.Listener``)."""
        if self._task is None or self.state in ENDED:
            return
        for outcome in outcomes:
            ticket = shaded(outcome)
            if ticket is not None:
                if len(self._queue) == self._queue.maxlen:
                    self._count("dropped")
                self._queue.append(ticket)
        if self._queue:
            self._wake.set()

    async def follow(self, version: str | None) -> None:
        """Lets ``version`` answer along from now on; None: nobody."""
        if version == self.version:
            return
        await self.stop()
        self.version = version
        if version is not None:
            self.state, self.problem, self._counts = "starting", "", Counter()
            self._task = asyncio.create_task(self._run(version), name="fendan-shadow")

    async def stop(self) -> None:
        """Ends the challenger's process."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._queue.clear()
        self.version, self.state, self.problem = None, "none", ""

    async def _run(self, version: str) -> None:
        failures = 0
        while True:
            self._proven = 0
            try:
                await self._session(version)
            except ScorerRefused as error:
                await self._end("refused", str(error), version)
                return
            except (FendanError, OSError, ScorerFailed) as error:
                self.problem = str(error)
            except Exception as error:  # a defect of ours must stay off the request path, too
                log.exception("the shadow failed")
                self.problem = type(error).__name__
            failures = 1 if self._proven >= self._pace.proof else failures + 1
            log.warning("the shadow of version %s failed (%d in a row): %s", version, failures, self.problem)
            if failures >= self._pace.most:
                await self._end("given_up", f"失败了 {failures} 次，不再试：{self.problem}", version)
                return
            self.state = "resting"
            await asyncio.sleep(min(self._pace.rest * 2 ** (failures - 1), self._pace.longest_rest))
            self._count("restarted")
            self.state = "starting"

    async def _end(self, state: Literal["refused", "given_up"], problem: str, version: str) -> None:
        self.state, self.problem = state, problem
        self._queue.clear()
        log.error("影子模型版本 %s 停了：%s", version, problem)
        if self._report is not None:
            what: LogKind = "shadow_refused" if state == "refused" else "shadow_given_up"
            await self._report(what, {"version": version, "problem": problem})

    async def _session(self, version: str) -> None:
        """One process, until it fails."""
        folder = await asyncio.to_thread(self._fetch, version)
        scorer = await Scorer.start(folder, self._pace.megabytes, gone=self._wake.set)
        self.pid = scorer.pid
        try:
            await scorer.greet(self._pace.start)
            while True:
                await self._work(scorer, version)
        finally:
            self.pid = None
            await scorer.end()

    async def _work(self, scorer: Scorer, version: str) -> None:
        """One batch, as soon as there is one and the service has time for it."""
        self.state = "running"
        while not self._queue:
            self._wake.clear()
            scorer.check()
            await self._wake.wait()
        if len(self._queue) < self._pace.batch:
            await asyncio.sleep(self._pace.gather)
        while self._store.depth > self._pace.calm:
            self.state = "paused"
            await asyncio.sleep(self._pace.gather)
        scorer.check()
        tickets = [self._queue.popleft() for _ in range(min(self._pace.batch, len(self._queue)))]
        try:
            answers = await scorer.ask([ticket.text for ticket in tickets], self._pace.answer)
        except ScorerFailed:
            self._count("failed", len(tickets))  # one of them may be the cause: they are not tried again
            raise
        self._proven += 1
        await self._keep(tickets, answers, version)

    async def _keep(self, tickets: list[Shaded], answers: list[Answer | None], version: str) -> None:
        now = self._clock()
        rows, apart = compare(tickets, answers, version, now)
        if missing := len(tickets) - len(rows):
            self._count("failed", missing)
        if not rows:
            return

        try:
            await self._store.write(lambda connection: keep_answers(connection, rows, apart, now))
        except StoreError as error:
            self._count("failed", len(rows))
            log.warning("%d answers of the shadow were not kept: %s", len(rows), error)
            return
        self._count("scored", len(rows))

    def _count(self, what: Happened, n: int = 1) -> None:
        self._counts[what] += n
        if self._tell is not None:
            self._tell(what, n)
