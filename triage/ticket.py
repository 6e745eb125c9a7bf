"""A ticket as the outside sends it, validated. The model sees only :attr:`Ticket.content`; the rest is for the policy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from triage.errors import TicketError, TooLargeError

MAX_TEXT = 20_000
"""Longest text that is accepted, in code points. The longest real tickets (forwarded mails) stay well below."""

TIERS: tuple[str, ...] = ("regular", "silver", "gold", "vip")
"""Customer tiers from the lowest to the highest; the policy relies on this order."""

CHANNELS: tuple[str, ...] = ("chat", "form", "email", "phone", "voice", "weibo", "app", "agent")
"""Channels the starter data knows. Any other short name is accepted too: a shop may have its own."""

SHOP_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Zone of a timestamp that names none: China has had one zone and no daylight saving since 1992."""


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

        Blank text is accepted: a blank ticket exists in real life and must be filed, not lost.

        Raises:
            TicketError: names the field, the value and what is allowed.
            TooLargeError: the text is longer than :data:`MAX_TEXT`.
        """
        if not isinstance(data, Mapping):
            raise TicketError(f'一张工单应是一个 JSON 对象，如 {{"text": "…"}}；收到的是 {_kind(data)}')
        unknown = sorted(str(k) for k in data if k not in _FIELDS)
        if unknown:
            raise TicketError(f"不认识的字段 {'、'.join(unknown)}；可用的字段：{'、'.join(_FIELDS)}", field=unknown[0])
        values = {name: parse(name, data[name]) for name, parse in _FIELDS.items() if data.get(name) is not None}
        if not any(name in values for name in ("text", "subject", "body")):
            raise TicketError("缺少 text（或 subject 与 body）：这是客户说的话，至少给一个", field="text")
        if values.get("text") and (values.get("subject") or values.get("body")):
            raise TicketError("text 与 subject/body 只能给一种：要么整段 text，要么分成主题和正文", field="text")
        ticket = cls(**values)
        if len(ticket.content) > MAX_TEXT:
            raise TooLargeError(
                f"text 有 {len(ticket.content):,} 个字，上限是 {MAX_TEXT:,}；请截短或分成几张工单", field="text"
            )
        return ticket


def _kind(value: Any) -> str:
    names = {type(None): "null", bool: "布尔值", int: "数字", float: "数字", str: "字符串", list: "数组", dict: "对象"}
    return names.get(type(value), type(value).__name__)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TicketError(f"{name} 应是字符串；收到的是{_kind(value)} {value!r:.60}", field=name)
    return value


def _short(name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(name, value).strip()
    if len(text) > 128 or not text.isprintable():
        raise TicketError(f"{name} 应是 1–128 个可见字符；收到的是 {text!r:.80}", field=name)
    return text


def _tier(name: str, value: Any) -> str:
    if value not in TIERS:
        raise TicketError(f"{name} 应是 {'、'.join(TIERS)} 之一；收到的是 {value!r:.60}", field=name)
    return str(value)


def _amount(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise TicketError(f"{name} 应是不小于 0 的数（元）；收到的是 {value!r:.60}", field=name)
    return float(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10_000:
        raise TicketError(f"{name} 应是 1 到 10000 的整数（含这一次）；收到的是 {value!r:.60}", field=name)
    return value


def parse_time(name: str, value: Any) -> datetime:
    """Reads an ISO 8601 moment; one without a zone is taken as China time.

    Raises:
        TicketError: the value is not ISO 8601.
    """
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(name, value).strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=SHOP_TIME)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise TicketError(
            f"{name} 应是 ISO 8601 时间，如 2026-11-11T12:00:00+08:00；收到的是 {value!r:.60}", field=name
        ) from None
    return moment


_FIELDS: dict[str, Any] = {
    "ticket_id": _short,
    "text": _text,
    "subject": _text,
    "body": _text,
    "channel": _short,
    "customer_id": _short,
    "customer_tier": _tier,
    "order_amount": _amount,
    "contact_count": _count,
    "created_at": parse_time,
}

FIELDS: tuple[str, ...] = tuple(_FIELDS)
"""Names that :meth:`Ticket.parse` accepts; anything else is refused by name."""
