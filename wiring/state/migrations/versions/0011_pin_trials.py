"""Pins on trial: in the place of planned ones, for a share of the conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "pin_trials",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("collection", Name, primary_key=True),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pins", sa.Text, nullable=False),
    )
