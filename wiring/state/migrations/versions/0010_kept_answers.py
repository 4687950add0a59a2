"""Answers that outlive their request: given in the background, or once under a caller's key."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("id", Name, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("held_until", Instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("background", sa.Boolean, nullable=False),
        sa.Column("key", Name),
        sa.Column("session", Name),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("result", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant", "key", name="kept_answers_key"),
    )
    op.create_index("kept_answers_created_at", "kept_answers", ["created_at"])
    op.create_index("kept_answers_held_until", "kept_answers", ["held_until"])
