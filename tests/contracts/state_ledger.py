"""What every Ledger must do. Needs a fixture `ledger`, empty."""

import asyncio

from domain.completion import Usage
from domain.records import LedgerRow
from domain.state_ports import Ledger

NOVEMBER = "2026-11-01T00:00:00+00:00"


def a_row(cost: int = 1, *, tenant: str = "acme", at: str = NOVEMBER) -> LedgerRow:
    return LedgerRow(
        at=at,
        tenant=tenant,
        endpoint="ask",
        model="gpt-5.4-mini",
        prompt_version="answer/v1",
        prefix_fingerprint="0123456789abcdef",
        usage=Usage(input=4000, cached=3072, written=5, output=300, reasoning=128),
        cost_microdollars=cost,
        seconds=0.1 + 0.2,
        finish="stop",
        request_id="req-1",
    )


class LedgerContract:
    async def test_nothing_booked_is_nothing_spent(self, ledger: Ledger) -> None:
        assert await ledger.spent_microdollars("acme", NOVEMBER) == 0

    async def test_spending_adds_up_from_the_given_moment_on(self, ledger: Ledger) -> None:
        await ledger.book(a_row(1, at="2026-10-31T23:59:59.999999+00:00"))
        await ledger.book(a_row(10, at=NOVEMBER))
        await ledger.book(a_row(100, at="2026-11-01T00:00:00.000001+00:00"))
        await ledger.book(a_row(1000, at="2026-11-30T23:59:59Z"))
        assert await ledger.spent_microdollars("acme", NOVEMBER) == 1110

    async def test_an_offset_counts_as_the_moment_that_it_means(self, ledger: Ledger) -> None:
        await ledger.book(a_row(1, at="2026-11-01T00:30:00+01:00"))  # October in UTC
        await ledger.book(a_row(10, at="2026-10-31T23:30:00-01:00"))  # November in UTC
        assert await ledger.spent_microdollars("acme", NOVEMBER) == 10

    async def test_a_tenant_pays_for_its_own_calls_only(self, ledger: Ledger) -> None:
        await ledger.book(a_row(1))
        await ledger.book(a_row(10, tenant="evil"))
        assert await ledger.spent_microdollars("acme", NOVEMBER) == 1

    async def test_sums_exceed_32_bits(self, ledger: Ledger) -> None:
        for _ in range(2):
            await ledger.book(a_row(4_000_000_000_000_000_000))
        assert await ledger.spent_microdollars("acme", NOVEMBER) == 8_000_000_000_000_000_000

    async def test_fifty_rows_booked_at_once_sum_up_right(self, ledger: Ledger) -> None:
        await asyncio.gather(*(ledger.book(a_row(cost)) for cost in range(1, 51)))
        assert await ledger.spent_microdollars("acme", NOVEMBER) == 1275
