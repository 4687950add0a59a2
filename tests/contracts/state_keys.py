"""What every KeyRegistry must do. Needs a fixture `keys`, empty."""

from dataclasses import replace

import pytest

from domain.errors import InvalidInput, NotFound
from domain.keys import ApiKey, KeyRegistry

MADE = "2026-11-01T09:00:00+00:00"
FULL = ApiKey(
    tenant="acme",
    name="wiki",
    scopes=("ask", "ingest"),
    collections=("handbook", "notes"),
    created_at=MADE,
    expires_at="2199-01-01T00:00:00+00:00",
    monthly_microdollars=5_000_000,
    requests_a_minute=60,
)


class KeyRegistryContract:
    async def test_a_key_comes_back_as_it_was_added(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        assert await keys.find("hash-1") == FULL

    async def test_a_key_without_limits_comes_back_as_well(self, keys: KeyRegistry) -> None:
        plain = ApiKey("acme", "laptop", created_at=MADE)
        await keys.add(plain, "hash-1")
        assert await keys.find("hash-1") == plain

    async def test_an_unknown_secret_finds_nothing(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        assert await keys.find("hash-2") is None

    async def test_a_key_that_has_ended_is_not_found(self, keys: KeyRegistry) -> None:
        await keys.add(replace(FULL, expires_at=MADE), "hash-1")
        assert await keys.find("hash-1") is None

    async def test_a_key_that_has_ended_still_closes_the_service(self, keys: KeyRegistry) -> None:
        await keys.add(replace(FULL, expires_at=MADE), "hash-1")
        assert await keys.any() is True

    async def test_any_says_whether_there_are_keys(self, keys: KeyRegistry) -> None:
        assert await keys.any() is False
        await keys.add(FULL, "hash-1")
        assert await keys.any() is True

    async def test_a_tenants_keys_are_listed_by_name(self, keys: KeyRegistry) -> None:
        second = replace(FULL, name="blog")
        await keys.add(FULL, "hash-1")
        await keys.add(second, "hash-2")
        await keys.add(replace(FULL, tenant="umbrella"), "hash-3")
        assert await keys.all("acme") == [second, FULL]

    async def test_a_changed_secret_is_the_only_one(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        assert await keys.change("acme", "wiki", "hash-2") == FULL
        assert await keys.find("hash-1") is None
        assert await keys.find("hash-2") == FULL

    async def test_a_revoked_key_is_gone(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        await keys.revoke("acme", "wiki")
        assert await keys.find("hash-1") is None

    async def test_another_tenants_key_is_not_revoked(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        with pytest.raises(NotFound, match="umbrella"):
            await keys.revoke("umbrella", "wiki")
        assert await keys.find("hash-1") == FULL

    async def test_a_key_that_is_not_there_is_not_changed(self, keys: KeyRegistry) -> None:
        with pytest.raises(NotFound, match="wiki"):
            await keys.change("acme", "wiki", "hash-2")

    async def test_a_name_is_given_once_a_tenant(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        with pytest.raises(InvalidInput, match="wiki"):
            await keys.add(FULL, "hash-2")
        assert await keys.find("hash-2") is None

    async def test_a_secret_belongs_to_one_key(self, keys: KeyRegistry) -> None:
        await keys.add(FULL, "hash-1")
        with pytest.raises(InvalidInput):
            await keys.add(replace(FULL, tenant="evil"), "hash-1")
        assert await keys.find("hash-1") == FULL
