"""A filled installation of each test's own, and empty servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import copytree

import pytest

from retrieval.durable import copy_sparsely
from tests.wiring.migration.installation import CHUNKS, Qdrant, fill, running, settings_of
from tests.wiring.state.conftest import a_postgresql_database
from wiring.settings import Settings


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("filled") / "data"
    asyncio.run(fill(data, CHUNKS))
    return data


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    return Path(copytree(filled, tmp_path / "data", copy_function=copy_sparsely))


@pytest.fixture
def qdrant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Qdrant]:
    with running(monkeypatch) as server:
        yield server


@pytest.fixture
async def database() -> AsyncIterator[str]:
    async with a_postgresql_database() as url:
        yield url


@pytest.fixture
def chunks(data: Path, qdrant: Qdrant) -> Settings:
    """Only chunks move."""
    return settings_of(data, qdrant.url)


@pytest.fixture
def everything(data: Path, qdrant: Qdrant, database: str) -> Settings:
    return settings_of(data, qdrant.url, database)
