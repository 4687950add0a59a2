"""The table of answers that outlive their request. Knows no queries."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from wiring.state.tables import Instant, Name, metadata

kept_answers = Table(  # that outlive their request
    "kept_answers",
    metadata,
    Column("tenant", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("held_until", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("background", Boolean, nullable=False),
    Column("key", Name),
    Column("session", Name),
    Column("asked", Text, nullable=False),  # JSON
    Column("callback", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ended_at", Instant),
    Column("result", Text, nullable=False),  # JSON
    UniqueConstraint("tenant", "key", name="kept_answers_key"),
    Index("kept_answers_created_at", "created_at"),
    Index("kept_answers_held_until", "held_until"),
)
