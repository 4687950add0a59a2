"""Opens what calls are booked with: the books over the state's ledger, and tenants' budgets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.ports import TokenCounter
from domain.purse import Purse
from gateway.books import Books
from wiring.settings import Settings
from wiring.state.database import State
from wiring.telemetry_gateway import GatewayMetrics

if TYPE_CHECKING:
    from gateway.gateway import Accounting


@dataclass(frozen=True, slots=True)
class Accounts:
    books: Books
    purse: Purse
    metrics: GatewayMetrics


@asynccontextmanager
async def open_accounts(state: State, metrics: GatewayMetrics) -> AsyncIterator[Accounts]:
    mark = await state.secret("input_mark")
    books = Books(state.ledger, mark=mark, seen=metrics.booked)
    try:
        yield Accounts(books, state.purse, metrics)
    finally:
        await books.close()


def accounting(settings: Settings, tokens: TokenCounter, accounts: Accounts | None) -> "Accounting":
    """Without accounts nothing is booked and nothing capped: only counted."""
    from gateway.counting import Counting
    from gateway.gateway import Accounting
    from gateway.policy.budget import Budget, BudgetConfig

    wanted, counting = settings.budget, Counting(tokens)
    dearest = _microdollars(wanted.call_dollars)
    if accounts is None:
        return Accounting(counting, dearest=dearest)
    tenants = {name: round(dollars * 1e6) for name, dollars in wanted.tenants.items()}
    config = BudgetConfig(_microdollars(wanted.monthly_dollars), tenants)
    books, metrics = accounts.books, accounts.metrics
    budget = Budget(accounts.purse, config, books, observer=metrics)
    return Accounting(counting, books, budget, dearest, metrics)


def _microdollars(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * 1e6)
