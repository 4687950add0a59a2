"""A key has money of its own, out of its tenant's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.completion import Account, Usage
from domain.errors import CapReached
from domain.keys import purse_of
from gateway.books import Books
from gateway.counting import Asked, Counting
from gateway.policy.book import Priced, booked
from gateway.policy.budget import Budget, BudgetConfig, within_budget
from gateway.policy.count import Tally
from tests.gateway.policy.scripted import DONE, REQUEST, Scripted, all_of
from tests.provider.tokens import counter
from wiring.state.database import State, open_state

COUNTING = Counting(counter())
WIKI = Account("acme", key="wiki", key_cap=250)


@dataclass
class Place:
    state: State
    budget: Budget
    books: Books

    async def ask(self, account: Account) -> None:
        """It may cost 100 micro-dollars, and does."""
        request = replace(REQUEST, account=account, max_output_tokens=100)
        model = Scripted([replace(DONE, usage=Usage(0, output=100))])
        tally, priced = Tally(Asked(request.prompt, COUNTING)), Priced("m", lambda u: u.output)
        call = booked(model.stream, "openai", priced, self.books, tally, COUNTING)
        await all_of(within_budget(call, self.budget, tally, "openai", priced)(request))

    async def spent(self, purse: str) -> int:
        await self.books.flush()
        now = datetime.now(UTC)
        taken = await self.state.purse.take(
            purse, f"{now:%Y-%m}", holder="t", amounts=[0], cap=0, until=now.isoformat()
        )
        return taken.spent


@pytest.fixture
async def place(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        books = Books(state.ledger)
        budget = Budget(state.purse, BudgetConfig(getattr(request, "param", None)), books)
        yield Place(state, budget, books)
        await books.close()
        await budget.close()


async def test_a_key_spends_its_cap_and_no_more(place: Place) -> None:
    await place.ask(WIKI)
    await place.ask(WIKI)
    with pytest.raises(CapReached, match=r"key 'wiki' of tenant 'acme' may spend \$0\.0003"):
        await place.ask(WIKI)
    assert await place.spent(purse_of("acme", "wiki")) == 200


async def test_another_key_goes_on(place: Place) -> None:
    await place.ask(WIKI)
    await place.ask(WIKI)
    await place.ask(replace(WIKI, key="blog"))
    await place.ask(Account("acme", key="free"))
    assert await place.spent("acme") == 400


@pytest.mark.parametrize("place", [150], indirect=True, ids=["150 of the tenant"])
async def test_the_tenants_cap_holds_for_its_keys(place: Place) -> None:
    await place.ask(WIKI)
    with pytest.raises(CapReached, match="Tenant 'acme'"):
        await place.ask(WIKI)


@pytest.mark.parametrize("place", [1_000], indirect=True, ids=["1000 of the tenant"])
async def test_what_a_key_is_refused_its_tenant_can_still_spend(place: Place) -> None:
    await place.ask(WIKI)
    await place.ask(WIKI)
    with pytest.raises(CapReached, match="wiki"):
        await place.ask(WIKI)
    for _ in range(8):
        await place.ask(Account("acme"))
    assert await place.spent("acme") == 1_000
