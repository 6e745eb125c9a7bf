"""What must not be seen of tickets in the blind audit: one rule, for the three kinds of people who might look.

A ticket is in the blind audit when an item of it, in whatever round, was drawn as ``blind``.

- Who *judges* it sees no prediction, in any round and for good (:func:`is_blind`).
- Who *looks around* is told nothing of it as long as somebody is still to judge it (:func:`waits_blind`), but for their
  own words.
- Nobody *learns* from it, or takes it out of the house, before its window was reported (:func:`unreported`): what was
  learned from cannot be told the truth by.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from serving.labels.corrections import Correction
from serving.store.keys import Key
from serving.store.tables import audit_windows, review_items, tickets
from triage.labels import BLIND, OPEN

_b = review_items.alias("drawn").c
_DRAWN = _b.reason == BLIND
_OPEN = and_(_DRAWN, _b.state == OPEN)


class Unreported(NamedTuple):
    """Blind audits whose window has not been reported: nothing may be learned from these tickets yet.

    Attributes:
        since: where the newest reported window ends; None before the first.
        ids: their ``ticket_id``; another revision of such a ticket is left out with it.
    """

    since: datetime | None
    ids: frozenset[str]


def is_blind(of: Any) -> ColumnElement[bool]:
    """Whether a ticket is in the blind audit: ``of``, columns ticket_id and revision of an enclosing statement."""
    return exists(select(_b.id).where(_about(of), _DRAWN))


def waits_blind(of: Any) -> ColumnElement[bool]:
    """Whether somebody is still to judge it."""
    return exists(select(_b.id).where(_about(of), _OPEN))


def hidden(connection: Connection, ticket_ids: Collection[str]) -> set[Key]:
    """Those texts of the tickets that somebody is still to judge."""
    query = select(_b.ticket_id, _b.revision).where(_b.ticket_id.in_(ticket_ids), _OPEN)
    return {(row.ticket_id, row.revision) for row in connection.execute(query)}


def visible_to(who: str, said: Collection[Correction], hidden: Collection[Key]) -> list[Correction]:
    """What ``who`` may read of what was said: of hidden texts their own words only."""
    return [one for one in said if one.key not in hidden or one.by == who]


def unreported(connection: Connection) -> Unreported:
    """The blind audits that still have to tell the truth about the model; void ones too, they were drawn like the others."""
    since = connection.execute(select(func.max(audit_windows.c.until))).scalar_one_or_none()
    t = tickets.c
    wanted = select(_b.ticket_id).join(tickets, _about(t)).where(_DRAWN)
    if since is not None:
        wanted = wanted.where(t.received_at >= since)
    return Unreported(since, frozenset(connection.execute(wanted.distinct()).scalars()))


def _about(of: Any) -> ColumnElement[bool]:
    return and_(_b.ticket_id == of.ticket_id, _b.revision == of.revision)
