"""What every Purse must do. Needs fixtures `purse` and `ledger` over one empty state."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.keys import purse_of
from domain.purse import Purse, Taken
from domain.state_ports import Ledger
from tests.contracts.state_ledger import a_row

CAP = 1_000
LATER = (datetime.now(UTC) + timedelta(days=1)).isoformat()
PAST = "2026-01-01T00:00:00+00:00"


async def take(
    purse: Purse,
    amounts: Sequence[int],
    holder: str = "one",
    *,
    tenant: str = "acme",
    month: str = "2026-11",
    until: str = LATER,
) -> Taken:
    return await purse.take(tenant, month, holder=holder, amounts=amounts, cap=CAP, until=until)


class PurseContract:
    async def test_the_first_amount_that_the_cap_allows_is_taken(self, purse: Purse) -> None:
        assert (await take(purse, [1_001, 1_000, 5])).amount == 1_000

    async def test_when_none_is_allowed_the_last_is_what_the_holder_has(self, purse: Purse) -> None:
        await take(purse, [600])
        assert await take(purse, [401, 0], "two") == Taken(0, spent=0, others=600)

    async def test_what_one_takes_is_out_of_reach_of_others(self, purse: Purse) -> None:
        await take(purse, [600])
        assert await take(purse, [500, 400], "two") == Taken(400, spent=0, others=600)

    async def test_what_a_holder_has_already_counts_once(self, purse: Purse) -> None:
        await take(purse, [600])
        assert (await take(purse, [900, 600])).amount == 900

    async def test_what_is_booked_is_spent(self, purse: Purse, ledger: Ledger) -> None:
        await ledger.book(a_row(300), a_row(400))
        assert await take(purse, [301, 300]) == Taken(300, spent=700, others=0)

    async def test_what_is_booked_with_a_key_is_spent_of_its_money_as_well(
        self, purse: Purse, ledger: Ledger
    ) -> None:
        await ledger.book(a_row(300), replace(a_row(400), key="wiki"))
        assert (await take(purse, [0], tenant=purse_of("acme", "wiki"))).spent == 400
        assert (await take(purse, [0])).spent == 700

    async def test_another_month_and_another_tenant_have_money_of_their_own(
        self, purse: Purse, ledger: Ledger
    ) -> None:
        await ledger.book(a_row(CAP))
        assert (await take(purse, [CAP, 0], tenant="evil")).amount == CAP
        assert (await take(purse, [CAP, 0], month="2026-12")).amount == CAP

    async def test_a_month_is_one_of_utc(self, purse: Purse, ledger: Ledger) -> None:
        await ledger.book(a_row(CAP, at="2026-11-01T00:30:00+01:00"))  # October in UTC
        assert (await take(purse, [0])).spent == 0

    async def test_what_a_dead_process_took_runs_out(self, purse: Purse) -> None:
        await take(purse, [CAP], "dead", until=PAST)
        assert await take(purse, [CAP, 0]) == Taken(CAP, spent=0, others=0)

    async def test_fifty_who_take_at_once_get_no_more_than_there_is(self, purse: Purse) -> None:
        taken = await asyncio.gather(*(take(purse, [30, 0], f"p{n}") for n in range(50)))
        assert sum(one.amount for one in taken) == 990
