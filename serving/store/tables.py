"""The store's tables. The schema itself is made by the migrations; a test proves that both say the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

HEAD = "0001"
"""Newest migration this code knows. Kept here so that a start on a current store need not import Alembic."""


class UtcTime(TypeDecorator[datetime]):
    """An aware moment. Kept in UTC, so that rows sort by time in SQLite too, which has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, comment="masked; the raw text is never stored"),
    Column("text_hash", String(64), nullable=False, comment="SHA-256 of the masked text"),
    Column("channel", String(128), nullable=False),
    Column("customer_id", String(128), nullable=False, comment="masked like a text"),
    Column("customer_tier", String(16), nullable=False),
    Column("order_amount", Float),
    Column("contact_count", Integer, nullable=False),
    Column("created_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
    Column("category", String(64), comment="null when no model answered"),
    Column("action", String(16), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("due_at", UtcTime),
    Column("model_name", String(128), nullable=False),
    Column("model_version", String(128), nullable=False),
    Column("profile_name", String(128), nullable=False),
    Column("profile_version", String(128), nullable=False),
    Column("degraded", Boolean, nullable=False),
    Column("decision", Text, nullable=False, comment="the JSON that was answered, to the letter"),
    UniqueConstraint("ticket_id", "text_hash"),
)
"""One row per ticket and revision: a revision is the same ticket with another text."""

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUIDv7: sorts by time"),
    Column("ticket_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("category", String(64)),
    Column("urgency", String(64)),
    Column("sentiment", String(64)),
    Column("source", String(16), nullable=False, comment="helpdesk or reviewer"),
    Column("by", String(128), nullable=False),
    Column("note", Text, nullable=False, comment="masked like a text"),
    Column("at", UtcTime, nullable=False),
    ForeignKeyConstraint(["ticket_id", "revision"], ["tickets.ticket_id", "tickets.revision"]),
    Index(None, "ticket_id"),
)
"""What a person said was right; null where the person said nothing about that head."""

probe = Table(
    "probe",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("filler", LargeBinary, nullable=False),
)
"""Always empty: the readiness check writes a row here and takes it back in the same transaction."""
