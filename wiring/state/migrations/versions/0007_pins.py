"""Passages before the cache boundary, how often passages are shown, and conversations in short."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pins",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("collection", Name, primary_key=True),
        sa.Column("document_id", Name, primary_key=True),
        sa.Column("passage", Name, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("planned", sa.Boolean, nullable=False),
        sa.Column("pinned_at", Instant, nullable=False),
    )
    op.create_table(
        "shown",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("collection", Name, primary_key=True),
        sa.Column("day", Name, primary_key=True),
        sa.Column("chunk_id", Name, primary_key=True),
        sa.Column("times", sa.BigInteger, nullable=False),
    )
    op.create_index("shown_day", "shown", ["day"])
    op.create_table(
        "episodes",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("session", Name, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "session"],
            ["sessions.tenant", "sessions.id"],
            name="episodes_session",
            ondelete="CASCADE",
        ),
    )
