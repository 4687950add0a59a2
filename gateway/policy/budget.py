"""Nobody spends more than his month's money: what a call may cost is held back before it is made,
from the tenant's money, and from that of the key he asks with.

A process takes money of a tenant in advance, somewhat more than the call needs, so that the next
ones need not ask the database; what it takes is out of reach of all other processes. When a call
is over, what it did not cost is free again; what it did cost stays held until it is booked.
An advance lives longer than any call that it pays, and that of a dead process runs out.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from domain.completion import Account, ChatRequest
from domain.errors import CapReached
from domain.keys import purse_of
from domain.purse import Purse, Taken
from gateway.books import Books
from gateway.observer import Observer
from gateway.policy.book import Priced
from gateway.policy.count import Tally
from gateway.policy.send import Items, Send

_LOG = logging.getLogger(__name__)
_LIFE = 600.0  # seconds of an advance, beyond the call that it was taken for
_AGAIN = timedelta(seconds=0.5)  # after a refusal nobody asks the database
_CALLS = 100  # that an advance is taken for, when there is money enough
_SHARE = 50  # and at most this part of the cap
_ALARM = 0.8  # of the cap: the operator is told
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL = 180.0  # seconds of a call without a deadline


@dataclass(frozen=True, slots=True)
class BudgetConfig:
    """Micro-dollars a month; None: no cap."""

    monthly: int | None = None
    tenants: Mapping[str, int] = field(default_factory=dict)  # named as variables are

    def cap(self, tenant: str) -> int | None:
        return self.tenants.get(_named(tenant), self.monthly)


@dataclass(frozen=True, slots=True)
class _Refused:
    amount: int
    at: datetime
    taken: Taken


@dataclass(slots=True)
class _Wallet:
    """What this process has of a tenant's money for a month."""

    tenant: str
    month: str
    cap: int
    taken: int = 0
    held: int = 0  # of it, by calls that are under way or not yet booked
    until: datetime = _NEVER
    alarmed: bool = False
    refused: _Refused | None = None
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def holds(self, amount: int, until: datetime) -> bool:
        """Whether it had so much at hand, for so long."""
        if self.held + amount > self.taken or until > self.until:
            return False
        self.held += amount
        return True


class Hold:
    """Money for one call."""

    def __init__(self, wallet: _Wallet, amount: int, books: Books | None) -> None:
        self._wallet = wallet
        self._amount = amount
        self._books = books

    def settle(self, cost: int) -> None:
        self._wallet.held += cost - self._amount
        self._amount = cost
        if self._books and cost:
            self._books.afterwards(self._release)
        else:
            self._release()

    def _release(self) -> None:
        self._wallet.held -= self._amount
        self._wallet.taken -= self._amount


class Budget:
    def __init__(
        self,
        purse: Purse,
        config: BudgetConfig,
        books: Books | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer | None = None,
    ) -> None:
        self._purse = purse
        self._config = config
        self._books = books
        self._clock = clock
        self._observer = observer or Observer()
        self._holder = uuid4().hex
        self._wallets: dict[str, _Wallet] = {}

    def caps(self, tenant: str) -> bool:
        return self._config.cap(tenant) is not None

    def at_hand(
        self, tenant: str, amount: int, seconds: float, cap: int | None = None
    ) -> Hold | None:
        """None: it has to be asked for. `cap`: of a key, whose purse stands for the tenant's."""
        wallet, until = self._wallet(tenant, cap), self._clock() + timedelta(seconds=seconds)
        return Hold(wallet, amount, self._books) if wallet.holds(amount, until) else None

    async def hold(self, tenant: str, amount: int, seconds: float, cap: int | None = None) -> Hold:
        """CapReached when the month's money does not suffice."""
        wallet, until = self._wallet(tenant, cap), self._clock() + timedelta(seconds=seconds)
        async with wallet.asking:
            if not wallet.holds(amount, until):
                self._as_before(wallet, amount)
                await self._take(wallet, amount, until)
        return Hold(wallet, amount, self._books)

    async def close(self) -> None:
        """Gives back what is not spent."""
        for wallet in self._wallets.values():
            async with wallet.asking:
                await self._ask(wallet, [wallet.held], wallet.until)

    def _as_before(self, wallet: _Wallet, amount: int) -> None:
        last = wallet.refused
        if last and amount >= last.amount and self._clock() < last.at + _AGAIN:
            raise self._reached(wallet, last.taken, amount)

    async def _take(self, wallet: _Wallet, amount: int, until: datetime) -> None:
        if self._books:
            await self._books.flush()  # what is booked is not to be held as well
        if wallet.until < self._clock():
            wallet.taken = wallet.held  # the rest ran out
        has, need = wallet.taken, wallet.held + amount
        spare = min(_CALLS * amount, wallet.cap // _SHARE)
        wallet.held += amount
        try:
            amounts = [max(has, need + spare), max(has, need), has]
            taken = await self._ask(wallet, amounts, until + timedelta(seconds=_LIFE))
        except BaseException:
            wallet.held -= amount
            raise
        self._tell(wallet, taken)
        if taken.amount < need:
            wallet.held -= amount
            wallet.refused = _Refused(amount, self._clock(), taken)
            raise self._reached(wallet, taken, amount)

    async def _ask(self, wallet: _Wallet, amounts: list[int], until: datetime) -> Taken:
        before = wallet.taken
        taken = await self._purse.take(
            wallet.tenant,
            wallet.month,
            holder=self._holder,
            amounts=amounts,
            cap=wallet.cap,
            until=until.isoformat(),
        )
        wallet.taken += taken.amount - before  # calls may have been booked since we asked
        wallet.until = until
        return taken

    def _wallet(self, tenant: str, cap: int | None) -> _Wallet:
        if cap is None:
            cap = self._config.cap(tenant)
        month = f"{self._clock():%Y-%m}"
        if cap is None:
            raise AssertionError(f"{tenant} has no cap")
        wallet = self._wallets.get(tenant)
        if wallet is None or wallet.month != month:
            wallet = self._wallets[tenant] = _Wallet(tenant, month, cap)
        wallet.cap = cap  # a key may have been made anew
        return wallet

    def _tell(self, wallet: _Wallet, taken: Taken) -> None:
        share = taken.spent / wallet.cap if wallet.cap else 1.0
        self._observer.spent(wallet.tenant, share)
        if share >= _ALARM and not wallet.alarmed:
            wallet.alarmed = True
            _LOG.warning(
                "Tenant '%s' has spent %s of %s for %s.",
                wallet.tenant, _dollars(taken.spent), _dollars(wallet.cap), wallet.month,
            )  # fmt: skip

    def _reached(self, wallet: _Wallet, taken: Taken, amount: int) -> CapReached:
        now = self._clock()
        begun = now.replace(day=1, hour=0, minute=0, second=0)
        following = (begun + timedelta(days=32)).replace(day=1)
        promised = taken.others + wallet.held
        tenant, _, key = wallet.tenant.partition("/")
        who = f"The key '{key}' of tenant '{tenant}'" if key else f"Tenant '{tenant}'"
        more = "make a key with more" if key else _variable(tenant)
        return CapReached(
            f"{who} may spend {_dollars(wallet.cap)} a month. "
            f"{_dollars(taken.spent)} are spent and {_dollars(promised)} are held for calls under "
            f"way; this one may cost {_dollars(amount)}. There is more on {following:%Y-%m-%d}, "
            f"or {more}.",
            retry_after=(following - now).total_seconds(),
        )


def within_budget(send: Send, budget: Budget, tally: Tally, provider: str, priced: Priced) -> Send:
    async def sent(request: ChatRequest) -> Items:
        holds = await _held(request, budget, tally, lambda n: priced.worst(request, n, provider))
        tally.take()
        try:
            async with aclosing(send(request)) as items:
                async for item in items:
                    yield item
        finally:
            cost = tally.take()
            for hold in holds:
                hold.settle(cost)

    return sent


async def _held(
    request: ChatRequest, budget: Budget, tally: Tally, worst: Callable[[int], int]
) -> list[Hold]:
    """Counts the prompt exactly only when there is not money at hand for the longest it can be."""
    account, seconds = request.account, request.deadline.left if request.deadline else _USUAL
    holds: list[Hold] = []
    try:
        for purse, cap in purses(account, budget):
            hold = budget.at_hand(purse, worst(tally.asked.bound()), seconds, cap)
            if hold is None:
                amount = worst(await tally.asked.tokens())
                hold = await budget.hold(purse, amount, seconds, cap)
            holds.append(hold)
    except BaseException:
        for hold in holds:
            hold.settle(0)
        raise
    return holds


def purses(account: Account, budget: Budget) -> Iterator[tuple[str, int | None]]:
    """Those of the account with a cap; None is the configured one."""
    if budget.caps(account.tenant):
        yield account.tenant, None
    if account.key and account.key_cap is not None:
        yield purse_of(account.tenant, account.key), account.key_cap


def _variable(tenant: str) -> str:
    return f"raise FOREBAY_BUDGET__TENANTS__{_named(tenant).upper()}"


def _named(tenant: str) -> str:
    return tenant.lower().replace("-", "_").replace(".", "_")


def _dollars(microdollars: int) -> str:
    return f"${microdollars / 1_000_000:,.4f}"
