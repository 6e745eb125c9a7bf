"""A ticket as the outside sends it, validated. The model sees only :attr:`Ticket.content`; the rest is for the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage import values
from triage.errors import TicketError, TooLargeError
from triage.moments import SHOP_TIME, parse_time
from triage.values import TIERS

__all__ = ["CHANNELS", "FIELDS", "MAX_TEXT", "SHOP_TIME", "SIDE_FIELDS", "TIERS", "Ticket", "parse_time"]

MAX_TEXT = 20_000
"""Longest text that is accepted, in code points. The longest real tickets (forwarded mails) stay well below."""

CHANNELS: tuple[str, ...] = ("chat", "form", "email", "phone", "voice", "weibo", "app", "agent")
"""Channels the starter data knows. Any other short name is accepted too: a shop may have its own."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket.

    Attributes:
        ticket_id: the helpdesk's own id, 1–128 characters; empty when the caller left it to Fendan.
        text: the customer's words, raw. Either this or ``subject``/``body`` was given.
        subject, body: e-mail-like tickets.
        created_at: when the customer sent it, aware; None when unknown.
        customer_tier: one of :data:`TIERS`.
        order_amount: yuan, >= 0; None when no order is attached.
        contact_count: how often this customer has written about this matter, this time included (>= 1).
    """

    ticket_id: str = ""
    text: str = ""
    subject: str = ""
    body: str = ""
    channel: str = ""
    customer_id: str = ""
    customer_tier: str = "regular"
    order_amount: float | None = None
    contact_count: int = 1
    created_at: datetime | None = None

    @property
    def content(self) -> str:
        """The text that is scored: ``text``, or subject and body joined by a line break. May be blank."""
        return self.text or "\n".join(part for part in (self.subject, self.body) if part)

    @classmethod
    def parse(cls, data: Any) -> Ticket:
        """Validates one JSON object (or table row) into a ticket.

        Blank text is accepted, and null is a blank one (a message with only a picture): such a ticket exists in real life
        and must be filed, not lost.

        Raises:
            TicketError: names the field, the value and what is allowed.
            TooLargeError: the text is longer than :data:`MAX_TEXT`.
        """
        if not isinstance(data, Mapping):
            raise TicketError(f'一张工单应是一个 JSON 对象，如 {{"text": "…"}}；收到的是 {values.kind_of(data)}')
        unknown = sorted(str(k) for k in data if k not in _FIELDS)
        if unknown:
            raise TicketError(f"不认识的字段 {'、'.join(unknown)}；可用的字段：{'、'.join(_FIELDS)}", field=unknown[0])
        if not any(name in data for name in _TEXTS):
            raise TicketError("缺少 text（或 subject 与 body）：这是客户说的话，至少给一个", field="text")
        found = {name: parse(name, data[name]) for name, parse in _FIELDS.items() if _is_given(name, data)}
        if found.get("text") and (found.get("subject") or found.get("body")):
            raise TicketError("text 与 subject/body 只能给一种：要么整段 text，要么分成主题和正文", field="text")
        ticket = cls(**found)
        if len(ticket.content) > MAX_TEXT:
            raise TooLargeError(
                f"text 有 {len(ticket.content):,} 个字，上限是 {MAX_TEXT:,}；请截短或分成几张工单", field="text"
            )
        return ticket


def _is_given(name: str, data: Mapping[str, Any]) -> bool:
    value = data.get(name)
    return not (values.is_null(value) if name in SIDE_FIELDS and isinstance(value, str) else value is None)


_TEXTS: dict[str, Callable[[str, Any], str]] = {"text": values.text, "subject": values.text, "body": values.text}
_IDS: dict[str, Callable[[str, Any], str]] = {"ticket_id": values.identifier, "customer_id": values.identifier}

SIDE_FIELDS: dict[str, Callable[[str, Any], Any]] = {
    "channel": values.short,
    "customer_tier": values.tier,
    "order_amount": values.amount,
    "contact_count": values.count,
    "created_at": parse_time,
}
"""What is not said by the customer, and how each is read. A usual word for "nothing" (NULL, —, 空) counts as not given."""

_FIELDS: dict[str, Callable[[str, Any], Any]] = {**_TEXTS, **_IDS, **SIDE_FIELDS}

FIELDS: tuple[str, ...] = ("ticket_id", "text", "subject", "body", "channel", "customer_id", "customer_tier")
FIELDS += ("order_amount", "contact_count", "created_at")
"""Names that :meth:`Ticket.parse` accepts; anything else is refused by name."""
