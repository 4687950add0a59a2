"""What the state promises beyond its ports: history, reopening, concurrency, cancellation."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text

from domain.errors import Unavailable
from tests.contracts.state_collections import HANDBOOK
from tests.contracts.state_documents import A
from tests.contracts.state_ledger import NOVEMBER, a_row
from tests.contracts.state_sessions import a_turn
from wiring.state import tables
from wiring.state.database import State, open_state

LATER = replace(A, version="v2", title="New", ingested_at="2026-11-04T00:00:00+00:00")


async def test_earlier_versions_stay_as_history(state: State) -> None:
    await state.documents.save([A])
    await state.documents.save([LATER])
    assert await state.documents.history("acme", "default", A.id) == [LATER, A]


async def test_every_change_of_a_collection_gives_it_another_mark(state: State) -> None:
    marks = [await state.documents.mark("acme", "default")]
    for change in (
        state.documents.save([A]),
        state.documents.announce([A]),
        state.documents.save([replace(A, ingested_at=LATER.ingested_at)]),
        state.documents.forget("acme", "default", [A.id]),
    ):
        await change
        marks.append(await state.documents.mark("acme", "default"))
    assert all(one != other for one, other in pairwise(marks))
    assert await state.documents.mark("acme", "default") == marks[-1]


async def test_history_is_the_tenants_own(state: State) -> None:
    await state.documents.save([A])
    assert await state.documents.history("evil", "default", A.id) == []


async def test_a_forgotten_document_leaves_no_history(state: State) -> None:
    await state.documents.save([A])
    await state.documents.save([LATER])
    await state.documents.forget("acme", "default", [A.id])
    async with state.database.transaction() as connection:
        left = await connection.scalar(select(func.count()).select_from(tables.document_versions))
    assert left == 0


async def test_a_booked_row_comes_back_as_it_was(state: State) -> None:
    rows = [a_row(), replace(a_row(), request_id=None, at="2026-11-02T00:00:00.5+00:00")]
    for row in rows:
        await state.ledger.book(row)
    kept = await state.ledger.rows("acme", NOVEMBER)
    assert kept == [rows[0], replace(rows[1], at="2026-11-02T00:00:00.500000+00:00")]


async def test_a_session_knows_when_it_began_and_when_it_was_last_used(state: State) -> None:
    for at in ("2026-11-03T09:00:00+00:00", "2026-11-03T10:00:00+00:00"):
        await state.sessions.append("acme", "s", a_turn(at=at))
    async with state.database.transaction() as connection:
        row = (await connection.execute(select(tables.sessions))).one()
    assert (row.turns, row.started_at.hour, row.last_at.hour) == (2, 9, 10)


async def test_what_was_saved_is_there_after_reopening(url: str) -> None:
    async with open_state(url) as state:
        await state.documents.save([A])
        await state.collections.save(HANDBOOK)
    async with open_state(url) as state:
        assert await state.documents.all("acme") == [A]
        assert await state.collections.all() == [HANDBOOK]


async def test_two_connections_may_save_one_document_at_once(url: str) -> None:
    versions = [replace(A, version=f"v{n}") for n in range(10)]
    async with open_state(url) as one, open_state(url) as two:
        await asyncio.gather(
            *(one.documents.save([record]) for record in versions),
            *(two.documents.save([record]) for record in versions),
        )
        [current] = await one.documents.all("acme")
        assert current in versions
        assert len(await two.documents.history("acme", "default", A.id)) == 10


async def test_two_connections_may_book_at_once(url: str) -> None:
    async with open_state(url) as one, open_state(url) as two:
        await asyncio.gather(
            *(ledger.book(a_row(n)) for n in range(1, 26) for ledger in (one.ledger, two.ledger))
        )
        assert await one.ledger.spent_microdollars("acme", NOVEMBER) == 650


async def test_two_connections_may_append_to_one_session_at_once(url: str) -> None:
    async with open_state(url) as one, open_state(url) as two:
        logs = [one.sessions, two.sessions] * 10
        await asyncio.gather(*(log.append("acme", "s", a_turn()) for log in logs))
        assert len(await one.sessions.turns("acme", "s")) == 20


async def test_a_cancelled_call_leaves_no_half_and_no_lock(state: State) -> None:
    for wait in range(30):
        task = asyncio.create_task(state.sessions.append("acme", "s", a_turn()))
        await asyncio.sleep(wait / 5000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await state.sessions.append("acme", "s", a_turn("the last"))
    async with state.database.transaction() as connection:
        count = await connection.scalar(select(tables.sessions.c.turns))
    turns = await state.sessions.turns("acme", "s")
    assert (len(turns), turns[-1].question) == (count, "the last")


async def test_a_failing_transaction_is_rolled_back(state: State) -> None:
    async def fail() -> None:
        async with state.database.transaction() as connection:
            await connection.execute(text("DELETE FROM forebay_schema"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with state.database.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM forebay_schema")) == 1


async def test_a_transaction_that_takes_too_long_is_given_up(state: State) -> None:
    async def dawdle() -> None:
        async with state.database.transaction(seconds=0.05) as connection:
            await connection.execute(text("SELECT 1"))
            await asyncio.sleep(5)

    with pytest.raises(Unavailable, match="no answer in time"):
        await dawdle()
    await state.ping()


async def test_ping_is_quiet_while_all_is_well(state: State) -> None:
    await state.ping()


async def test_a_state_does_not_show_its_password(state: State) -> None:
    assert "forebay:" not in repr(state)
