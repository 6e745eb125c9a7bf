"""What a person sees of a ticket: plain data, ready for JSON. A blind card holds nothing of the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from serving.labels.queries import said_of
from serving.labels.sight import is_blind
from serving.review.following import answers_apart
from serving.review.guidelines import Guidelines
from serving.review.reasons import TEXTS, doubt_of
from serving.store.tables import review_items, tickets
from triage.errors import NotFoundError
from triage.ticket import SHOP_TIME

_i = review_items.c
_t = tickets.c
_blind = is_blind(_i).correlate(review_items).label("blind")
"""Whether an item's ticket is in the blind audit: every copy of it is answered without seeing the prediction."""


def shown(moment: datetime | None) -> str | None:
    """A moment as JSON has it, in the shop's time."""
    return None if moment is None else moment.astimezone(SHOP_TIME).isoformat()


def read_item(connection: Connection, item_id: str) -> Row[Any]:
    """An item with ``blind``.

    Raises:
        NotFoundError: there is none.
    """
    found = connection.execute(select(review_items, _blind).where(_i.id == item_id)).one_or_none()
    if found is None:
        raise NotFoundError(f"没有审核项 {item_id!r:.60}；它可能已被清理，请取下一张", field="item_id")
    return found


def read_card(connection: Connection, item_id: str, guidelines: Guidelines, *, names: bool = False) -> dict[str, Any]:
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
    card: dict[str, Any] = {
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
        "created_at": shown(ticket.created_at),
        "received_at": shown(ticket.received_at),
        "channel": ticket.channel,
        "decision": None,
        "evidence": None,
        "doubt": None,
        "doubt_head": None,
        "hint": None,
        "answers": None,
        "lease_until": shown(item.lease_until),
    }
    if not item.blind:
        card |= _seen(orjson.loads(ticket.decision), guidelines)
    if item.reason == "conflict" or (item.reason == "reported" and not item.blind):
        key = (item.ticket_id, item.revision)
        answers = answers_apart(said_of(connection, [key]).get(key, []))
        card["answers"] = [
            {"labels": dict(one.labels), "note": one.note, "source": one.source, "at": shown(one.at)}
            | ({"by": one.by} if names else {})
            for one in answers
        ]
    return card


def _seen(decision: Mapping[str, Any], guidelines: Guidelines) -> dict[str, Any]:
    """What is shown to somebody who may see the prediction."""
    doubt = doubt_of(decision)
    pair: Sequence[str] | None = doubt.pair if doubt else None
    return {
        "decision": {key: value for key, value in decision.items() if key not in ("evidence", "similar", "ticket_id")},
        "evidence": decision.get("evidence", []),
        "doubt": list(pair) if pair else None,
        "doubt_head": doubt.head if doubt and pair else None,
        "hint": guidelines.hint(doubt.head, *doubt.pair) if doubt and doubt.pair else None,
    }
