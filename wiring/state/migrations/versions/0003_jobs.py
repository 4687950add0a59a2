"""Jobs: what was asked for over HTTP and is done later."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Counted = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", Counted, primary_key=True),
        sa.Column("id", Name, nullable=False),
        sa.Column("tenant", Name, nullable=False),
        sa.Column("collection", Name, nullable=False),
        sa.Column("owner", Name, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sources", sa.Text, nullable=False),
        sa.Column("state", Name, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("started_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("adopt", sa.Boolean, nullable=False),
        sa.Column("accept_cost", sa.Boolean, nullable=False),
        sa.Column("progress", sa.Text),
        sa.Column("report", sa.Text),
        sa.UniqueConstraint("id", name="jobs_id"),
    )
    op.create_index("jobs_tenant", "jobs", ["tenant", "number"])
    op.create_index("jobs_owner_state", "jobs", ["owner", "state", "number"])
