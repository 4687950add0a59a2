"""A database that cannot be used says which, why, and what to do; never the password."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from domain.errors import InvalidInput, Misconfigured, Unavailable
from wiring.state.database import State, open_state

PRAGMAS = ("journal_mode", "foreign_keys")


async def _error(url: str, kind: type[Exception]) -> str:
    with pytest.raises(kind) as raised:
        async with open_state(url):
            pass
    return str(raised.value)


async def test_a_server_that_is_not_there_is_named_with_its_database() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = taken.getsockname()[1]
        said = await _error(f"postgresql://me:hush@127.0.0.1:{port}/state", Unavailable)
    assert f"'state' at 127.0.0.1:{port}" in said
    assert "hush" not in said


async def test_a_port_that_cannot_be_is_a_wrong_setting() -> None:
    assert "port" in await _error("postgresql://me@127.0.0.1:99999/state", Misconfigured)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("postgresql://forebay:", "postgresql://forebay:no", "password"),
        ("/forebay_test_", "/absent_", "does not exist"),
        ("postgresql://forebay:", "postgresql://nobody:", "nobody"),
    ],
    ids=["password", "database", "user"],
)
async def test_a_server_that_refuses_is_a_wrong_setting(
    postgresql: str, old: str, new: str, says: str
) -> None:
    said = await _error(postgresql.replace(old, new), Misconfigured)
    assert says in said
    assert str(urlsplit(postgresql).password) not in said


@pytest.mark.parametrize("parameter", ["sslmode=perhaps", "no_such_parameter=1"])
async def test_a_parameter_that_the_server_does_not_know_is_named(
    postgresql: str, parameter: str
) -> None:
    said = await _error(f"{postgresql}?{parameter}", Misconfigured)
    assert parameter.partition("=")[0] in said


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Not a database. " * 100)
    said = await _error(f"sqlite:///{file}", Unavailable)
    assert str(file) in said
    assert "not a database" in said


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await _error(f"sqlite:///{tmp_path}/file/state.db", Misconfigured)
    assert str(tmp_path / "file") in said


async def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    async with open_state(f"sqlite:///{tmp_path}/a/b/state.db") as state:
        await state.ping()


async def test_a_sqlite_file_keeps_a_write_ahead_log_and_its_foreign_keys(tmp_path: Path) -> None:
    async with (
        open_state(f"sqlite:///{tmp_path}/state.db") as state,
        state.database.transaction() as connection,
    ):
        kept = [await connection.scalar(text(f"PRAGMA {name}")) for name in PRAGMAS]
    assert kept == ["wal", 1]


async def _cut_off(url: str, *, for_good: bool) -> None:
    """Ends every connection to this database, as a restart would."""
    name = urlsplit(url).path.strip("/")
    server = await asyncpg.connect(url.replace(name, "postgres"))
    if for_good:
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    await server.execute(ends, name)
    await server.close()


async def test_a_server_that_went_away_makes_the_ping_fail(postgresql: str) -> None:
    async with open_state(postgresql) as state:
        await _cut_off(postgresql, for_good=True)
        with pytest.raises(Unavailable, match="forebay_test_"):
            await state.ping()


async def test_a_server_that_was_restarted_is_found_again(postgresql: str) -> None:
    async with open_state(postgresql) as state:
        await _cut_off(postgresql, for_good=False)
        await state.ping()


async def test_a_name_that_no_database_can_store_is_the_callers_mistake(state: State) -> None:
    with pytest.raises(InvalidInput, match="cannot be stored"):
        await state.documents.all("half a pair: \ud800")
