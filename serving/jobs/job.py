"""What a piece of background work is. All of it runs in :class:`serving.jobs.runner.Runner`, in the same way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

TRIES = 4
"""So often something is tried on its own before it is passed over."""


class Turn(NamedTuple):
    """What came of one turn: how many things were done, and in how many seconds it wants another one.

    With ``done`` above 0 it gets one at once. ``again`` None: at the next event, or when the runner looks around.
    """

    done: int = 0
    again: float | None = None


class Job(Protocol):
    """Work that goes on beside the requests."""

    @property
    def name(self) -> str:
        """Unlike that of any other job; at most 64 characters."""

    @property
    def alone(self) -> bool:
        """Whether only one process may do it at a time; else each one does."""

    @property
    def driven(self) -> bool:
        """Whether events and due times are what it works on: new events wake it, and draining finishes it."""

    async def turn(self) -> Turn:
        """Does a part of what there is to do. What blocks goes to a thread.

        Raises:
            Exception: it is logged and counted, and the job is tried again after a growing rest.
        """

    async def end(self) -> None:
        """Ends what the job has open. No turn is under way then, and none follows."""


class Portion:
    """How much is taken at a time: after a failure one by one, so that what is bad does not stop its neighbours.

    Args:
        most: taken at a time when all goes well.
    """

    def __init__(self, most: int) -> None:
        self.size = most
        self._most = most
        self._failures = 0

    def succeeded(self) -> None:
        """Goes back to more, step by step."""
        self._failures = 0
        self.size = min(self._most, self.size * 2)

    def failed(self, n: int) -> bool:
        """Notes that ``n`` things failed together; whether it is a single one that has failed :data:`TRIES` times."""
        self.size = 1
        self._failures = self._failures + 1 if n == 1 else 0
        if self._failures < TRIES:
            return False
        self._failures = 0
        return True


class Periodic:
    """Work of every process that returns after a while, such as looking at a registry.

    Args:
        every: seconds from the end of one time to the beginning of the next.
        end: called when the runner stops.
    """

    alone = False
    driven = False

    def __init__(
        self,
        name: str,
        every: float,
        work: Callable[[], Awaitable[None]],
        end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self._every, self._work, self._end = every, work, end

    async def turn(self) -> Turn:
        """Does the work once."""
        await self._work()
        return Turn(0, self._every)

    async def end(self) -> None:
        """Calls what was handed in for that."""
        if self._end is not None:
            await self._end()
