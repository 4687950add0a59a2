"""Traces: a share of the questions, kept for some days where that is wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("id", Name, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("collection", Name, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("found", sa.Boolean, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
    )
    op.create_index("traces_at", "traces", ["at"])
