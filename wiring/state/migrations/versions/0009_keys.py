"""A key has scopes, collections, an end, and limits. Those that are there keep what they could."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    scopes = sa.Column("scopes", sa.Text, nullable=False, server_default="ask,ingest")
    op.add_column("api_keys", scopes)
    op.add_column("api_keys", sa.Column("collections", sa.Text, nullable=False, server_default=""))
    op.add_column("api_keys", sa.Column("expires_at", Instant))
    op.add_column("api_keys", sa.Column("monthly_microdollars", sa.BigInteger))
    op.add_column("api_keys", sa.Column("requests_a_minute", sa.Integer))
