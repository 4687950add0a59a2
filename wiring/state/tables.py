"""The tables, as today's code reads and writes them. How a database gets there: `migrations/`.

Whatever belongs to a tenant has the tenant first in its key. Money is whole micro-dollars.
Knows no queries.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no offset, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


# Names are compared byte by byte, so that both databases sort them alike.
Name = Text().with_variant(Text(collation="C"), "postgresql")
Counted = BigInteger().with_variant(Integer, "sqlite")  # only an INTEGER counts itself in SQLite

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("collection", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("source", Name, nullable=False),
    Column("version", Name, nullable=False),  # the current one; empty while it is being written
    Column("root", Text, nullable=False, server_default=""),
)

document_versions = Table(
    "document_versions",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("collection", Name, primary_key=True),
    Column("document_id", Name, primary_key=True),
    Column("version", Name, primary_key=True),
    Column("title", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("chunks", BigInteger, nullable=False),
    Column("ingested_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "collection", "document_id"],
        ["documents.tenant", "documents.collection", "documents.id"],
        name="document_versions_document",
        ondelete="CASCADE",  # what is forgotten leaves no history
    ),
)

collections = Table(
    "collections",
    metadata,
    Column("name", Name, primary_key=True),
    Column("model", Text, nullable=False),
    Column("dimensions", Integer, nullable=False),
    Column("space", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("max_tokens", Integer, server_default="320"),
    Column("overlap", Integer, server_default="0"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("name", Name, primary_key=True),
    Column("secret_hash", Name, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("secret_hash", name="api_keys_secret_hash"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("turns", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("session", Name, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "session"],
        ["sessions.tenant", "sessions.id"],
        name="turns_session",
        ondelete="CASCADE",
    ),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("tenant", Name, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt_version", Text, nullable=False),
    Column("prefix_fingerprint", Text, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("written_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("cost_microdollars", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("finish", Text, nullable=False),
    Column("request_id", Text),
    Index("ledger_tenant_at", "tenant", "at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Counted, primary_key=True),  # the order in which they came
    Column("id", Name, nullable=False),
    Column("tenant", Name, nullable=False),
    Column("collection", Name, nullable=False),
    Column("owner", Name, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sources", Text, nullable=False),  # JSON
    Column("state", Name, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("error", Text, nullable=False),
    Column("adopt", Boolean, nullable=False),
    Column("accept_cost", Boolean, nullable=False),
    Column("progress", Text),  # JSON
    Column("report", Text),  # JSON
    UniqueConstraint("id", name="jobs_id"),
    Index("jobs_tenant", "tenant", "number"),
    Index("jobs_owner_state", "owner", "state", "number"),
)
