"""Pays for calls that are no chat: embedding and reranking. What one may cost is held back of the
asker's money before it is made, and one row is booked after, also when nobody got its answer.

Who asks is known by `domain/asking.py`. A call that was refused cost nothing; one that broke, or
that nobody waited for, is booked with what it was asked for. Knows no provider and no price.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter

from domain.asking import ASKING
from domain.completion import Account, Usage
from domain.errors import ForebayError, ModelUnreachable
from domain.records import LedgerRow
from gateway.books import Books
from gateway.policy.budget import Budget, purses

_USUAL = 120.0  # seconds of such a call, at most


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call: what for, of whose model, and what it is asked for as we count it."""

    purpose: str  # the ledger's endpoint: "embed", "rerank"
    provider: str
    model: str
    usage: Usage
    microdollars: int


@dataclass(slots=True)
class Receipt:
    """What it came to; who made the call fills it in."""

    usage: Usage
    microdollars: int
    finish: str = "stop"


@dataclass(frozen=True, slots=True)
class Till:
    """Without books nothing is booked, without a budget nothing is held back."""

    books: Books | None = None
    budget: Budget | None = None

    @asynccontextmanager
    async def charged(self, wanted: Wanted) -> AsyncIterator[Receipt]:
        account = replace(ASKING.get(), endpoint=wanted.purpose)
        settle = await self._held(account, wanted.microdollars)
        receipt, start = Receipt(wanted.usage, wanted.microdollars), perf_counter()
        at = datetime.now(UTC).isoformat()
        try:
            yield receipt
        except asyncio.CancelledError:
            receipt.finish = "left"
            raise
        except ForebayError as error:
            receipt.finish = "broken"
            if not (isinstance(error, ModelUnreachable) and error.begun):
                receipt.usage, receipt.microdollars = Usage(), 0
            raise
        finally:
            if self.books and (receipt.microdollars or receipt.usage.input):
                self.books.put(_row(account, wanted, receipt, at, perf_counter() - start))
            settle(receipt.microdollars)

    async def _held(self, account: Account, amount: int) -> Callable[[int], None]:
        if self.budget is None or not amount:
            return lambda _: None
        holds = []
        try:
            for purse, cap in purses(account, self.budget):
                hold = self.budget.at_hand(purse, amount, _USUAL, cap)
                holds.append(hold or await self.budget.hold(purse, amount, _USUAL, cap))
        except BaseException:
            for hold in holds:
                hold.settle(0)
            raise

        def settle(cost: int) -> None:
            for hold in holds:
                hold.settle(cost)

        return settle


def _row(account: Account, wanted: Wanted, receipt: Receipt, at: str, seconds: float) -> LedgerRow:
    return LedgerRow(
        at=at,
        tenant=account.tenant,
        endpoint=account.endpoint,
        model=wanted.model,
        prompt_version="",
        prefix_fingerprint="",
        usage=receipt.usage,
        cost_microdollars=receipt.microdollars,
        seconds=seconds,
        finish=receipt.finish,
        key=account.key,
        feature=account.feature,
        provider=wanted.provider,
        arm=account.arm,
        trial=account.trial,
    )
