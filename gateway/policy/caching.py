"""Tells the provider's cache what pays, and says afterwards what it did.

Planned once for a request, before retries: the beginning of a second try is no further traffic.
Reckoned for each call, before it is booked.
"""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import monotonic

from domain.completion import ChatRequest, Completion, Usage
from gateway.caching.measured import Finding, measured_rules
from gateway.caching.outcome import Called, Reckoner
from gateway.caching.plan import Planner
from gateway.caching.rules import CacheRules
from gateway.policy.send import Items, Send


@dataclass(frozen=True, slots=True)
class Caching:
    """What all lanes share."""

    planner: Planner
    reckoner: Reckoner
    findings: Mapping[str, Finding] = field(default_factory=dict)  # by provider/model, as measured
    clock: Callable[[], float] = monotonic

    def rules(self, provider: str, model: str) -> CacheRules:
        return measured_rules(provider, model, self.findings)


def planned(send: Send, caching: Caching, provider: str, model: str) -> Send:
    """A request that brings its plan keeps it."""
    rules = caching.rules(provider, model)

    def sent(request: ChatRequest) -> Items:
        if request.cache is None:
            planner = caching.planner
            decide = planner.warm if request.warms else planner.plan
            plan = decide(request, rules, model, caching.clock())
            request = replace(request, prompt=request.prompt.continued(plan.apart), cache=plan)
        return send(request)

    return sent


def reckoned(
    send: Send, caching: Caching, provider: str, model: str, cost: Callable[[Usage], int]
) -> Send:
    called = Called(model, caching.rules(provider, model), cost)

    async def sent(request: ChatRequest) -> Items:
        now = caching.clock()
        async with aclosing(send(request)) as items:
            async for item in items:
                if isinstance(item, Completion):
                    outcome = caching.reckoner.outcome(request, item.usage, called, now)
                    yield replace(item, cache=outcome)
                else:
                    yield item

    return sent
