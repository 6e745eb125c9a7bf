"""The store's tables. The schema itself is made by the migrations; a test proves that both say the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
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
    text,
)

HEAD = "0004"
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
    Index(None, "received_at"),
    Index(None, "queue", "received_at"),
    Index(None, "category", "received_at"),
)
"""One row per ticket and revision: a revision is the same ticket with another text."""

review_items = Table(
    "review_items",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUIDv7: sorts by time"),
    Column("ticket_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column(
        "copy", Integer, nullable=False, comment="0; 1 is for a second reviewer (overlap sampling), 2 for a conflict"
    ),
    Column("reason", String(16), nullable=False, comment="unsure, blind, disagreement, reported, novel or conflict"),
    Column("rate", Float, nullable=False, comment="probability with which it was drawn; 1 where nothing was drawn"),
    Column("rank", Float, nullable=False, comment="the higher, the sooner; of a blind item only a random number"),
    Column(
        "lot",
        Float,
        nullable=False,
        default=random.random,
        comment="random in [0, 1): what is shown at random, and blind items, go by it",
    ),
    Column(
        "uncertainty",
        Float,
        nullable=False,
        default=0.0,
        comment="0 to 1: how little the model's best label leads",
    ),
    Column("label", String(64), comment="the category that the model named; null when none did"),
    Column("kind", String(32), nullable=False, comment="near-duplicates share it, so that not ten copies are shown"),
    Column("state", String(8), nullable=False, comment="open, done or void"),
    Column("lease_by", String(128), comment="who has it on the screen"),
    Column("lease_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("done_by", String(128)),
    Column("done_at", UtcTime),
    ForeignKeyConstraint(["ticket_id", "revision"], ["tickets.ticket_id", "tickets.revision"]),
    UniqueConstraint("ticket_id", "revision", "copy"),
    Index(None, "state", "reason", "rank"),
    Index(None, "state", "reason", "lot"),
    Index(None, "state", "created_at"),
    Index(None, "kind", "created_at"),
    Index(
        "ix_review_items_lease_by",
        "lease_by",
        sqlite_where=text("lease_by IS NOT NULL"),
        postgresql_where=text("lease_by IS NOT NULL"),
    ),
    Index(None, "reason", "created_at"),
)
"""Tickets that people are asked about. A ticket is asked for once, but for overlap and conflicts."""

skips = Table(
    "skips",
    metadata,
    Column("item_id", String(36), ForeignKey("review_items.id"), primary_key=True),
    Column("by", String(128), primary_key=True),
    Column("at", UtcTime, nullable=False),
)
"""Who does not want to be asked this again."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False, comment="random, hexadecimal; made by the first who needs it"),
)
"""Random keys of this store: what is drawn with them cannot be foretold from outside."""

blind_rates = Table(
    "blind_rates",
    metadata,
    Column("since", UtcTime, primary_key=True),
    Column("rate", Float, nullable=False),
)
"""The blind audit's rate over time. A ticket is drawn at the rate of the moment it came in, whoever draws, and when."""

shadow_answers = Table(
    "shadow_answers",
    metadata,
    Column("ticket_id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("model_version", String(128), primary_key=True, comment="of the challenger"),
    Column("champion_version", String(128), nullable=False),
    Column("answers", Text, nullable=False, comment="JSON: head -> {label, confidence, action, champion}"),
    Column("at", UtcTime, nullable=False),
    ForeignKeyConstraint(["ticket_id", "revision"], ["tickets.ticket_id", "tickets.revision"]),
    Index(None, "model_version", "at"),
)
"""What a challenger would have said, off the request path."""

audit_windows = Table(
    "audit_windows",
    metadata,
    Column("id", String(36), primary_key=True),
    Column(
        "until",
        UtcTime,
        nullable=False,
        unique=True,
        comment="tickets received before this are in it or an earlier one",
    ),
    Column("report", Text, nullable=False, comment="JSON: the estimates that were reported"),
    Column("by", String(128), nullable=False),
    Column("at", UtcTime, nullable=False),
)
"""Windows of the blind audit that have been reported: only then may their blind tickets be learned from."""

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False, comment="reviewer, lead or admin"),
    Column("password", Text, nullable=False, comment="argon2id; empty until one is set"),
    Column("disabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False, comment="wrong passwords in a row"),
    Column("locked_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(64), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("key", String(64), primary_key=True, comment="SHA-256 of the cookie's value"),
    Column("user", String(64), ForeignKey("users.name"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "user"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("key", String(64), primary_key=True, comment="SHA-256 of the token"),
    Column("name", String(64), nullable=False, unique=True),
    Column("purpose", String(16), nullable=False, comment="helpdesk, or setup: the one-time link of the first start"),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
)

logbook = Table(
    "logbook",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUIDv7: sorts by time"),
    Column("at", UtcTime, nullable=False),
    Column("by", String(128), nullable=False),
    Column("what", String(32), nullable=False, comment="e.g. model_swapped, model_refused, login_locked, export"),
    Column("detail", Text, nullable=False, comment="JSON"),
    Index(None, "what", "at"),
)
"""Who did what that somebody may ask about later. Kept for ever; never texts of tickets."""

events = Table(
    "events",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
        comment="rises in the order of commits: it is given under the write lock",
    ),
    Column("kind", String(32), nullable=False, comment="triage.events.EventKind"),
    Column("ticket_id", String(128), comment="null where it is about no ticket"),
    Column("revision", Integer),
    Column("at", UtcTime, nullable=False),
    Column("payload", Text, nullable=False, comment="JSON"),
    sqlite_autoincrement=True,  # an id is never given twice, even after the newest events were removed
)
"""What other work follows from, each row written in the transaction of its cause. Old ones are removed once consumed."""

cursors = Table(
    "cursors",
    metadata,
    Column("consumer", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False, comment="id of the newest event that is dealt with"),
    Column("at", UtcTime, nullable=False),
)
"""How far each consumer has come in ``events``; moved in the transaction of what it did about them."""

leases = Table(
    "leases",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("owner", String(128), nullable=False, comment="machine, process and a random part; empty: nobody"),
    Column("beat", BigInteger, nullable=False, comment="rises as long as the owner lives"),
    Column("at", UtcTime, nullable=False, comment="of the newest beat, by the owner's clock; for people"),
)
"""Which process does a job that only one may do at a time."""

due_times = Table(
    "due_times",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("key", String(160), primary_key=True, comment="what it is about, e.g. a ticket"),
    Column("at", UtcTime, nullable=False),
    Column("payload", Text, nullable=False, comment="JSON"),
    Index(None, "kind", "at"),
)
"""What has to be done at a later moment; a row is removed in the transaction of what was done then."""

probe = Table(
    "probe",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("filler", LargeBinary, nullable=False),
)
"""Always empty: the readiness check writes a row here and takes it back in the same transaction."""
