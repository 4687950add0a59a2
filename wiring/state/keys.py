"""API keys, by their hash alone. The secret itself never comes here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Row as Result
from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import InvalidInput, NotFound
from domain.keys import ApiKey, Scope
from wiring.state.connection import Database
from wiring.state.tables import api_keys
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row


def encode(key: ApiKey) -> Row:
    return {
        "tenant": key.tenant,
        "name": key.name,
        "created_at": from_iso(key.created_at) if key.created_at else datetime.now(UTC),
        "scopes": ",".join(key.scopes),
        "collections": ",".join(key.collections),
        "expires_at": from_iso(key.expires_at) if key.expires_at else None,
        "monthly_microdollars": key.monthly_microdollars,
        "requests_a_minute": key.requests_a_minute,
    }


def decode(row: Result[*tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        tenant=row.tenant,
        name=row.name,
        scopes=cast("tuple[Scope, ...]", _parts(row.scopes)),
        collections=_parts(row.collections),
        created_at=to_iso(row.created_at),
        expires_at=to_iso(row.expires_at) if row.expires_at else None,
        monthly_microdollars=row.monthly_microdollars,
        requests_a_minute=row.requests_a_minute,
    )


class Keys:
    """A KeyRegistry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: ApiKey, secret_hash: str) -> None:
        new = insert(api_keys).values(**encode(key), secret_hash=secret_hash)
        try:
            async with self._database.transaction() as connection:
                await connection.execute(new)
        except IntegrityError as error:
            raise InvalidInput(
                f"Tenant '{key.tenant}' has a key named '{key.name}' already, or this secret is "
                "in use. Choose another name and a new secret.",
                field="name",
            ) from error

    async def find(self, secret_hash: str) -> ApiKey | None:
        end = api_keys.c.expires_at
        query = select(api_keys).where(
            api_keys.c.secret_hash == secret_hash, or_(end.is_(None), end > datetime.now(UTC))
        )
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else decode(row)

    async def all(self, tenant: str) -> Sequence[ApiKey]:
        query = select(api_keys).where(api_keys.c.tenant == tenant).order_by(api_keys.c.name)
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def change(self, tenant: str, name: str, secret_hash: str) -> ApiKey:
        this = (api_keys.c.tenant == tenant) & (api_keys.c.name == name)
        renewed = update(api_keys).where(this).values(secret_hash=secret_hash)
        async with self._database.transaction() as connection:
            await connection.execute(renewed)
            row = (await connection.execute(select(api_keys).where(this))).first()
        if row is None:
            raise _unknown(tenant, name)
        return decode(row)

    async def revoke(self, tenant: str, name: str) -> None:
        gone = delete(api_keys).where(api_keys.c.tenant == tenant, api_keys.c.name == name)
        async with self._database.transaction() as connection:
            done = await connection.execute(gone)
        if not done.rowcount:
            raise _unknown(tenant, name)

    async def any(self) -> bool:
        """Those that have expired included: or the last one's end would open what it closed."""
        query = select(exists(select(api_keys.c.name)))
        async with self._database.transaction() as connection:
            return bool(await connection.scalar(query))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _unknown(tenant: str, name: str) -> NotFound:
    return NotFound(f"Tenant '{tenant}' has no key named '{name}'. `forebay keys list` shows them.")
