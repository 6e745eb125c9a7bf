"""Tickets with their decisions, corrections, and the probe of the readiness check.

The types are spelled out here and not taken from ``tables.py``: a migration says what was true when it was written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("ticket_id", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False, comment="masked; the raw text is never stored"),
        sa.Column("text_hash", sa.String(64), nullable=False, comment="SHA-256 of the masked text"),
        sa.Column("channel", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.String(128), nullable=False, comment="masked like a text"),
        sa.Column("customer_tier", sa.String(16), nullable=False),
        sa.Column("order_amount", sa.Float),
        sa.Column("contact_count", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("category", sa.String(64), comment="null when no model answered"),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("priority", sa.String(8), nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("model_name", sa.String(128), nullable=False),
        sa.Column("model_version", sa.String(128), nullable=False),
        sa.Column("profile_name", sa.String(128), nullable=False),
        sa.Column("profile_version", sa.String(128), nullable=False),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.Column("decision", sa.Text, nullable=False, comment="the JSON that was answered, to the letter"),
        sa.PrimaryKeyConstraint("ticket_id", "revision", name="pk_tickets"),
        sa.UniqueConstraint("ticket_id", "text_hash", name="uq_tickets_ticket_id_text_hash"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7: sorts by time"),
        sa.Column("ticket_id", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("category", sa.String(64)),
        sa.Column("urgency", sa.String(64)),
        sa.Column("sentiment", sa.String(64)),
        sa.Column("source", sa.String(16), nullable=False, comment="helpdesk or reviewer"),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("note", sa.Text, nullable=False, comment="masked like a text"),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sa.ForeignKeyConstraint(
            ["ticket_id", "revision"], ["tickets.ticket_id", "tickets.revision"], name="fk_corrections_tickets"
        ),
    )
    op.create_index("ix_corrections_ticket_id", "corrections", ["ticket_id"])
    op.create_table(
        "probe",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("filler", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_probe"),
    )
