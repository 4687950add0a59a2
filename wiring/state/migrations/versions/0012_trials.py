"""The ledger knows which trial an arm is of."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("trial", sa.Text, nullable=False, server_default=""))
