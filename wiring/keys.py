"""Keys of the API: makes their secrets, knows whose a secret is. Keeps only hashes.

What a secret was found to be is believed for some seconds, so that a request does not wait for the
database; a key that is revoked elsewhere works for as long. Knows no HTTP.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from domain.errors import InvalidInput
from domain.keys import ApiKey, KeyRegistry

TRUSTED_SECONDS = 5.0
_MOST = 10_000  # secrets that are remembered
_BYTES = 32
_PREFIX = "fb_"  # so that scanners for leaked secrets can tell what it is


@dataclass(frozen=True, slots=True)
class NewKey:
    """The only time that the secret is seen."""

    key: ApiKey
    secret: str


class Keyring:
    def __init__(self, registry: KeyRegistry, clock: Callable[[], float] = monotonic) -> None:
        self._registry = registry
        self._clock = clock
        self._known: dict[str, tuple[float, ApiKey]] = {}
        self._any = (-TRUSTED_SECONDS, False)

    async def create(self, key: ApiKey) -> NewKey:
        _check(key)
        secret = _secret()
        made = replace(key, created_at=datetime.now(UTC).isoformat())
        await self._registry.add(made, hashed(secret))
        self._forget()
        return NewKey(made, secret)

    async def rotate(self, tenant: str, name: str) -> NewKey:
        """The old secret is worth nothing from now on."""
        secret = _secret()
        key = await self._registry.change(tenant, name, hashed(secret))
        self._forget()
        return NewKey(key, secret)

    async def revoke(self, tenant: str, name: str) -> None:
        await self._registry.revoke(tenant, name)
        self._forget()

    async def all(self, tenant: str) -> Sequence[ApiKey]:
        return await self._registry.all(tenant)

    async def of(self, secret: str) -> ApiKey | None:
        """None: it is no key, or no more."""
        mark, now = hashed(secret), self._clock()
        since, key = self._known.get(mark, (now - TRUSTED_SECONDS, None))
        if key and now - since < TRUSTED_SECONDS and not _ended(key):
            return key
        found = await self._registry.find(mark)
        self._known.pop(mark, None)
        if found:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[mark] = (now, found)
        return found

    async def any(self) -> bool:
        """Whether there ever was a key that is not revoked: then requests need one."""
        since, found = self._any
        if self._clock() - since >= TRUSTED_SECONDS:
            found = await self._registry.any()
            self._any = (self._clock(), found)
        return found

    def _forget(self) -> None:
        self._known.clear()
        self._any = (-TRUSTED_SECONDS, False)


def hashed(secret: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _secret() -> str:
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def _ended(key: ApiKey) -> bool:
    return bool(key.expires_at) and datetime.fromisoformat(str(key.expires_at)) <= datetime.now(UTC)


def _check(key: ApiKey) -> None:
    if not key.scopes:
        raise InvalidInput("A key needs a scope: ask, ingest or admin.", field="scopes")
    if "admin" in key.scopes and key.collections:
        raise InvalidInput(
            "A key with the scope admin is for all collections: it could make itself another. "
            "Leave `collections` out, or the scope.",
            field="collections",
        )
    if _ended(key):
        raise InvalidInput(f"The key would end at {key.expires_at}, which is past.", field="until")
