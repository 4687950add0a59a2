"""Every call to a model goes through here: the policies, put together in one order.

A request's way down:

    deadline                 one time budget for all that follows
    fallback                 the chain of its tier, one model after another
      manner                 how much it thinks, where the request leaves that open
       plan                  what the provider's prompt cache is told
        retry                the same model again, if nothing was handed on yet
         budget              what the call may cost is held back of the tenant's money
          breaker            a model that keeps failing is left alone
           throttle          requests and tokens a minute, shared by all replicas
            count            how many calls failed before
             trace           one span a call
              watch          a model that falls silent is given up
               book          one row for every call that cost something
                reckon       what the prompt cache did for it
                 cap         an answer that outgrows what was asked for is ended
                  adapter    one call of one provider's API

Retries pass breaker and throttle like first calls, because a provider counts them all. What only
wraps one request is put together anew for each: it costs microseconds and keeps no state behind.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from domain.completion import ChatRequest, Completion
from domain.deadline import Deadline
from domain.errors import InvalidInput
from domain.ports import ChatModel
from gateway.books import Books
from gateway.capabilities import Capabilities
from gateway.counting import Asked, Counting
from gateway.manner import Manner, mannered
from gateway.observer import Observer
from gateway.policy.book import Priced, booked
from gateway.policy.breaker import Breaker, State, broken_off
from gateway.policy.budget import Budget, within_budget
from gateway.policy.caching import Caching, planned, reckoned
from gateway.policy.cap import capped
from gateway.policy.count import Tally, counted
from gateway.policy.deadline import within_deadline
from gateway.policy.fallback import Step, falling_back
from gateway.policy.retry import retried
from gateway.policy.send import Items, Send, completion_of, whole
from gateway.policy.throttle import Buckets, ThrottleConfig, throttled
from gateway.policy.trace import traced
from gateway.policy.watch import WatchConfig, watched
from gateway.retry import RetryConfig


@dataclass(frozen=True, slots=True)
class Lane:
    """One model of one provider, with one key."""

    name: str  # "openai/gpt-5.4-mini", or "openai/gpt-5.4-mini@marketing"
    provider: str
    model: ChatModel
    priced: Priced
    breaker: Breaker
    limits: ThrottleConfig = field(default_factory=ThrottleConfig)
    window: int | None = None  # tokens it reads
    has: Capabilities | None = None
    manner: Manner = field(default_factory=Manner)  # where neither request nor tier has one


@dataclass(frozen=True, slots=True)
class Route:
    """One step of a chain: the lane with the provider's own key, and those of business lines."""

    usual: Lane
    lines: Mapping[str, Lane] = field(default_factory=dict)  # by feature

    def lane(self, feature: str) -> Lane:
        """Lines are named as variables are: `Customer-Care` is customer_care."""
        return self.lines.get(feature.lower().replace("-", "_"), self.usual)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return (self.usual, *self.lines.values())


Chain = Sequence[Route]


@dataclass(frozen=True, slots=True)
class Accounting:
    """What all lanes share: how tokens are counted, where calls are booked, who may spend what."""

    counting: Counting
    books: Books | None = None
    budget: Budget | None = None
    dearest: int | None = None  # micro-dollars that one call may cost
    observer: Observer = field(default_factory=Observer)


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    seconds: float = 180  # of a request that brings no deadline
    retry: RetryConfig = field(default_factory=RetryConfig)
    watch: WatchConfig = field(default_factory=WatchConfig)
    manners: Mapping[str, Manner] = field(default_factory=dict)  # by tier


@dataclass(frozen=True, slots=True)
class Health:
    """Of one lane, for people and for metrics."""

    lane: str
    state: State
    why: str


class Gateway:
    """Implements domain.ports.ChatModel."""

    def __init__(
        self,
        chain: Chain,
        tiers: Mapping[str, Chain],
        buckets: Buckets,
        accounting: Accounting,
        config: GatewayConfig | None = None,
        caching: Caching | None = None,
    ) -> None:
        self.name = chain[0].usual.model.name
        self._chains = {**tiers, "": chain}
        self._buckets = buckets
        self._accounting = accounting
        self._config = config or GatewayConfig()
        self._caching = caching

    async def complete(self, request: ChatRequest) -> Completion:
        return await completion_of(self._answer(request, whole))

    def stream(self, request: ChatRequest) -> Items:
        return self._answer(request, lambda model: model.stream)

    async def check(self) -> None:
        """Every model of the usual chain: one that is needed only when another fails, too."""
        await asyncio.gather(*(route.usual.model.check() for route in self._chains[""]))

    def health(self) -> tuple[Health, ...]:
        lanes = {lane.name: lane for lane in self._lanes()}
        return tuple(Health(n, lane.breaker.state, lane.breaker.why) for n, lane in lanes.items())

    async def close(self) -> None:
        """When all that was spent is booked, and what was held back given back."""
        if self._accounting.books:
            await self._accounting.books.flush()
        if self._accounting.budget:
            await self._accounting.budget.close()

    async def _answer(self, request: ChatRequest, how: Callable[[ChatModel], Send]) -> Items:
        deadline = request.deadline or Deadline.after(self._config.seconds)
        request = replace(request, deadline=deadline)
        tally = Tally(Asked(request.prompt, self._accounting.counting))
        lanes = [route.lane(request.account.feature) for route in self._chain(request.tier)]
        manner = self._config.manners.get(request.tier, Manner())
        steps = [
            Step(lane.name, self._send(lane, how(lane.model), tally, manner), lane.window)
            for lane in lanes
        ]
        async with aclosing(within_deadline(falling_back(steps))(request)) as items:
            async for item in items:
                yield item

    def _send(self, lane: Lane, call: Send, tally: Tally, manner: Manner) -> Send:
        caching, name, money = self._caching, lane.priced.model, self._accounting
        call = capped(call, lane.provider, lane.priced, money.counting, tally, money.dearest)
        if caching:
            call = reckoned(call, caching, lane.provider, name, lane.priced.cost)
        call = booked(call, lane.provider, lane.priced, money.books, tally, money.counting)
        call = watched(call, lane.name, self._config.watch)
        call = traced(call, lane.provider, name)
        call = counted(call, tally, lane.name, money.observer)
        call = throttled(call, lane.name, self._buckets, lane.limits, money.observer)
        call = broken_off(call, lane.breaker)
        if money.budget:
            call = within_budget(call, money.budget, tally, lane.provider, lane.priced)
        call = retried(call, self._config.retry)
        if caching:
            call = planned(call, caching, lane.provider, name)
        return mannered(call, manner.over(lane.manner), lane.has) if lane.has else call

    def _chain(self, tier: str) -> Chain:
        if tier not in self._chains:
            known = ", ".join(sorted(name for name in self._chains if name))
            raise InvalidInput(f"There is no tier '{tier}'; there are {known}.", field="tier")
        return self._chains[tier]

    def _lanes(self) -> Iterator[Lane]:
        for chain in self._chains.values():
            for route in chain:
                yield from route.lanes
