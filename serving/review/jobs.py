"""Questions to people follow from what is decided, and from where champion and challenger disagree. None is lost.

Why a consumer of events and not the transaction that stores the tickets: what a question needs (reading the decision, the
key of near-duplicates, how many copies there are) takes longer than storing the ticket, and that transaction is what
everybody waits for. The draw of the blind audit depends on the ticket alone and comes out the same whoever draws, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection

from serving.jobs.consumer import Consumer
from serving.jobs.job import Periodic
from serving.review.blind import Draw, read_draw, set_rate
from serving.review.class_counts import ClassCounts, read_class_counts
from serving.review.enqueue import PlannedItem, add_items, disagreement, plan, read_decided
from serving.review.similar import EVERY, Similar
from serving.store.keys import Key
from triage.events import Event, EventKind

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.jobs.job import Job
    from serving.store import Store

CONSUMER = "review"


class Questions(NamedTuple):
    """Items to be made, and tickets on which two models disagree."""

    items: Sequence[PlannedItem]
    labelled: ClassCounts
    draw: Draw
    apart: Sequence[Key]


class QuestionMaker:
    """Makes review items of events."""

    kinds: frozenset[EventKind] = frozenset({"decided", "revised", "disagreed"})

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._labelled: ClassCounts | None = None

    def prepare(self, events: Sequence[Event]) -> Questions:
        """Reads the tickets that may need an item and plans it; most automatic ones are not even read."""
        # Read after the tickets were stored: another worker may have been started with another rate meanwhile.
        draw = self._store.read_now(read_draw)
        keys = [one.key for one in events if one.kind != "disagreed" and _may_need(one, draw)]
        read = self._store.read_now(lambda connection: read_decided(connection, keys)) if keys else []
        tickets = {(one.ticket_id, one.revision): one for one in read}
        plans = [plan(tickets[key], draw) for key in keys]
        items = [one for one in plans if one]
        apart = [one.key for one in events if one.kind == "disagreed"]
        return Questions(items, self._counts() if items else ClassCounts({}, self._clock()), draw, apart)

    def apply(self, connection: Connection, prepared: Questions) -> None:
        """Writes the items that are not there yet."""
        now = self._clock()
        if prepared.items:
            add_items(connection, prepared.items, prepared.labelled, prepared.draw, now)
        if prepared.apart:
            disagreement(connection, prepared.apart, now)

    def _counts(self) -> ClassCounts:
        now = self._clock()
        if self._labelled is None or not self._labelled.is_fresh(now):
            self._labelled = self._store.read_now(lambda connection: read_class_counts(connection, now))
        return self._labelled


def jobs(store: Store, clock: Clock, similar: Similar, *, blind_rate: float) -> list[Job]:
    """The desk's background work.

    Args:
        similar: is kept fresh, in every process.
        blind_rate: from now on so many of the automatic tickets are drawn for the blind audit, in [0, 1].

    Raises:
        StoreError: the rate cannot be kept.
    """
    store.write_now(lambda connection: set_rate(connection, blind_rate, clock()))
    return [
        Consumer(CONSUMER, store, clock, QuestionMaker(store, clock)),
        Periodic("similar", EVERY, similar.refresh),
    ]


def _may_need(event: Event, draw: Draw) -> bool:
    return event.payload["action"] != "auto" or draw.is_blind(*event.key, draw.rate_at(event.at))
