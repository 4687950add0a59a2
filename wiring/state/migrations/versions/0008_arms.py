"""The ledger knows the arm of a trial, and whether an answer found something."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("arm", sa.Text, nullable=False, server_default=""))
    op.add_column("ledger", sa.Column("found", sa.Boolean))
