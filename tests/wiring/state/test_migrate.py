"""A database of any age becomes today's, whoever starts it and however many at once."""

import asyncio
import shutil
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, inspect, text

from domain.errors import Misconfigured
from tests.contracts.state_documents import A
from tests.contracts.state_ledger import NOVEMBER, a_row
from wiring.state.address import Address
from wiring.state.connection import Database, connect
from wiring.state.database import State, open_state
from wiring.state.ledger import encode
from wiring.state.migrate import MIGRATIONS, VERSION_TABLE, bring_up_to_date
from wiring.state.tables import ledger, metadata

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{last}"

def upgrade():
    op.create_table("invoices", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("ledger", sa.Column("color", sa.Text, nullable=False, server_default="red"))
    {then}
"""
START = """
import asyncio, sys
from wiring.state.database import open_state
async def main():
    async with open_state(sys.argv[1]) as state:
        await state.ping()
asyncio.run(main())
"""


def with_one_more(folder: Path, then: str = "pass") -> Path:
    """Today's migrations and one of tomorrow."""
    shutil.copytree(MIGRATIONS, folder)
    last = max(path.name[:4] for path in (folder / "versions").glob("[0-9]*.py"))
    file = folder / "versions" / f"{int(last) + 1:04}_next.py"
    file.write_text(NEXT.format(next=file.name[:4], last=last, then=then))
    return folder


async def tables_of(database: Database) -> set[str]:
    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with database.transaction() as connection:
        return await connection.run_sync(names)


async def test_migrations_make_exactly_the_tables_that_the_code_knows(state: State) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection: Connection) -> list[object]:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    async with state.database.transaction() as connection:
        assert await connection.run_sync(differences) == []


def test_migrations_are_numbered_without_gaps_and_follow_each_other() -> None:
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]
    numbers = [f"{n:04}" for n in range(1, len(scripts) + 1)]
    assert [script.revision for script in scripts] == numbers
    assert [script.down_revision for script in scripts] == [None, *numbers[:-1]]
    assert [Path(script.path).name[:4] for script in scripts] == numbers


async def test_an_older_database_is_upgraded_and_keeps_its_rows(
    state: State, tmp_path: Path
) -> None:
    await state.documents.save([A])
    await state.ledger.book(a_row(7))
    await bring_up_to_date(state.database, with_one_more(tmp_path / "migrations"))
    assert "invoices" in await tables_of(state.database)
    assert await state.documents.all("acme") == [A]
    assert await state.ledger.spent_microdollars("acme", NOVEMBER) == 7


async def test_rows_from_before_trials_had_names_are_of_one_without(
    url: str, tmp_path: Path
) -> None:
    older = shutil.copytree(MIGRATIONS, tmp_path / "older")
    (older / "versions" / "0012_trials.py").unlink()
    database = connect(Address.parse(url))
    try:
        await bring_up_to_date(database, older)
        row = {name: value for name, value in encode(a_row()).items() if name != "trial"}
        async with database.transaction() as connection:
            await connection.execute(insert(ledger), [row])
    finally:
        await database.engine.dispose()
    async with open_state(url) as state:
        (found,) = await state.ledger.rows("acme", NOVEMBER)
    assert found == a_row()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    state: State, tmp_path: Path
) -> None:
    before = await tables_of(state.database)
    with pytest.raises(ZeroDivisionError):
        await bring_up_to_date(state.database, with_one_more(tmp_path / "migrations", "1 / 0"))
    assert await tables_of(state.database) == before
    await bring_up_to_date(state.database)


async def test_a_database_of_a_newer_forebay_is_refused(url: str, tmp_path: Path) -> None:
    async with open_state(url) as state:
        await bring_up_to_date(state.database, with_one_more(tmp_path / "migrations"))
    with pytest.raises(Misconfigured, match=r"newer Forebay.*Install the newer version"):
        async with open_state(url):
            pass


async def test_a_database_with_anothers_tables_is_refused_and_left_alone(url: str) -> None:
    database = connect(Address.parse(url))
    try:
        async with database.transaction() as connection:
            await connection.execute(text("CREATE TABLE documents (anything INTEGER)"))
        with pytest.raises(Misconfigured, match="did not make: documents"):
            await bring_up_to_date(database)
        assert await tables_of(database) == {"documents"}
    finally:
        await database.engine.dispose()


async def test_many_processes_may_start_on_an_empty_database_at_once(url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", START, url, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [(await process.communicate())[1].decode() for process in processes]
    assert said == ["", "", "", ""]


async def test_a_database_that_is_up_to_date_opens_without_alembic(url: str) -> None:
    async with open_state(url):
        pass
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START + "sys.exit('alembic' in sys.modules)", url
    )
    assert await process.wait() == 0
