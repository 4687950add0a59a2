"""An API key: whose it is, what it may do, until when, and how much; and the port to where keys
are kept. Never its secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Scope = Literal["ask", "ingest", "admin"]

SCOPES: tuple[Scope, ...] = ("ask", "ingest", "admin")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`admin` includes the other scopes. A name is given once a tenant."""

    tenant: str
    name: str
    scopes: tuple[Scope, ...] = ("ask",)
    collections: tuple[str, ...] = ()  # that it may name; empty: all
    created_at: str = ""  # ISO 8601, UTC
    expires_at: str | None = None
    monthly_microdollars: int | None = None  # None: only the tenant's cap
    requests_a_minute: int | None = None  # None: as the settings say

    def may(self, scope: str) -> bool:
        return "admin" in self.scopes or scope in self.scopes

    def reaches(self, collection: str) -> bool:
        return not self.collections or collection in self.collections


class KeyRegistry(Protocol):
    """API keys, known by their hash alone. One that has expired counts as none."""

    async def add(self, key: ApiKey, secret_hash: str) -> None: ...

    async def find(self, secret_hash: str) -> ApiKey | None: ...

    async def all(self, tenant: str) -> Sequence[ApiKey]:
        """In the order of their names, those that have expired included."""
        ...

    async def change(self, tenant: str, name: str, secret_hash: str) -> ApiKey:
        """Another secret from now on; NotFound when there is no such key."""
        ...

    async def revoke(self, tenant: str, name: str) -> None:
        """NotFound when there is no such key."""
        ...

    async def any(self) -> bool: ...


def purse_of(tenant: str, key: str) -> str:
    """What a key's money is kept under, beside its tenant's: no tenant has a slash in its name."""
    return f"{tenant}/{key}"
