"""What happened to models, kept in the logbook."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from serving.store.logbook import record
from triage.errors import StoreError

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

log = logging.getLogger("fendan.live")

_BY = "service"


class Journal:
    """Writes what an operator may ask about later."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, what: str, detail: dict[str, Any]) -> None:
        """A row of the logbook; the service goes on without it when the store does not."""
        now = self._clock()
        row = {"worker": os.getpid(), **detail}
        try:
            await self._store.write(lambda connection: record(connection, at=now, by=_BY, what=what, **row))
        except StoreError as error:
            log.warning("the event %s was not kept: %s", what, error)
