"""What goes into the store and what comes out, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from triage.prediction import Action


@dataclass(slots=True)
class NewTicket:
    """One decided ticket on its way into the store; the fields are the columns of ``tickets`` but for the revision."""

    ticket_id: str
    text: str
    text_hash: str
    channel: str
    customer_id: str
    customer_tier: str
    order_amount: float | None
    contact_count: int
    created_at: datetime | None
    received_at: datetime
    category: str | None
    action: Action
    queue: str
    priority: str
    due_at: datetime | None
    model_name: str
    model_version: str
    profile_name: str
    profile_version: str
    degraded: bool
    decision: str


class Saved(NamedTuple):
    """What the store holds for a ticket after :meth:`serving.store.Store.save`.

    ``decision`` is the stored JSON: the new one or, when this ticket with this text was known, the one answered then.
    """

    decision: str
    revision: int
    created: bool


class Outcome(NamedTuple):
    """A decided ticket: ``decision`` is the JSON to answer with (bytes); ``created`` False for one answered before."""

    decision: bytes
    row: NewTicket
    created: bool
    revision: int = 0
