"""API keys, by their hash alone. The secret itself never comes here."""

from datetime import UTC, datetime

from sqlalchemy import exists, insert, select
from sqlalchemy.exc import IntegrityError

from domain.errors import InvalidInput
from wiring.state.connection import Database
from wiring.state.tables import api_keys


class Keys:
    """A KeyRegistry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, tenant: str, name: str, secret_hash: str) -> None:
        row = {"tenant": tenant, "name": name, "secret_hash": secret_hash}
        new = insert(api_keys).values(**row, created_at=datetime.now(UTC))
        try:
            async with self._database.transaction() as connection:
                await connection.execute(new)
        except IntegrityError as error:
            raise InvalidInput(
                f"Tenant '{tenant}' has a key named '{name}' already, or this secret is in use. "
                "Choose another name and a new secret.",
                field="name",
            ) from error

    async def tenant_of(self, secret_hash: str) -> str | None:
        query = select(api_keys.c.tenant).where(api_keys.c.secret_hash == secret_hash)
        async with self._database.transaction() as connection:
            return await connection.scalar(query)

    async def any(self) -> bool:
        query = select(exists(select(api_keys.c.name)))
        async with self._database.transaction() as connection:
            return bool(await connection.scalar(query))
