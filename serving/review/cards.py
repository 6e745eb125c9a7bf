"""What a person sees of a ticket: plain data, ready for JSON. A blind card holds nothing of the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict

import orjson
from sqlalchemy import Connection, Row, select

from serving.labels.corrections import Correction
from serving.labels.queries import said_of
from serving.labels.sight import is_blind
from serving.review.following import answers_apart
from serving.review.guidelines import Guidelines
from serving.review.reasons import TEXTS, doubt_of
from serving.store.tables import review_items, tickets
from triage.errors import NotFoundError
from triage.labels import CONFLICT, AskedFor, Source
from triage.ticket import SHOP_TIME

_i = review_items.c
_t = tickets.c
_blind = is_blind(_i).correlate(review_items).label("blind")
"""Whether an item's ticket is in the blind audit: every copy of it is answered without seeing the prediction."""


class CardCustomer(TypedDict):
    """What is known of who wrote."""

    id: str
    tier: str
    contacts: int


class CardOrder(TypedDict):
    """What is known of what they bought."""

    amount: float | None


class CardAnswer(TypedDict):
    """What somebody said of the ticket before; ``by`` is there where names are shown."""

    labels: dict[str, str]
    note: str
    source: Source
    at: str
    by: NotRequired[str]


class SeenCard(TypedDict):
    """What is shown to somebody who may see the prediction; all None on a blind card.

    ``decision``: its JSON without the parts that stand elsewhere; ``doubt``: the two labels between which it wavers.
    """

    decision: Mapping[str, Any] | None
    evidence: list[Mapping[str, Any]] | None
    doubt: list[str] | None
    doubt_head: str | None
    hint: Mapping[str, str] | None


class Card(SeenCard):
    """A ticket as a person sees it; moments in the shop's time."""

    item_id: str
    ticket_id: str
    revision: int
    reason: AskedFor
    reason_text: str
    reason_text_en: str
    blind: bool
    text: str
    customer: CardCustomer
    order: CardOrder
    created_at: str | None
    received_at: str
    channel: str
    answers: list[CardAnswer] | None
    lease_until: str | None


class DeskCard(Card):
    """A card with past tickets that are ``similar``, and what people said of them."""

    similar: list[dict[str, Any]]


def shown(moment: datetime) -> str:
    """A moment as JSON has it, in the shop's time."""
    return moment.astimezone(SHOP_TIME).isoformat()


def shown_or_none(moment: datetime | None) -> str | None:
    """:func:`shown`, of a moment that there may not be."""
    return None if moment is None else shown(moment)


def read_item(connection: Connection, item_id: str) -> Row[Any]:
    """An item with ``blind``.

    Raises:
        NotFoundError: there is none.
    """
    found = connection.execute(select(review_items, _blind).where(_i.id == item_id)).one_or_none()
    if found is None:
        raise NotFoundError(f"没有审核项 {item_id!r:.60}；它可能已被清理，请取下一张", field="item_id")
    return found


def read_card(connection: Connection, item_id: str, guidelines: Guidelines, *, names: bool = False) -> Card:
    """The card of an item, but for what is ``similar``.

    Args:
        names: whether the answers of a conflict say who gave them.

    Raises:
        NotFoundError: there is no such item.
    """
    item = read_item(connection, item_id)
    ticket = connection.execute(
        select(tickets).where(_t.ticket_id == item.ticket_id, _t.revision == item.revision)
    ).one()
    chinese, english = TEXTS[item.reason]
    seen = _BLIND if item.blind else _seen(orjson.loads(ticket.decision), guidelines)
    answers: list[CardAnswer] | None = None
    if item.reason == CONFLICT or (item.reason == "reported" and not item.blind):
        key = (item.ticket_id, item.revision)
        answers = [_answer(one, names) for one in answers_apart(said_of(connection, [key]).get(key, []))]
    return {
        "item_id": item.id,
        "ticket_id": item.ticket_id,
        "revision": item.revision,
        "reason": item.reason,
        "reason_text": chinese,
        "reason_text_en": english,
        "blind": bool(item.blind),
        "text": ticket.text,
        "customer": {"id": ticket.customer_id, "tier": ticket.customer_tier, "contacts": ticket.contact_count},
        "order": {"amount": ticket.order_amount},
        "created_at": shown_or_none(ticket.created_at),
        "received_at": shown(ticket.received_at),
        "channel": ticket.channel,
        **seen,
        "answers": answers,
        "lease_until": shown_or_none(item.lease_until),
    }


_BLIND: SeenCard = {"decision": None, "evidence": None, "doubt": None, "doubt_head": None, "hint": None}


def _answer(one: Correction, names: bool) -> CardAnswer:
    card: CardAnswer = {"labels": dict(one.labels), "note": one.note, "source": one.source, "at": shown(one.at)}
    if names:
        card["by"] = one.by
    return card


def _seen(decision: Mapping[str, Any], guidelines: Guidelines) -> SeenCard:
    doubt = doubt_of(decision)
    pair: Sequence[str] | None = doubt.pair if doubt else None
    return {
        "decision": {key: value for key, value in decision.items() if key not in ("evidence", "similar", "ticket_id")},
        "evidence": decision.get("evidence", []),
        "doubt": list(pair) if pair else None,
        "doubt_head": doubt.head if doubt and pair else None,
        "hint": guidelines.hint(doubt.head, *doubt.pair) if doubt and doubt.pair else None,
    }
