"""Makes a provider's prompt cache ready before many ask at once, where that pays.

The first of them would write the cache anyway. What making it ready saves is what the others pay
who ask before that first answer has begun, and the wait of all of them. How many these are is
counted: those of the last weeks, at this time of day, that found nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from answering.pinned import Prefixes
from domain.completion import Account, ChatRequest, Usage
from domain.errors import ForebayError
from domain.ports import ChatModel, TokenCounter
from gateway.caching.rules import CacheRules
from gateway.canary import CHAIN
from gateway.counting import Counting
from prompts.compose import compose
from prompts.prefix import Prefix
from wiring.routing import usually_tried
from wiring.schedule import Schedule
from wiring.settings import Settings
from wiring.settings_cache import CacheSettings
from wiring.state.database import State
from wiring.state.ledger_cache import Asked, asked_with, busy
from wiring.state.overview import Overview
from wiring.tariff import Tariff, tariff

ENDPOINT = "warm"
LOOKED_BACK = timedelta(days=28)
_DAY = 86_400.0
_USUALLY = 1_800.0  # seconds that a spike lasts, where the cache lasts longer
_LOOK = 60.0  # seconds
_OUTPUT = 16  # tokens; OpenAI takes no fewer
_FOUND_NOTHING = frozenset({"cold", "changed", "expired", "unmarked", "overflow", "provider"})

_log = logging.getLogger("forebay.warm")


@dataclass(frozen=True, slots=True)
class Warmed:
    """What was made ready, or why not. Money in micro-dollars."""

    tenant: str
    collection: str
    model: str
    tokens: int  # before the boundary
    expected: float | None  # questions that would find nothing; None: nothing is known
    cost_microdollars: int
    saves_microdollars: int
    sooner: float | None  # seconds, the first word of each; None: nothing is known
    done: bool
    says: str
    trial: "Warmed | None" = None  # the same for what is on trial, where that has another cache


@dataclass(frozen=True, slots=True)
class _Asking:
    """What decides which cache questions find."""

    prefix: Prefix
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Warmer:
    """What it takes: whom to ask, what stands before the boundary, what was asked before."""

    chat: ChatModel
    prefixes: Prefixes
    state: State
    tokens: TokenCounter
    settings: Settings
    tried: Prefixes | None = None  # of what a plan pins for a share; None: that is not known

    async def warm(
        self, tenant: str, collection: str, at: datetime | None = None, *, force: bool = False
    ) -> Warmed:
        """`at`: when they will ask; None is now. With `force` also where it does not pay."""
        at = at or datetime.now(UTC)
        usual, *tried = await self._asking(tenant, collection)
        found = await self._warmed(usual, tenant, collection, at, force=force)
        if not tried:
            return found
        trial = await self._warmed(tried[0], tenant, collection, at, force=force)
        return replace(found, trial=trial)

    async def warm_all(self, at: datetime) -> None:
        """Of every tenant that asks, each prefix once, where it pays. Replicas take turns."""
        async with self.state.hold("warm", lambda: None):
            since = (at - LOOKED_BACK).isoformat()
            for tenant in await busy(self.state.database, since):
                done: set[tuple[str, str]] = set()
                for collection in await Overview(self.state.database).collections(tenant):
                    for asking in await self._asking(tenant, collection.name):
                        if (asking.prefix.version, asking.tier) not in done:
                            done.add((asking.prefix.version, asking.tier))
                            await self._warm_one(asking, tenant, collection.name, at)

    async def _asking(self, tenant: str, collection: str) -> list[_Asking]:
        """The usual way, then what is on trial where that is another. As questions have it, a
        trial of the settings goes before one of pins.
        """
        version = self.settings.prompt.version
        usual = _Asking(await self.prefixes.of(version, tenant, collection))
        tried = usual
        if running := usually_tried(self.settings, tenant):
            prefix = await self.prefixes.of(running.prompt or version, tenant, collection)
            tried = _Asking(prefix, CHAIN if running.chain else "")
        elif self.tried and collection in await self.state.pin_trials.of(tenant):
            tried = _Asking(await self.tried.of(version, tenant, collection))
        return [usual] if tried == usual else [usual, tried]

    async def _warmed(
        self, asking: _Asking, tenant: str, collection: str, at: datetime, *, force: bool
    ) -> Warmed:
        request = replace(request_of(asking.prefix, tenant), tier=asking.tier)
        since = (at - LOOKED_BACK).isoformat()
        fingerprint = request.prompt.prefix_fingerprint
        tried = asking.tier == CHAIN
        asked = await asked_with(self.state.database, tenant, fingerprint, since, tried=tried)
        prices = tariff(self.settings, trial=tried)
        found = replace(judged(asked, request, prices, self.tokens, at), collection=collection)
        if found.says and not force:
            return found
        completion = await self.chat.complete(request)
        return replace(found, done=True, cost_microdollars=completion.cost_microdollars)

    async def _warm_one(self, asking: _Asking, tenant: str, collection: str, at: datetime) -> None:
        try:
            found = await self._warmed(asking, tenant, collection, at, force=False)
        except ForebayError as error:
            _log.warning("the cache of %s, %s is not made ready: %s", tenant, collection, error)
            return
        said = "made ready" if found.done else f"not made ready: {found.says}"
        _log.info("the cache of %s, %s is %s", tenant, collection, said)


@asynccontextmanager
async def on_schedule(warmer: Warmer, settings: CacheSettings) -> AsyncIterator[None]:
    """Until the block ends, at the times that are set."""
    if not settings.warm:
        yield
        return
    schedule = Schedule.parse(settings.warm, settings.timezone, "FOREBAY_CACHE__WARM")
    task = asyncio.create_task(_keep_warming(warmer, schedule))
    task.add_done_callback(_died)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _keep_warming(warmer: Warmer, schedule: Schedule) -> None:
    at = schedule.after(datetime.now(UTC))
    while True:
        left = (at - datetime.now(UTC)).total_seconds()
        if left > 0:
            await asyncio.sleep(min(left, _LOOK))  # a clock may be set meanwhile
        else:
            await warmer.warm_all(at)
            at = schedule.after(datetime.now(UTC))


def _died(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("no more caches are made ready: start the service again", exc_info=error)


def request_of(prefix: Prefix, tenant: str) -> ChatRequest:
    """What stands before the boundary is as in every question."""
    prompt = compose("Reply with OK.", [], prefix=prefix)
    account = Account(tenant, endpoint=ENDPOINT)
    return ChatRequest(prompt, _OUTPUT, warms=True, account=account)


def judged(
    asked: Sequence[Asked], request: ChatRequest, prices: Tariff, tokens: TokenCounter, at: datetime
) -> Warmed:
    """`asked`: with this prefix, in the last weeks. Nothing is done yet."""
    prompt, rules = request.prompt, prices.rules
    length = Counting(tokens).prompt(replace(prompt, tail=()))
    expected = _expected(asked, at, min(_USUALLY, _lasts(rules)))
    cost, each = _cost(prices, length), _saved(prices, length)
    saves = round((expected or 0) * each)
    if rules.kind == "order" or not prices.price:
        says = f"nothing is known of a prompt cache of '{prices.model}'."
    elif length < rules.least:
        says = f"{prices.model} caches nothing below {rules.least:,} tokens."
    elif expected is None:
        says = "nothing is known of how many ask for it at this time of day."
    elif saves <= cost:
        says = "it would cost more than it saves: too few ask before the first has an answer."
    else:
        says = ""
    return Warmed(
        tenant=request.account.tenant,
        collection="",
        model=prices.model,
        tokens=length,
        expected=expected,
        cost_microdollars=cost,
        saves_microdollars=saves,
        sooner=_sooner(asked),
        done=False,
        says=says,
    )


def _lasts(rules: CacheRules) -> float:
    return rules.lives[0].seconds if rules.lives else _USUALLY


def _cost(prices: Tariff, tokens: int) -> int:
    writes = tokens if prices.rules.kind == "marks" else 0
    output = 0 if prices.rules.prewarms else _OUTPUT
    usage = Usage(input=tokens, written=writes, output=output)
    return prices.price.cost(usage) if prices.price else 0


def _saved(prices: Tariff, tokens: int) -> int:
    """By each who would have found nothing, and now reads."""
    writes = tokens if prices.rules.kind == "marks" else 0
    if not prices.price:
        return 0
    return prices.price.cost(Usage(input=tokens, written=writes)) - prices.read(tokens)


def _expected(asked: Sequence[Asked], at: datetime, seconds: float) -> float | None:
    """How many found nothing in so many seconds after this time of day, on a day that was not
    made ready for; None when there was no such day.
    """
    after = [(one, _after(one, at)) for one in asked]
    days = {_day(one, at) for one in asked}
    ready = {_day(one, at) for one, late in after if one.endpoint == ENDPOINT and late < seconds}
    if not days - ready:
        return None
    found_nothing = [
        one
        for one, late in after
        if late < seconds and one.why in _FOUND_NOTHING and _day(one, at) not in ready
    ]
    return len(found_nothing) / len(days - ready)


def _after(one: Asked, at: datetime) -> float:
    """Seconds since this time of day was last."""
    return (datetime.fromisoformat(one.at) - at).total_seconds() % _DAY


def _day(one: Asked, at: datetime) -> int:
    return int((datetime.fromisoformat(one.at) - at).total_seconds() // _DAY)


def _sooner(asked: Iterable[Asked]) -> float | None:
    times: dict[bool, list[float]] = {True: [], False: []}
    for one in asked:
        if one.endpoint != ENDPOINT and one.first_seconds is not None:
            times[one.why == "hit"].append(one.first_seconds)
    return median(times[False]) - median(times[True]) if all(times.values()) else None
