"""Rows are written together and a moment later, and none is lost on the way."""

import asyncio
import logging

import pytest

from domain.errors import InvalidInput, Unavailable
from domain.records import LedgerRow
from domain.request_id import REQUEST_ID
from gateway.books import Books
from tests.contracts.state_ledger import NOVEMBER, a_row
from tests.gateway.policy.scripted import MemoryLedger


class Moody(MemoryLedger):
    """Away for some calls; takes no row of the tenant `poison`."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.away = away
        self.calls = 0

    async def book(self, *rows: LedgerRow) -> None:
        self.calls += 1
        if self.away:
            self.away -= 1
            raise Unavailable("the database is away", transient=True)
        if any(row.tenant == "poison" for row in rows):
            raise InvalidInput("half a sign")
        await super().book(*rows)


async def test_many_rows_are_one_write() -> None:
    ledger = Moody()
    books = Books(ledger)
    for cost in range(50):
        books.put(a_row(cost))
    await books.close()
    assert (len(ledger.rows), ledger.calls) == (50, 1)


async def test_rows_are_written_soon_without_being_asked_for() -> None:
    ledger = MemoryLedger()
    Books(ledger).put(a_row())
    await asyncio.sleep(0.4)
    assert len(ledger.rows) == 1


async def test_a_ledger_that_is_away_gets_its_rows_later() -> None:
    ledger = Moody(away=2)
    books = Books(ledger)
    books.put(a_row(1))
    await asyncio.sleep(0.3)
    books.put(a_row(2))
    await asyncio.sleep(0.6)
    assert [row.cost_microdollars for row in ledger.rows] == [1, 2]


async def test_a_row_that_the_ledger_will_not_take_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ledger = Moody()
    books = Books(ledger)
    await books.book(a_row(1), a_row(7, tenant="poison"), a_row(2))
    await books.close()
    assert [row.cost_microdollars for row in ledger.rows] == [1, 2]
    assert "half a sign" in caplog.text
    assert "7 micro-dollars" in caplog.text


async def test_what_cannot_be_written_at_the_end_goes_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    books = Books(Moody(away=9))
    books.put(a_row(7))
    with caplog.at_level(logging.ERROR):
        await books.close()
    assert "7 micro-dollars" in caplog.text


async def test_what_was_put_counts_as_spent() -> None:
    books = Books(MemoryLedger())
    books.put(a_row(9))
    assert await books.spent_microdollars("acme", NOVEMBER) == 9


async def test_afterwards_is_when_the_rows_before_it_are_written() -> None:
    ledger, seen = MemoryLedger(), list[int]()
    books = Books(ledger)
    books.put(a_row())
    books.afterwards(lambda: seen.append(len(ledger.rows)))
    assert seen == []
    await books.close()
    assert seen == [1]


async def test_a_row_bears_the_request_in_which_it_was_put() -> None:
    ledger = MemoryLedger()
    books = Books(ledger)
    REQUEST_ID.set("abc")
    books.put(a_row())
    await books.close()
    assert ledger.rows[0].request == "abc"
