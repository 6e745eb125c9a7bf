"""Events that other work follows from, how far each consumer has come, who does what, and what is due when.

What was called ``events`` is the operator's logbook and gets that name. Tickets of the last week that may still lack
their review item get an event each: until now a start looked for them.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)
_BACK = timedelta(days=7)


def upgrade() -> None:
    _rename("events", "logbook")
    op.create_table(
        "events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            autoincrement=True,
            nullable=False,
            comment="rises in the order of commits: it is given under the write lock",
        ),
        sa.Column("kind", sa.String(32), nullable=False, comment="triage.events.EventKind"),
        sa.Column("ticket_id", sa.String(128), comment="null where it is about no ticket"),
        sa.Column("revision", sa.Integer),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("payload", sa.Text, nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cursors",
        sa.Column("consumer", sa.String(64), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, comment="id of the newest event that is dealt with"),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("consumer", name="pk_cursors"),
    )
    op.create_table(
        "leases",
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False, comment="machine, process and a random part; empty: nobody"),
        sa.Column("beat", sa.BigInteger, nullable=False, comment="rises as long as the owner lives"),
        sa.Column("at", _TIME, nullable=False, comment="of the newest beat, by the owner's clock; for people"),
        sa.PrimaryKeyConstraint("job", name="pk_leases"),
    )
    op.create_table(
        "due_times",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(160), nullable=False, comment="what it is about, e.g. a ticket"),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("payload", sa.Text, nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_due_times"),
    )
    op.create_index("ix_due_times_kind_at", "due_times", ["kind", "at"])
    _tickets_without_item()


def downgrade() -> None:
    for table in ("due_times", "leases", "cursors", "events"):
        op.drop_table(table)
    _rename("logbook", "events")


def _rename(old: str, new: str) -> None:
    op.drop_index(f"ix_{old}_what_at", old)
    op.rename_table(old, new)
    op.create_index(f"ix_{new}_what_at", new, ["what", "at"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite's primary keys have no names of their own
        op.execute(f"ALTER INDEX pk_{old} RENAME TO pk_{new}")


def _tickets_without_item() -> None:
    bind = op.get_bind()
    since = datetime.now(UTC) - _BACK
    if bind.dialect.name == "sqlite":  # which keeps moments in UTC without saying so
        since = since.replace(tzinfo=None)
    statement = sa.text(
        """
        INSERT INTO events (kind, ticket_id, revision, at, payload)
        SELECT CASE WHEN t.revision = 1 THEN 'decided' ELSE 'revised' END, t.ticket_id, t.revision, t.received_at,
               '{"action":"' || t.action || '"}'
        FROM tickets t
        LEFT JOIN review_items i ON i.ticket_id = t.ticket_id AND i.revision = t.revision AND i.copy = 0
        WHERE t.received_at >= :since AND i.id IS NULL
        ORDER BY t.received_at, t.ticket_id, t.revision
        """
    ).bindparams(sa.bindparam("since", since, type_=_TIME))
    bind.execute(statement)
