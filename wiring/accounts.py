"""Opens what calls are paid with: the books over the state's ledger, and tenants' budgets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.ports import TokenCounter
from gateway.books import Books
from gateway.policy.budget import Budget, BudgetConfig
from gateway.till import Till
from wiring.settings import Settings
from wiring.state.database import State
from wiring.telemetry_gateway import GatewayMetrics

if TYPE_CHECKING:
    from gateway.gateway import Accounting


@dataclass(frozen=True, slots=True)
class Accounts:
    """Of all models alike: those that answer, embed and rerank."""

    books: Books
    budget: Budget
    metrics: GatewayMetrics

    @property
    def till(self) -> Till:
        return Till(self.books, self.budget)


@asynccontextmanager
async def open_accounts(
    settings: Settings, state: State, metrics: GatewayMetrics
) -> AsyncIterator[Accounts]:
    if settings.qdrant.url is None and settings.database.url is None:
        await state.purse.release()  # one process at a time is here: the last one is gone
    mark = await state.secret("input_mark")
    books = Books(state.ledger, mark=mark, seen=metrics.booked)
    config = _budget(settings)
    budget = Budget(state.purse, config, books, observer=metrics)
    try:
        yield Accounts(books, budget, metrics)
    finally:
        await books.close()
        await budget.close()


def accounting(settings: Settings, tokens: TokenCounter, accounts: Accounts | None) -> "Accounting":
    """Without accounts nothing is booked and nothing capped: only counted."""
    from gateway.counting import Counting
    from gateway.gateway import Accounting

    counting, dearest = Counting(tokens), _microdollars(settings.budget.call_dollars)
    if accounts is None:
        return Accounting(counting, dearest=dearest)
    return Accounting(counting, accounts.books, accounts.budget, dearest, accounts.metrics)


def _budget(settings: Settings) -> BudgetConfig:
    wanted = settings.budget
    tenants = {name: round(dollars * 1e6) for name, dollars in wanted.tenants.items()}
    return BudgetConfig(_microdollars(wanted.monthly_dollars), tenants)


def _microdollars(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * 1e6)
