"""One process at a time does a job: leases with a heartbeat, in the database.

No clocks are compared, for those of two machines differ. Each owner makes a number rise; whoever waits watches it by a
stopwatch of its own and takes the lease when it has stood still for long enough. A lease saves double work and does not
guard anything: an owner that was thought dead may come back in the middle of its work. What must not happen twice is
guarded by the cursor or the due time, which only one transaction can take.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from serving.jobs.queries import Lease, free_leases, read_leases, renew_leases, take_lease

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

PATIENCE = 15.0
"""Seconds for which a heartbeat may stand still; it comes three times as often."""


def this_process() -> str:
    """A name that no other process has, nor this one after a restart."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


class Leases:
    """The leases of one process.

    Args:
        patience: seconds without a heartbeat after which an owner counts as dead.
        stopwatch: seconds that only ever rise.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        owner: str = "",
        patience: float = PATIENCE,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.owner = owner or this_process()
        self.patience = patience
        self._store, self._clock, self._stopwatch = store, clock, stopwatch
        self._mine: set[str] = set()
        self._seen: dict[str, tuple[Lease, float]] = {}

    @property
    def held(self) -> frozenset[str]:
        """The jobs of this process, as of its last heartbeat."""
        return frozenset(self._mine)

    async def hold(self, job: str) -> bool:
        """Whether this process does ``job`` now; takes the lease where nobody has it or its owner is dead.

        Raises:
            StoreError: nobody knows.
        """
        if job in self._mine:
            return True
        held = (await self._store.read(read_leases)).get(job)
        if held is not None and held.owner and not self._is_dead(job, held):
            return False
        now = self._clock()
        if not await self._store.write(lambda connection: take_lease(connection, job, self.owner, held, now)):
            return False  # another one was faster
        self._mine.add(job)
        self._seen.pop(job, None)
        return True

    async def beat(self) -> None:
        """A sign of life; leases that were lost meanwhile are noticed.

        Raises:
            StoreError: it was not given.
        """
        if self._mine:
            now = self._clock()
            kept = await self._store.write(lambda connection: renew_leases(connection, self.owner, now))
            self._mine &= kept

    async def free(self) -> None:
        """Gives all back, so that nobody has to wait.

        Raises:
            StoreError: others wait until they count as dead.
        """
        if self._mine:
            self._mine = set()
            now = self._clock()
            await self._store.write(lambda connection: free_leases(connection, self.owner, now))

    def _is_dead(self, job: str, held: Lease) -> bool:
        now = self._stopwatch()
        seen, since = self._seen.get(job, (None, now))
        if seen != held:
            since = now
        self._seen[job] = (held, since)
        return now - since >= self.patience
