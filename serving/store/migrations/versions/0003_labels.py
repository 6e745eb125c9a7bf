"""Labels as rows, one a head, so that a shop may have heads of its own; a correction knows the round it answered in.

The types are spelled out here and not taken from ``tables.py``: a migration says what was true when it was written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_HEADS = ("category", "urgency", "sentiment")
"""The heads there were columns for."""


_corrections = sa.table(
    "corrections", sa.column("id"), sa.column("item_id"), sa.column("round"), *map(sa.column, _HEADS)
)
_labels = sa.table("correction_labels", sa.column("correction_id"), sa.column("head"), sa.column("label"))
_items = sa.table("review_items", sa.column("id"), sa.column("copy"))


def upgrade() -> None:
    op.create_table(
        "correction_labels",
        sa.Column("correction_id", sa.String(36), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("label", sa.String(64), nullable=False, comment="the code"),
        sa.PrimaryKeyConstraint("correction_id", "head", name="pk_correction_labels"),
        sa.ForeignKeyConstraint(["correction_id"], ["corrections.id"], name="fk_correction_labels_corrections"),
    )
    op.add_column(
        "corrections", sa.Column("round", sa.Integer, comment="of the review item it answers; null outside the pages")
    )
    _say_of_source("helpdesk, reviewer, lead (who settles a conflict) or import", was="helpdesk or reviewer")
    asked = sa.select(_items.c.copy).where(_items.c.id == _corrections.c.item_id).scalar_subquery()
    op.execute(sa.update(_corrections).where(_corrections.c.item_id.is_not(None)).values(round=asked))
    for head in _HEADS:
        label = _corrections.c[head]
        rows = sa.select(_corrections.c.id, sa.literal(head), label).where(label.is_not(None))
        op.execute(sa.insert(_labels).from_select(["correction_id", "head", "label"], rows))
        op.drop_column("corrections", head)


def downgrade() -> None:
    """Back to columns; refused where that would lose labels of another head."""
    others = sa.select(_labels.c.head).where(_labels.c.head.not_in(_HEADS)).distinct().order_by(_labels.c.head)
    lost = list(op.get_bind().execute(others).scalars())
    if lost:
        raise ValueError(f"降回 0002 会丢掉 {'、'.join(lost)} 的标签；先用 fendan export 导出，再删去这些标签")
    for head in _HEADS:
        op.add_column("corrections", sa.Column(head, sa.String(64)))
        own = (_labels.c.correction_id == _corrections.c.id, _labels.c.head == head)
        label = sa.select(_labels.c.label).where(*own).scalar_subquery()
        op.execute(sa.update(_corrections).values({head: label}))
    _say_of_source("helpdesk or reviewer", was="helpdesk, reviewer, lead (who settles a conflict) or import")
    op.drop_column("corrections", "round")
    op.drop_table("correction_labels")


def _say_of_source(text: str, *, was: str) -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column(
            "corrections",
            "source",
            comment=text,
            existing_comment=was,
            existing_type=sa.String(16),
            existing_nullable=False,
        )
