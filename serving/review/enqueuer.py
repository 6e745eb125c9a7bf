"""Makes review items of what the engine decides, beside the request path, and loses none.

Why a follow-up job and not the transaction that stores the tickets: what an item needs (reading the decision, the key of
near-duplicates, how many copies there are) takes longer than storing the ticket, and that transaction is what everybody
waits for. What a crash takes with it is found again: a stored ticket without the item it needs is visible in the store,
so the start looks back over the newest days. The draw of the blind audit depends on the ticket alone and comes out the
same then.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from serving.review.blind import Draw, read_draw, set_rate
from serving.review.class_counts import ClassCounts, read_class_counts
from serving.review.enqueue import Decided, add_items, disagreement, plan, read_decided
from serving.review.queries import received_since
from triage.errors import StoreError

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store
    from serving.store.rows import Outcome

log = logging.getLogger("fendan.review")

BACK = timedelta(days=7)
"""How far the start looks back for tickets without an item."""

_WAITING = 20_000
"""Most tickets that wait here; what is more is found by looking back."""

_BATCH = 500

_REST = 2.0
"""Seconds until a store that failed is tried again."""

_PAGE = 2000


class OfTicket(Protocol):
    """Something about one text of a ticket, such as a disagreement between champion and challenger."""

    @property
    def ticket_id(self) -> str: ...
    @property
    def revision(self) -> int: ...


class Enqueuer:
    """One process's maker of items, in a thread of its own.

    What it is told before it begins waits until then.

    Args:
        blind_rate: from now on so many of the automatic tickets are drawn for the blind audit, in [0, 1].
    """

    def __init__(self, store: Store, clock: Clock, *, blind_rate: float = 0.02) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[Decided] = deque()
        self._wake = threading.Condition()
        self._busy = True
        self._closed = False
        self._since: datetime | None = clock() - BACK  # from when on tickets may lack their item
        self._labelled: ClassCounts | None = None
        self._blind_rate = blind_rate
        self._draw: Draw
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Sets the share of the blind audit and starts the thread.

        Raises:
            StoreError: the share cannot be stored.
        """
        now = self._clock()
        self._draw = self._store.write_now(lambda connection: _begin(connection, self._blind_rate, now))
        self._thread = threading.Thread(target=self._run, name="fendan-review", daemon=True)
        self._thread.start()

    async def start(self) -> None:
        """:meth:`begin`, beside the event loop."""
        await asyncio.to_thread(self.begin)

    async def stop(self) -> None:
        """:meth:`close`, beside the event loop."""
        await asyncio.to_thread(self.close)

    def on_stored(self, outcomes: Sequence[Outcome]) -> None:
        """An engine's listener: notes the new tickets and returns at once."""
        new = [
            Decided(o.row.ticket_id, o.revision, o.row.text, o.row.action, o.row.received_at, o.row.decision)
            for o in outcomes
            if o.created
        ]
        with self._wake:
            if len(self._waiting) + len(new) > _WAITING:
                self._missed(min(one.received_at for one in new))
            else:
                self._waiting.extend(new)
            self._wake.notify_all()

    async def disagreed(self, apart: Sequence[OfTicket]) -> None:
        """The shadow's listener: asks people about tickets on which champion and challenger disagree.

        Raises:
            StoreError: nobody was asked.
        """
        keys = [(one.ticket_id, one.revision) for one in apart]
        await self._store.write(lambda connection: disagreement(connection, keys, self._clock()))

    def flush(self, timeout: float = 30.0) -> bool:
        """Waits until every ticket has the item it needs; False when that took longer than ``timeout`` seconds."""
        with self._wake:
            return self._wake.wait_for(lambda: not (self._waiting or self._busy or self._since), timeout)

    def close(self) -> None:
        """Ends the thread; tickets that still wait are found at the next start. To be called before the store closes."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: self._waiting or self._since or self._closed)
                if self._closed:
                    return
                self._busy = True
                some = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                since, self._since = self._since, None
            try:
                if since is not None:
                    self._look_back(since)
                self._add(some)
            except StoreError as error:
                self._again(some, since)
                log.warning("review items wait for the store: %s", error)
                self._pause()
            except Exception:  # a defect: tickets are decided all the same, and the next start looks back
                log.exception("review items were not made")

    def _again(self, some: Sequence[Decided], since: datetime | None) -> None:
        with self._wake:
            for moment in (since, *(one.received_at for one in some)):
                if moment is not None:
                    self._missed(moment)

    def _missed(self, since: datetime) -> None:
        self._since = since if self._since is None else min(self._since, since)

    def _pause(self) -> None:
        """A moment's rest before the store is tried again; a closing service does not wait for it."""
        with self._wake:
            self._busy = False
            self._wake.wait_for(lambda: self._closed, _REST)

    def _add(self, some: Sequence[Decided]) -> None:
        # Read after the tickets were stored: another worker may have been started with another rate meanwhile.
        draw = self._draw = self._store.read_now(read_draw)
        plans = [one for ticket in some if (one := plan(ticket, draw))]
        if not plans:
            return
        now = self._clock()
        if self._labelled is None or not self._labelled.is_fresh(now):
            self._labelled = self._store.read_now(lambda connection: read_class_counts(connection, now))
        labelled = self._labelled
        self._store.write_now(lambda connection: add_items(connection, plans, labelled, draw, now))

    def _look_back(self, since: datetime) -> None:
        for page in self._without_item(since):
            for start in range(0, len(page), _BATCH):
                keys = page[start : start + _BATCH]
                self._add(self._store.read_now(lambda connection, keys=keys: read_decided(connection, keys)))  # type: ignore[misc]
                if self._closed:
                    return

    def _without_item(self, since: datetime) -> Iterator[list[tuple[str, int]]]:
        """Keys of tickets received since then that may need an item and have none, page by page."""
        for rows in received_since(self._store.read_now, since, _PAGE):
            yield [(row.ticket_id, row.revision) for row in rows if row.id is None and self._may_need(row)]

    def _may_need(self, row: object) -> bool:
        ticket: Decided = row  # type: ignore[assignment]
        rate = self._draw.rate_at(ticket.received_at)
        return ticket.action != "auto" or self._draw.is_blind(ticket.ticket_id, ticket.revision, rate)


def _begin(connection: Connection, rate: float, now: datetime) -> Draw:
    set_rate(connection, rate, now)
    return read_draw(connection)
