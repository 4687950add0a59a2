"""A keyring makes secrets, knows whose they are, and believes what it knew for some seconds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from domain.keys import ApiKey
from wiring.keys import TRUSTED_SECONDS, Keyring
from wiring.state.database import open_state

WIKI = ApiKey("acme", "wiki")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def two_rings(folder: Path, clock: Clock) -> AsyncIterator[tuple[Keyring, Keyring]]:
    """Of two processes that share a database."""
    async with open_state(f"sqlite:///{folder / 'state.db'}") as state:
        yield Keyring(state.keys, clock), Keyring(state.keys, clock)


async def test_a_secret_is_known_by_the_process_that_did_not_make_it(tmp_path: Path) -> None:
    async with two_rings(tmp_path, Clock()) as (one, other):
        made = await one.create(WIKI)
        assert await other.of(made.secret) == made.key


async def test_no_two_secrets_are_alike(tmp_path: Path) -> None:
    async with two_rings(tmp_path, Clock()) as (ring, _):
        secrets = {(await ring.create(ApiKey("acme", f"key-{n}"))).secret for n in range(20)}
        assert len(secrets) == 20
        assert all(len(secret) >= 43 for secret in secrets)


async def test_a_key_revoked_elsewhere_ends_within_seconds(tmp_path: Path) -> None:
    clock = Clock()
    async with two_rings(tmp_path, clock) as (one, other):
        made = await one.create(WIKI)
        assert await other.of(made.secret)
        await one.revoke("acme", "wiki")
        clock.now += TRUSTED_SECONDS
        assert await other.of(made.secret) is None


async def test_a_key_revoked_here_ends_at_once(tmp_path: Path) -> None:
    async with two_rings(tmp_path, Clock()) as (ring, _):
        made = await ring.create(WIKI)
        assert await ring.of(made.secret)
        await ring.revoke("acme", "wiki")
        assert await ring.of(made.secret) is None


async def test_the_first_key_closes_the_service_within_seconds(tmp_path: Path) -> None:
    clock = Clock()
    async with two_rings(tmp_path, clock) as (one, other):
        assert not await other.any()
        await one.create(WIKI)
        clock.now += TRUSTED_SECONDS
        assert await other.any()


async def test_a_key_without_a_scope_is_refused(tmp_path: Path) -> None:
    async with two_rings(tmp_path, Clock()) as (ring, _):
        with pytest.raises(InvalidInput, match="scope"):
            await ring.create(ApiKey("acme", "wiki", scopes=()))
