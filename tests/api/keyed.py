"""A real service that needs keys, and keys for it."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from domain.keys import ApiKey, Scope
from tests.service import running
from wiring.keys import Keyring, NewKey
from wiring.state.database import open_state

ROOT = "the-key-of-the-operator"


@dataclass(frozen=True, slots=True)
class Keyed:
    client: httpx2.Client
    data: Path

    def key(self, name: str, *scopes: Scope, tenant: str = "default", **more: object) -> str:
        """A new one's secret."""
        made = asyncio.run(self._made(ApiKey(tenant, name, scopes or ("ask",), **more)))  # type: ignore[arg-type]
        return made.secret

    async def _made(self, key: ApiKey) -> NewKey:
        async with open_state(f"sqlite:///{self.data / 'state.db'}") as state:
            return await Keyring(state.keys).create(key)


@contextmanager
def serving_keys(handbook: Path, folder: Path, **environ: str) -> Iterator[Keyed]:
    data = Path(shutil.copytree(handbook, folder / "data"))
    with running(data, FOREBAY_API__KEY=ROOT, **environ) as client:
        yield Keyed(client, data)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
