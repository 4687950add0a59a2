"""What every KeyRegistry must do. Needs a fixture `keys`, empty."""

import pytest

from domain.errors import InvalidInput
from domain.ports import KeyRegistry


class KeyRegistryContract:
    async def test_a_key_names_its_tenant(self, keys: KeyRegistry) -> None:
        await keys.add("acme", "laptop", "hash-1")
        await keys.add("umbrella", "laptop", "hash-2")
        assert await keys.tenant_of("hash-1") == "acme"
        assert await keys.tenant_of("hash-2") == "umbrella"

    async def test_an_unknown_key_has_no_tenant(self, keys: KeyRegistry) -> None:
        await keys.add("acme", "laptop", "hash-1")
        assert await keys.tenant_of("hash-2") is None

    async def test_any_says_whether_there_are_keys(self, keys: KeyRegistry) -> None:
        assert await keys.any() is False
        await keys.add("acme", "laptop", "hash-1")
        assert await keys.any() is True

    async def test_a_name_is_given_once_a_tenant(self, keys: KeyRegistry) -> None:
        await keys.add("acme", "laptop", "hash-1")
        with pytest.raises(InvalidInput, match="laptop"):
            await keys.add("acme", "laptop", "hash-2")
        assert await keys.tenant_of("hash-2") is None

    async def test_a_secret_belongs_to_one_tenant(self, keys: KeyRegistry) -> None:
        await keys.add("acme", "laptop", "hash-1")
        with pytest.raises(InvalidInput):
            await keys.add("evil", "laptop", "hash-1")
        assert await keys.tenant_of("hash-1") == "acme"
