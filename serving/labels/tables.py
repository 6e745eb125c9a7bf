"""What people said, as it is kept: a word, and a row for each head it speaks of."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table, Text

from serving.store.tables import UtcTime, metadata

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUIDv7: sorts by time"),
    Column("ticket_id", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("source", String(16), nullable=False, comment="helpdesk, reviewer, lead (who settles a conflict) or import"),
    Column("by", String(128), nullable=False),
    Column("note", Text, nullable=False, comment="masked like a text"),
    Column("at", UtcTime, nullable=False),
    Column("item_id", String(36), comment="the review item it answers; null outside the review pages"),
    Column("blind", Boolean, comment="whether the prediction was hidden; null where nobody knows (helpdesk, import)"),
    Column("reason", String(16), comment="why the ticket was in review"),
    Column("model_version", String(128), comment="of the decision that was corrected"),
    Column("withdrawn_at", UtcTime, comment="undone; it then counts nowhere"),
    Column("round", Integer, comment="of the review item it answers; null outside the pages"),
    ForeignKeyConstraint(["ticket_id", "revision"], ["tickets.ticket_id", "tickets.revision"]),
    Index(None, "ticket_id"),
    Index(None, "at"),
    Index(None, "by", "at"),
)
"""Who said when of which text that something was right. Written by :mod:`serving.labels.record` only."""

correction_labels = Table(
    "correction_labels",
    metadata,
    Column("correction_id", String(36), ForeignKey("corrections.id"), primary_key=True),
    Column("head", String(64), primary_key=True),
    Column("label", String(64), nullable=False, comment="the code"),
)
"""The labels that were said: one row for each head that was spoken of."""
