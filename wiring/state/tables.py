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
    LargeBinary,
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
    Column("scopes", Text, nullable=False, server_default="ask,ingest"),  # with commas between
    Column("collections", Text, nullable=False, server_default=""),  # with commas between
    Column("expires_at", Instant),
    Column("monthly_microdollars", BigInteger),
    Column("requests_a_minute", Integer),
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
    Column("request", Text, nullable=False, server_default=""),
    Column("key", Text, nullable=False, server_default=""),
    Column("feature", Text, nullable=False, server_default=""),
    Column("provider", Text, nullable=False, server_default=""),
    Column("tier", Text, nullable=False, server_default=""),
    Column("cache_key", Text, nullable=False, server_default=""),
    Column("tools", Text, nullable=False, server_default=""),  # with commas between
    Column("input_mark", Text, nullable=False, server_default=""),
    Column("written_long_tokens", BigInteger, nullable=False, server_default="0"),
    Column("retries", BigInteger, nullable=False, server_default="0"),
    Column("first_seconds", Double),
    Column("counted_input_tokens", BigInteger),
    Column("prefix_tokens", BigInteger),  # from here on empty where nothing is known of a cache
    Column("cacheable_tokens", BigInteger),
    Column("saved_microdollars", BigInteger),
    Column("saved_naive_microdollars", BigInteger),
    Column("cache_why", Text),
    Column("cache_says", Text),
    Column("arm", Text, nullable=False, server_default=""),
    Column("found", Boolean),
    Column("trial", Text, nullable=False, server_default=""),
    Index("ledger_tenant_at", "tenant", "at"),
    Index("ledger_at", "at"),
)

spending = Table(  # the sum of what the ledger has, in the same transaction
    "spending",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("month", Name, primary_key=True),
    Column("microdollars", BigInteger, nullable=False),
)

advances = Table(  # what processes have taken of it and may still spend
    "advances",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("month", Name, primary_key=True),
    Column("holder", Name, primary_key=True),
    Column("microdollars", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)

installation = Table(  # keys that it made for itself
    "installation",
    metadata,
    Column("name", Name, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
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

traces = Table(
    "traces",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("collection", Name, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("found", Boolean, nullable=False),
    Column("config", Text, nullable=False),
    Column("shown", Text, nullable=False),  # JSON
    Column("filter", Text, nullable=False),  # JSON
    Index("traces_at", "at"),
)

pins = Table(  # what stands before the cache boundary of a collection
    "pins",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("collection", Name, primary_key=True),
    Column("document_id", Name, primary_key=True),
    Column("passage", Name, primary_key=True),  # hash of its text; empty: the whole document
    Column("source", Text, nullable=False),
    Column("planned", Boolean, nullable=False),
    Column("pinned_at", Instant, nullable=False),
)

pin_trials = Table(  # what takes the place of planned pins for a share of the conversations
    "pin_trials",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("collection", Name, primary_key=True),
    Column("share", Double, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("pins", Text, nullable=False),  # JSON
)

shown = Table(  # how often a passage was shown on a day; the empty one counts the questions
    "shown",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("collection", Name, primary_key=True),
    Column("day", Name, primary_key=True),
    Column("chunk_id", Name, primary_key=True),
    Column("times", BigInteger, nullable=False),
    Index("shown_day", "day"),
)

episodes = Table(  # what stands for a number of turns of a conversation
    "episodes",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("session", Name, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("summary", Text, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "session"],
        ["sessions.tenant", "sessions.id"],
        name="episodes_session",
        ondelete="CASCADE",
    ),
)
