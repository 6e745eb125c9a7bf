"""What happened to models, kept in the logbook."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from serving.store.events import emit
from serving.store.logbook import LogKind, record
from triage.errors import StoreError
from triage.events import Event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.clock import Clock
    from serving.store import Store

log = logging.getLogger("fendan.live")

_BY = "service"


class Journal:
    """Writes what an operator may ask about later."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, what: LogKind, detail: dict[str, Any]) -> None:
        """A row of the logbook, and an event where the model was swapped; the service goes on without it when the store does not."""
        now = self._clock()
        row = {"worker": os.getpid(), **detail}

        def work(connection: Connection) -> None:
            record(connection, at=now, by=_BY, what=what, **row)
            if what == "model_swapped":
                emit(connection, [Event("model_swapped", now, payload=row)])

        try:
            await self._store.write(work)
        except StoreError as error:
            log.warning("the event %s was not kept: %s", what, error)
