"""The ledger knows what the prompt cache could have read, why it did not, and what it saved."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_NUMBERS = (
    "prefix_tokens",
    "cacheable_tokens",
    "saved_microdollars",
    "saved_naive_microdollars",
)


def upgrade() -> None:
    for name in _NUMBERS:
        op.add_column("ledger", sa.Column(name, sa.BigInteger))
    for name in ("cache_why", "cache_says"):
        op.add_column("ledger", sa.Column(name, sa.Text))
