"""An empty database of each kind for each test: a SQLite file, and a PostgreSQL database where
FOREBAY_TEST_DATABASE_URL names a server."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from wiring.state.collections import Collections
from wiring.state.database import State, open_state
from wiring.state.documents import Documents
from wiring.state.jobs import Jobs
from wiring.state.keys import Keys
from wiring.state.ledger import SqlLedger
from wiring.state.purse import SqlPurse
from wiring.state.sessions import Sessions
from wiring.state.traces import Traces


@asynccontextmanager
async def a_postgresql_database() -> AsyncIterator[str]:
    server = os.environ.get("FOREBAY_TEST_DATABASE_URL")
    if not server:
        pytest.skip("FOREBAY_TEST_DATABASE_URL is not set; .ci/postgres starts a server")
    name = f"forebay_test_{secrets.token_hex(8)}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture
async def postgresql() -> AsyncIterator[str]:
    async with a_postgresql_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state.db"
    else:
        async with a_postgresql_database() as url:
            yield url


@pytest.fixture
async def state(url: str) -> AsyncIterator[State]:
    async with open_state(url) as state:
        yield state


@pytest.fixture
def documents(state: State) -> Documents:
    return state.documents


@pytest.fixture
def collections(state: State) -> Collections:
    return state.collections


@pytest.fixture
def keys(state: State) -> Keys:
    return state.keys


@pytest.fixture
def sessions(state: State) -> Sessions:
    return state.sessions


@pytest.fixture
def ledger(state: State) -> SqlLedger:
    return state.ledger


@pytest.fixture
def purse(state: State) -> SqlPurse:
    return state.purse


@pytest.fixture
def jobs(state: State) -> Jobs:
    return state.jobs


@pytest.fixture
def traces(state: State) -> Traces:
    return state.traces
