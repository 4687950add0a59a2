"""Documents and their versions, collections, API keys, sessions and turns, the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Counted = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("collection", Name, primary_key=True),
        sa.Column("id", Name, primary_key=True),
        sa.Column("source", Name, nullable=False),
        sa.Column("version", Name, nullable=False),
    )
    op.create_table(
        "document_versions",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("collection", Name, primary_key=True),
        sa.Column("document_id", Name, primary_key=True),
        sa.Column("version", Name, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("chunks", sa.BigInteger, nullable=False),
        sa.Column("ingested_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "collection", "document_id"],
            ["documents.tenant", "documents.collection", "documents.id"],
            name="document_versions_document",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "collections",
        sa.Column("name", Name, primary_key=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("name", Name, primary_key=True),
        sa.Column("secret_hash", Name, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.UniqueConstraint("secret_hash", name="api_keys_secret_hash"),
    )
    op.create_table(
        "sessions",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("id", Name, primary_key=True),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("session", Name, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "session"],
            ["sessions.tenant", "sessions.id"],
            name="turns_session",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "ledger",
        sa.Column("id", Counted, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("tenant", Name, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("prompt_version", sa.Text, nullable=False),
        sa.Column("prefix_fingerprint", sa.Text, nullable=False),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("cached_tokens", sa.BigInteger, nullable=False),
        sa.Column("written_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger, nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("finish", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
    )
    op.create_index("ledger_tenant_at", "ledger", ["tenant", "at"])
