"""What a ticket may hold, and how a wrong one is told."""

from __future__ import annotations

from typing import Any

import pytest

from triage.errors import TicketError, TooLargeError
from triage.ticket import MAX_TEXT, Ticket


def test_reads_every_field() -> None:
    ticket = Ticket.parse(
        {
            "ticket_id": 17,
            "subject": "退款",
            "body": "三周了还没到账",
            "channel": "email",
            "customer_id": "C-9",
            "customer_tier": "vip",
            "order_amount": 1299,
            "contact_count": 3,
            "created_at": "2026-11-11T12:00:00",
        }
    )
    assert (ticket.ticket_id, ticket.content, ticket.order_amount) == ("17", "退款\n三周了还没到账", 1299.0)
    assert ticket.created_at is not None
    assert ticket.created_at.isoformat() == "2026-11-11T12:00:00+08:00"


@pytest.mark.parametrize("text", ["", "   ", "\ud800", "\x00\x07", "😀" * 5_000, "长" * MAX_TEXT])
def test_strange_text_is_accepted(text: str) -> None:
    assert Ticket.parse({"text": text}).content == text


def test_null_means_not_given() -> None:
    assert Ticket.parse({"text": "x", "order_amount": None, "customer_tier": None}) == Ticket(text="x")


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ([], None, "收到的是 数组"),
        ("退款", None, "收到的是 字符串"),
        (None, None, "收到的是 null"),
        ({}, "text", "缺少 text"),
        ({"ticket_id": "T-1", "channel": None}, "text", "缺少 text"),
        ({"txt": "x"}, "txt", "不认识的字段 txt"),
        ({"text": 5}, "text", "text 应是字符串；收到的是数字 5"),
        ({"text": ["x"]}, "text", "收到的是数组"),
        ({"text": "x", "body": "y"}, "text", "只能给一种"),
        ({"text": "x", "ticket_id": "a" * 129}, "ticket_id", "1–128"),
        ({"text": "x", "ticket_id": "a\nb"}, "ticket_id", "可见字符"),
        ({"text": "x", "ticket_id": True}, "ticket_id", "布尔值"),
        ({"text": "x", "customer_tier": "皇帝"}, "customer_tier", "regular、silver、gold、vip"),
        ({"text": "x", "order_amount": -1}, "order_amount", "不小于 0"),
        ({"text": "x", "order_amount": float("nan")}, "order_amount", "不小于 0"),
        ({"text": "x", "order_amount": "十二"}, "order_amount", "收到的是 '十二'"),
        ({"text": "x", "contact_count": 0}, "contact_count", "1 到 10000"),
        ({"text": "x", "contact_count": 2.5}, "contact_count", "整数"),
        ({"text": "x", "created_at": "昨天"}, "created_at", "ISO 8601"),
        ({"text": "x", "created_at": "0001-01-01T00:00:00"}, "created_at", "ISO 8601"),
    ],
)
def test_a_wrong_ticket_is_told_what_and_where(data: Any, field: str | None, said: str) -> None:
    with pytest.raises(TicketError, match=said) as caught:
        Ticket.parse(data)
    assert caught.value.field == field


def test_too_long_is_its_own_error() -> None:
    with pytest.raises(TooLargeError, match="20,001 个字，上限是 20,000") as caught:
        Ticket.parse({"text": "长" * (MAX_TEXT + 1)})
    assert caught.value.http_status == 413
