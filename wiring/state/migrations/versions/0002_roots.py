"""Documents know where they were found; collections know how they are chunked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("documents", sa.Column("root", sa.Text, nullable=False, server_default=""))
    # Chunked with these, unless the settings said otherwise: then a run chunks them again.
    op.add_column("collections", sa.Column("max_tokens", sa.Integer, server_default="320"))
    op.add_column("collections", sa.Column("overlap", sa.Integer, server_default="0"))
    op.drop_column("collections", "pipeline")
