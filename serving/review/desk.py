"""The desk: hands tickets to people one at a time and takes their answers. Safe between processes.

What is looked up is looked up beside the write lock; what is decided is decided under it, by statements that say in their
own conditions what must still be true (``UPDATE … WHERE``) and count the rows that were.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import Connection

from serving.labels.queries import count_by
from serving.labels.record import LabelRecord
from serving.people.roles import Role
from serving.review import answering
from serving.review.cards import Card, DeskCard, read_card
from serving.review.class_counts import ClassCounts, read_class_counts
from serving.review.following import follow
from serving.review.guidelines import Guidelines, load_guidelines
from serving.review.order import lanes
from serving.review.picking import candidates, held_by, renew, take
from serving.review.queries import count_open, open_conflicts
from serving.review.similar import Similar
from triage.errors import ConflictError
from triage.labels import CONFLICT, OUR_PEOPLE, AskedFor
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

SHIFT = timedelta(hours=12)
"""An answer can be taken back for so long."""

_LEADS: tuple[Role, ...] = ("lead", "admin")
_CONFLICTS = 50
"""So many open conflicts are listed at a time."""


class DeskCounts(TypedDict):
    """``open`` items without conflicts, those by their reason, open ``conflicts``, and ``mine``: answered today."""

    open: int
    reasons: dict[AskedFor, int]
    conflicts: int
    mine: int


class Desk:
    """The review desk of one process.

    Args:
        taxonomy: gives the labels that count just now.
        lease: for how long a ticket is somebody's; each look at it begins the time anew.
        overlap_share: of the answered tickets, a second person is asked about so many.
        random_share: so many of the calls of :meth:`next` take an open item at random.
        chance: gives random numbers in [0, 1).
        record: takes the answers; by default one that only the desk follows.
        guidelines: what is told about labels; by default those that come with the program.
        similar: finds past tickets; by default an index of its own.
    """

    def __init__(
        self,
        store: Store,
        taxonomy: Callable[[], Taxonomy],
        clock: Clock,
        *,
        lease: timedelta = timedelta(minutes=10),
        overlap_share: float = 0.05,
        random_share: float = 0.1,
        chance: Callable[[], float] | None = None,
        record: LabelRecord | None = None,
        guidelines: Guidelines | None = None,
        similar: Similar | None = None,
    ) -> None:
        self.store = store
        self.guidelines = guidelines or load_guidelines()
        self._record = record or LabelRecord(follow)
        self.clock = clock
        self.taxonomy = taxonomy
        self.similar = similar or Similar(store, clock)
        self._lease = lease
        self._overlap_share = overlap_share
        self._random_share = random_share
        self._chance = chance or random.SystemRandom().random
        self._labelled: ClassCounts | None = None

    async def next(self, who: str, *, role: Role = "reviewer", after: str | None = None) -> DeskCard | None:
        """Leases the next ticket to ``who``; what they have leased already comes first. None when there is none.

        Args:
            after: the item on the screen, for loading the next one ahead; its lease begins anew.
        """
        now = self.clock()
        lead = role in _LEADS
        order = lanes(self._chance(), self._random_share)
        lot = self._chance()

        def look(connection: Connection) -> list[str]:
            labelled = self._count(connection, now)
            return candidates(connection, who, order, lead=lead, lot=lot, labelled=labelled, now=now)

        def lease(connection: Connection, found: list[str] | None) -> str | None:
            until = now + self._lease
            if after is not None:
                renew(connection, after, who, until + timedelta(microseconds=1))  # on the screen: the newest lease
            held = [item_id for item_id in held_by(connection, who, now) if item_id != after]
            if held:
                renew(connection, held[0], who, until)
                return held[0]
            return take(connection, look(connection) if found is None else found, who, lead=lead, now=now, until=until)

        found = await self.store.read(look)
        item_id = await self.store.write(lambda connection: lease(connection, found))
        if item_id is None and found:  # others took them all meanwhile: once more, with nobody beside
            item_id = await self.store.write(lambda connection: lease(connection, None))
        return None if item_id is None else await self._card(item_id)

    async def card(self, item_id: str, who: str) -> DeskCard:
        """The leased ticket once more; its lease begins anew.

        Raises:
            NotFoundError: there is no such item.
            ConflictError: it is not ``who``'s any more.
        """
        until = self.clock() + self._lease
        if not await self.store.write(lambda connection: renew(connection, item_id, who, until)):
            await self._card(item_id)
            raise ConflictError("这张已不在你手上：时间过了，或者已经答完；请取下一张", field="item_id")
        return await self._card(item_id)

    async def submit(self, item_id: str, who: str, labels: Mapping[str, str], note: str = "") -> str:
        """Stores what ``who`` says of a leased ticket and gives the correction's id.

        Raises:
            NotFoundError: there is no such item.
            ConflictError: it is not ``who``'s any more.
            CorrectionError: the labels or the note break the contract.
        """
        said = answering.check(labels, note, self.taxonomy())
        now, share = self.clock(), self._overlap_share
        return await self.store.write(
            lambda connection: answering.submit(connection, self._record, item_id, who, said, now, overlap_share=share)
        )

    async def skip(self, item_id: str, who: str) -> None:
        """``who`` does not want to be asked this again; after three people it is for leads only.

        Raises:
            NotFoundError, ConflictError: as :meth:`submit`.
        """
        now = self.clock()
        await self.store.write(lambda connection: answering.skip(connection, item_id, who, now))

    async def release(self, item_id: str | None, who: str) -> None:
        """Gives a ticket back, or with None all that ``who`` has; does nothing for what is not theirs."""
        await self.store.write(lambda connection: answering.release(connection, item_id, who))

    async def undo(self, who: str) -> str | None:
        """Takes the newest answer of ``who`` back, leases its item to them and gives its id; None when there is none."""
        undone = await self.take_back(who)
        return undone.item_id if undone else None

    async def take_back(self, who: str) -> answering.Undone | None:
        """:meth:`undo`, with what had been answered."""
        now = self.clock()
        until = now + self._lease
        return await self.store.write(
            lambda connection: answering.undo(connection, self._record, who, since=now - SHIFT, now=now, until=until)
        )

    async def counts(self, who: str) -> DeskCounts:
        """How much there is to do, and what ``who`` has done today."""
        today = self.clock().astimezone(SHOP_TIME).replace(hour=0, minute=0, second=0, microsecond=0)

        def read(connection: Connection) -> DeskCounts:
            reasons = count_open(connection)
            mine = count_by(connection, who, today, OUR_PEOPLE)
            conflicts = reasons.pop(CONFLICT, 0)
            return {"open": sum(reasons.values()), "reasons": reasons, "conflicts": conflicts, "mine": mine}

        return await self.store.read(read)

    async def conflicts(self, *, names: bool = False) -> list[Card]:
        """Open conflicts with all answers, the oldest first. For leads; ``names`` (who said what) is for admins."""

        def read(connection: Connection) -> list[Card]:
            ids = open_conflicts(connection, _CONFLICTS)
            return [read_card(connection, item_id, self.guidelines, names=names) for item_id in ids]

        return await self.store.read(read)

    async def settle(self, item_id: str, who: str, labels: Mapping[str, str], note: str = "") -> str:
        """Stores a lead's word on a conflict and gives the correction's id.

        Raises:
            NotFoundError: there is no such item.
            ConflictError: it is settled already, or no conflict.
            CorrectionError: the labels or the note break the contract.
        """
        said = answering.check(labels, note, self.taxonomy())
        now = self.clock()
        return await self.store.write(
            lambda connection: answering.settle(connection, self._record, item_id, who, said, now)
        )

    async def unsettle(self, item_id: str, who: str) -> None:
        """Opens a conflict again that ``who`` settled.

        Raises:
            NotFoundError, ConflictError: there is none that ``who`` settled lately.
        """
        now = self.clock()
        await self.store.write(
            lambda connection: answering.unsettle(connection, self._record, item_id, who, since=now - SHIFT, now=now)
        )

    async def _card(self, item_id: str) -> DeskCard:
        card = await self.store.read(lambda connection: read_card(connection, item_id, self.guidelines))
        return {**card, "similar": await self.similar.find(card["text"], but=card["ticket_id"])}

    def _count(self, connection: Connection, now: datetime) -> ClassCounts:
        if self._labelled is None or not self._labelled.is_fresh(now):
            self._labelled = read_class_counts(connection, now)
        return self._labelled
