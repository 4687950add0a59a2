"""All tables come over, or none, and the collections with them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import rmtree

import pytest

from domain.errors import NotFound, Unavailable
from tests.contracts.state_documents import A
from tests.contracts.state_ledger import NOVEMBER, a_row
from tests.wiring.migration.installation import SPACE, Qdrant, migrated, server
from wiring.migrate_stores import migrate, plan
from wiring.migrate_stores_state import TABLES
from wiring.migrate_stores_tally import Step
from wiring.settings import Settings
from wiring.state.database import open_state


async def test_what_has_moved_is_not_planned_again(everything: Settings) -> None:
    await migrated(everything)
    assert (await plan(everything, None)).parts == ()


async def test_a_state_that_lies_elsewhere_is_named(everything: Settings, data: Path) -> None:
    elsewhere = data / "elsewhere.db"
    (data / "state.db").rename(elsewhere)
    with pytest.raises(NotFound, match="Name its SQLite file with --state"):
        await migrated(everything)
    outcome = await migrate(everything, elsewhere, lambda _: None)
    assert {part.name: part.target.count for part in outcome.parts}["ledger"] == 5


async def test_without_collections_the_state_moves_alone(
    everything: Settings, data: Path, qdrant: Qdrant
) -> None:
    rmtree(data / "collections")
    async with server(qdrant) as store:
        await store.open_collection("theirs", SPACE)
    assert {part.kind for part in (await migrated(everything)).parts} == {"table"}


async def test_every_table_of_the_state_is_the_same_afterwards(everything: Settings) -> None:
    outcome = await migrated(everything)
    tables = {part.name: part for part in outcome.parts if part.kind == "table"}
    assert outcome.same
    assert set(tables) == {table.name for table in TABLES}
    assert {name: tables[name].target.count for name in ("documents", "ledger", "sessions")} == {
        "documents": 1,
        "ledger": 5,
        "sessions": 1,
    }


async def test_no_table_is_forgotten(everything: Settings, data: Path) -> None:
    await migrated(everything)
    with closing(sqlite3.connect(data / "state.db")) as state:
        found = state.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {name for (name,) in found} - {"forebay_schema"} == {table.name for table in TABLES}


async def test_the_state_is_used_on_as_it_was(everything: Settings, data: Path) -> None:
    async with open_state(f"sqlite:///{data}/state.db") as old:
        secret = await old.secret("marks")
    await migrated(everything)
    async with open_state(everything.database_url) as state:
        assert await state.documents.all("acme") == [A]
        assert await state.secret("marks") == secret
        await state.ledger.book(a_row(100))  # numbered after those that came
        assert await state.ledger.spent_microdollars("acme", NOVEMBER) == 115


async def test_a_zero_byte_which_postgresql_cannot_hold_becomes_a_sign_for_it(
    everything: Settings, data: Path
) -> None:
    with closing(sqlite3.connect(data / "state.db")) as state:
        state.execute("UPDATE ledger SET feature = 'a' || char(0) || 'b'")
        state.commit()
    assert (await migrated(everything)).same


async def test_a_second_run_finds_all_of_it_there(everything: Settings, qdrant: Qdrant) -> None:
    await migrated(everything)
    written = [one for one in qdrant.requests if one.endswith("points/batch")]
    assert (await migrated(everything)).same
    assert [one for one in qdrant.requests if one.endswith("points/batch")] == written


async def test_a_state_that_cannot_be_settled_leaves_the_chunks_unseen(
    everything: Settings, qdrant: Qdrant
) -> None:
    def refuse(step: Step) -> None:
        if step.what == "copying table turns":
            raise Unavailable("The disk is full.")

    with pytest.raises(Unavailable):
        await migrate(everything, None, refuse)
    assert qdrant.shown() == []
    async with open_state(everything.database_url) as state:
        assert await state.documents.all("acme") == []


async def test_chunks_that_cannot_be_shown_leave_no_state(
    everything: Settings, qdrant: Qdrant
) -> None:
    def refuse(step: Step) -> None:
        if step.what == "comparing table turns":
            qdrant.fails_with = 503

    async with open_state(everything.database_url) as state:
        with pytest.raises(Unavailable):
            await migrate(everything, None, refuse)
        assert await state.documents.all("acme") == []
