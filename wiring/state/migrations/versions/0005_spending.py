"""The ledger knows who called what for whom; spending has a sum a month, and money in advance."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Instant = sa.DateTime(timezone=True)

_TEXTS = ("request", "key", "feature", "provider", "tier", "cache_key", "tools", "input_mark")


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column("ledger", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("written_long_tokens", "retries"):
        op.add_column("ledger", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("ledger", sa.Column("first_seconds", sa.Double))
    op.add_column("ledger", sa.Column("counted_input_tokens", sa.BigInteger))
    op.create_index("ledger_at", "ledger", ["at"])
    spending = op.create_table(
        "spending",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("month", Name, primary_key=True),
        sa.Column("microdollars", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "advances",
        sa.Column("tenant", Name, primary_key=True),
        sa.Column("month", Name, primary_key=True),
        sa.Column("holder", Name, primary_key=True),
        sa.Column("microdollars", sa.BigInteger, nullable=False),
        sa.Column("until", Instant, nullable=False),
    )
    op.create_table(
        "installation",
        sa.Column("name", Name, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
    spent: Counter[tuple[str, str]] = Counter()
    ledger = sa.table(
        "ledger",
        sa.column("tenant", sa.Text),
        sa.column("at", Instant),
        sa.column("cost_microdollars", sa.BigInteger),
    )
    for tenant, at, cost in op.get_bind().execute(sa.select(ledger)):
        spent[tenant, f"{at:%Y-%m}"] += cost
    if spent:
        op.bulk_insert(
            spending,
            [{"tenant": t, "month": m, "microdollars": c} for (t, m), c in spent.items()],
        )
