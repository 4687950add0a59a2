"""Nobody spends more than his month's money, however many ask at once and wherever."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.completion import Account, Completion, Usage
from domain.errors import CapReached, ModelUnreachable
from gateway.books import Books
from gateway.counting import Asked, Counting
from gateway.gateway import Gateway
from gateway.policy.book import Priced, booked
from gateway.policy.budget import Budget, BudgetConfig, within_budget
from gateway.policy.count import Tally
from gateway.policy.send import Items
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.purse import MemoryPurse
from tests.gateway.policy.scripted import DONE, REQUEST, MemoryLedger, Scripted, all_of, said
from tests.provider.tokens import counter
from wiring.state.database import open_state

COUNTING = Counting(counter())
ACME = replace(REQUEST, account=Account("acme"), max_output_tokens=100)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def output_alone(usage: Usage) -> int:
    """A micro-dollar a token that is written."""
    return usage.output


def costing(costs: Sequence[int]) -> Scripted:
    return Scripted(*([replace(DONE, usage=Usage(0, output=cost))] for cost in costs))


async def ask(model: Scripted, budget: Budget, books: Books) -> list[object]:
    tally, priced = Tally(Asked(ACME.prompt, COUNTING)), Priced("m", output_alone)
    call = booked(model.stream, "openai", priced, books, tally, COUNTING)
    return list(await all_of(within_budget(call, budget, tally, "openai", priced)(ACME)))


@asynccontextmanager
async def a_budget(
    purse: MemoryPurse, cap: int, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[tuple[Budget, Books]]:
    books = Books(purse)
    budget = Budget(purse, BudgetConfig(cap), books, clock=clock)
    yield budget, books
    await books.close()
    await budget.close()


async def test_what_is_left_can_be_spent_and_no_more() -> None:
    purse, model = MemoryPurse(), costing([100, 100])
    async with a_budget(purse, 250) as (budget, books):
        await ask(model, budget, books)
        await ask(model, budget, books)
        with pytest.raises(CapReached, match=r"\$0\.0003 a month.*\$0\.0002 are spent.*\$0\.0001"):
            await ask(model, budget, books)
    assert purse.spent["acme"] == 200


async def test_what_a_call_did_not_cost_is_free_again() -> None:
    purse, model = MemoryPurse(), costing([10] * 9)
    async with a_budget(purse, 190) as (budget, books):
        for _ in range(9):
            await ask(model, budget, books)
    assert purse.spent["acme"] == 90


async def test_who_reaches_the_cap_is_told_when_there_is_more() -> None:
    clock = Clock()
    clock.now = datetime(2026, 12, 30, 12, tzinfo=UTC)
    async with a_budget(MemoryPurse(), 50, clock) as (budget, books):
        with pytest.raises(CapReached, match=r"2027-01-01.*TENANTS__ACME") as caught:
            await ask(costing([1]), budget, books)
    assert caught.value.retry_after == 36 * 3600


async def test_a_new_month_has_money_of_its_own() -> None:
    clock, purse = Clock(), MemoryPurse()
    clock.now = datetime(2026, 11, 30, 23, tzinfo=UTC)
    async with a_budget(purse, 100, clock) as (budget, books):
        await ask(costing([100]), budget, books)
        await books.flush()
        clock.now += timedelta(hours=2)
        purse.spent.clear()  # of the new month, nothing
        await ask(costing([100]), budget, books)


async def test_a_call_that_broke_gives_back_what_it_did_not_cost() -> None:
    purse = MemoryPurse()
    async with a_budget(purse, 100) as (budget, books):
        with pytest.raises(ModelUnreachable):
            await ask(Scripted([ModelUnreachable("503", begun=False)]), budget, books)
        await ask(costing([100]), budget, books)


async def test_a_listener_that_leaves_gives_back_the_rest() -> None:
    purse = MemoryPurse()
    async with a_budget(purse, 110) as (budget, books):
        tally, priced = Tally(Asked(ACME.prompt, COUNTING)), Priced("m", output_alone)
        stream = Scripted(said("one ", "two ", "three")).stream
        call = booked(stream, "openai", priced, books, tally, COUNTING)
        items: Items = within_budget(call, budget, tally, "openai", priced)(ACME)
        await anext(items)
        await items.aclose()
        await ask(costing([90]), budget, books)
    assert 90 < purse.spent["acme"] < 100


async def test_what_a_process_took_and_lost_is_free_again_after_a_time() -> None:
    purse = MemoryPurse()
    dead = Budget(purse, BudgetConfig(100))
    await dead.hold("acme", 100, 1)
    async with a_budget(purse, 100) as (budget, books):
        with pytest.raises(CapReached, match=r"\$0\.0001 are held"):
            await ask(costing([100]), budget, books)
        await asyncio.sleep(0.6)
        purse.advances = {k: (a, datetime.now(UTC)) for k, (a, _) in purse.advances.items()}
        await ask(costing([100]), budget, books)


async def test_at_its_end_a_process_gives_back_what_it_has() -> None:
    purse = MemoryPurse()
    async with a_budget(purse, 100_000) as (budget, books):
        await ask(costing([100]), budget, books)
    assert [amount for amount, _ in purse.advances.values()] == [0]


async def test_one_advance_serves_many_calls() -> None:
    purse = MemoryPurse()
    async with a_budget(purse, 10**9) as (budget, books):
        for _ in range(30):
            await ask(costing([1]), budget, books)
        assert purse.asked <= 2


async def test_at_four_fifths_the_operator_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    purse = MemoryPurse()
    purse.spent["acme"] = 850_000
    with caplog.at_level(logging.WARNING):
        async with a_budget(purse, 1_000_000) as (budget, books):
            for _ in range(3):
                await budget.hold("acme", 19_000, 1)
    assert [m for m in caplog.messages if "has spent" in m] == [
        f"Tenant 'acme' has spent $0.8500 of $1.0000 for {datetime.now(UTC):%Y-%m}."
    ]
    del books


@pytest.mark.parametrize(
    ("tenant", "cap"),
    [("acme", 5), ("Big-Corp.eu", 7), ("other", 9)],
    ids=["own", "named", "usual"],
)
def test_a_tenant_has_his_own_cap_or_the_usual_one(tenant: str, cap: int) -> None:
    assert BudgetConfig(9, {"acme": 5, "big_corp_eu": 7}).cap(tenant) == cap


async def test_the_gateway_refuses_before_the_model_is_asked() -> None:
    model, ledger = Scripted([DONE]), MemoryLedger()
    budget = Budget(MemoryPurse(), BudgetConfig(1))
    gateway: Gateway = a_gateway(a_lane(model), ledger=ledger, budget=budget)
    with pytest.raises(CapReached):
        await gateway.complete(REQUEST)
    assert model.asked == []


class Slow(Scripted):
    """A model that takes a moment, so that calls are under way together."""

    def __init__(self, costs: Sequence[int]) -> None:
        super().__init__()
        self._costs = list(costs)

    async def stream(self, request: object) -> Items:
        await asyncio.sleep(0.001)
        yield Completion("", "stop", "m", Usage(0, output=self._costs.pop()))


@given(
    costs=st.lists(st.integers(0, 100), min_size=200, max_size=200),
    cap=st.integers(0, 12_000),
    replicas=st.integers(1, 4),
)
@settings(max_examples=25, deadline=None)
def test_two_hundred_at_once_never_overspend(costs: list[int], cap: int, replicas: int) -> None:
    async def all_at_once() -> tuple[int, int]:
        purse = MemoryPurse()
        places = [(b := Books(purse), Budget(purse, BudgetConfig(cap), b)) for _ in range(replicas)]
        model = Slow(costs)
        calls = (
            ask(model, budget, books) for _ in range(200 // replicas) for books, budget in places
        )
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(one, list | CapReached) for one in done)
        for books, _ in places:
            await books.close()
        return purse.worst, sum(isinstance(one, list) for one in done)

    spent, served = asyncio.run(all_at_once())
    assert spent <= cap
    assert bool(served) == (cap >= 100)


async def test_on_sqlite_two_hundred_at_once_never_overspend(tmp_path: Path) -> None:
    chance = random.Random(4)
    async with open_state(f"sqlite:///{tmp_path}/state.db") as state:
        cap, month = 6_000, f"{datetime.now(UTC):%Y-%m}-01T00:00:00+00:00"
        books = [Books(state.ledger) for _ in range(2)]
        budgets = [Budget(state.purse, BudgetConfig(cap), one) for one in books]
        model = Slow([chance.randint(0, 100) for _ in range(200)])
        start = perf_counter()
        done = await asyncio.gather(
            *(ask(model, budgets[n % 2], books[n % 2]) for n in range(200)), return_exceptions=True
        )
        for one in books:
            await one.close()
        spent = await state.ledger.spent_microdollars("acme", month)
    assert perf_counter() - start < 20
    assert all(isinstance(one, list | CapReached) for one in done)
    assert cap * 0.8 < spent <= cap


async def test_who_was_refused_is_refused_again_without_asking_the_database() -> None:
    purse = MemoryPurse()
    async with a_budget(purse, 50) as (budget, books):
        for _ in range(5):
            with pytest.raises(CapReached):
                await ask(costing([1]), budget, books)
        assert purse.asked == 1
