"""What alembic runs: the missing migrations, on the connection that it is handed."""

from alembic import context

from wiring.state.migrate import VERSION_TABLE
from wiring.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
