"""The review loop: what people are asked about, who they are, what a challenger said, and what happened.

The types are spelled out here and not taken from ``tables.py``: a migration says what was true when it was written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)


def _ticket(table: str) -> sa.ForeignKeyConstraint:
    """The table's rows are about a ticket."""
    return sa.ForeignKeyConstraint(
        ["ticket_id", "revision"], ["tickets.ticket_id", "tickets.revision"], name=f"fk_{table}_tickets"
    )


def upgrade() -> None:
    _tickets()
    _corrections()
    _review()
    _shadow()
    _people()
    op.create_table(
        "events",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7: sorts by time"),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column(
            "what", sa.String(32), nullable=False, comment="e.g. model_swapped, model_refused, login_locked, export"
        ),
        sa.Column("detail", sa.Text, nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_what_at", "events", ["what", "at"])


def _tickets() -> None:
    """Looking back over the newest tickets, and searching them, must not read all of them."""
    op.create_index("ix_tickets_received_at", "tickets", ["received_at"])
    op.create_index("ix_tickets_queue_received_at", "tickets", ["queue", "received_at"])
    op.create_index("ix_tickets_category_received_at", "tickets", ["category", "received_at"])


def _corrections() -> None:
    for column in (
        sa.Column("item_id", sa.String(36), comment="the review item it answers; null outside the review pages"),
        sa.Column(
            "blind", sa.Boolean, comment="whether the prediction was hidden; null where nobody knows (helpdesk, import)"
        ),
        sa.Column("reason", sa.String(16), comment="why the ticket was in review"),
        sa.Column("model_version", sa.String(128), comment="of the decision that was corrected"),
        sa.Column("withdrawn_at", _TIME, comment="undone; it then counts nowhere"),
    ):
        op.add_column("corrections", column)
    op.create_index("ix_corrections_at", "corrections", ["at"])
    op.create_index("ix_corrections_by_at", "corrections", ["by", "at"])


def _review() -> None:
    op.create_table(
        "review_items",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7: sorts by time"),
        sa.Column("ticket_id", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column(
            "copy",
            sa.Integer,
            nullable=False,
            comment="0; 1 is for a second reviewer (overlap sampling), 2 for a conflict",
        ),
        sa.Column(
            "reason", sa.String(16), nullable=False, comment="unsure, blind, disagreement, reported, novel or conflict"
        ),
        sa.Column(
            "rate", sa.Float, nullable=False, comment="probability with which it was drawn; 1 where nothing was drawn"
        ),
        sa.Column(
            "rank",
            sa.Float,
            nullable=False,
            comment="the higher, the sooner; of a blind item only a random number",
        ),
        sa.Column(
            "lot",
            sa.Float,
            nullable=False,
            comment="random in [0, 1): what is shown at random, and blind items, go by it",
        ),
        sa.Column("uncertainty", sa.Float, nullable=False, comment="0 to 1: how little the model's best label leads"),
        sa.Column("label", sa.String(64), comment="the category that the model named; null when none did"),
        sa.Column(
            "kind", sa.String(32), nullable=False, comment="near-duplicates share it, so that not ten copies are shown"
        ),
        sa.Column("state", sa.String(8), nullable=False, comment="open, done or void"),
        sa.Column("lease_by", sa.String(128), comment="who has it on the screen"),
        sa.Column("lease_until", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("done_by", sa.String(128)),
        sa.Column("done_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_review_items"),
        _ticket("review_items"),
        sa.UniqueConstraint("ticket_id", "revision", "copy", name="uq_review_items_ticket_id_revision_copy"),
    )
    for columns in (
        ["state", "reason", "rank"],
        ["state", "reason", "lot"],
        ["state", "created_at"],
        ["kind", "created_at"],
        ["reason", "created_at"],
    ):
        op.create_index(f"ix_review_items_{'_'.join(columns)}", "review_items", columns)
    leased = sa.text("lease_by IS NOT NULL")  # few are: nearly all of a whole index would be nothing
    op.create_index(
        "ix_review_items_lease_by", "review_items", ["lease_by"], sqlite_where=leased, postgresql_where=leased
    )
    op.create_table(
        "skips",
        sa.Column("item_id", sa.String(36), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "by", name="pk_skips"),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"], name="fk_skips_review_items"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column(
            "value", sa.String(64), nullable=False, comment="random, hexadecimal; made by the first who needs it"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "blind_rates",
        sa.Column("since", _TIME, nullable=False),
        sa.Column("rate", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("since", name="pk_blind_rates"),
    )
    op.create_table(
        "audit_windows",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("until", _TIME, nullable=False, comment="tickets received before this are in it or an earlier one"),
        sa.Column("report", sa.Text, nullable=False, comment="JSON: the estimates that were reported"),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_windows"),
        sa.UniqueConstraint("until", name="uq_audit_windows_until"),
    )


def _shadow() -> None:
    op.create_table(
        "shadow_answers",
        sa.Column("ticket_id", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("model_version", sa.String(128), nullable=False, comment="of the challenger"),
        sa.Column("champion_version", sa.String(128), nullable=False),
        sa.Column("answers", sa.Text, nullable=False, comment="JSON: head -> {label, confidence, action, champion}"),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "revision", "model_version", name="pk_shadow_answers"),
        _ticket("shadow_answers"),
    )
    op.create_index("ix_shadow_answers_model_version_at", "shadow_answers", ["model_version", "at"])


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False, comment="reviewer, lead or admin"),
        sa.Column("password", sa.Text, nullable=False, comment="argon2id; empty until one is set"),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, comment="wrong passwords in a row"),
        sa.Column("locked_until", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("key", sa.String(64), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_users"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_table(
        "tokens",
        sa.Column("key", sa.String(64), nullable=False, comment="SHA-256 of the token"),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column(
            "purpose", sa.String(16), nullable=False, comment="helpdesk, or setup: the one-time link of the first start"
        ),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("revoked_at", _TIME),
        sa.PrimaryKeyConstraint("key", name="pk_tokens"),
        sa.UniqueConstraint("name", name="uq_tokens_name"),
    )
