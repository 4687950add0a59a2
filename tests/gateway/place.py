"""A gateway around any models, with a ledger in memory: as much of it as a test needs."""

from collections.abc import Mapping, Sequence

from domain.completion import Usage
from domain.ports import ChatModel
from gateway.books import Books
from gateway.counting import Counting
from gateway.gateway import Accounting, Gateway, GatewayConfig, Lane, Route
from gateway.policy.book import Priced
from gateway.policy.breaker import Breaker, BreakerConfig
from gateway.policy.buckets import MemoryBuckets
from gateway.policy.budget import Budget
from gateway.policy.caching import Caching
from gateway.policy.throttle import ThrottleConfig
from gateway.pricing import cost
from tests.gateway.policy.scripted import MemoryLedger
from tests.provider.tokens import counter


def a_lane(
    model: ChatModel,
    name: str = "",
    *,
    limits: ThrottleConfig | None = None,
    breaker: BreakerConfig | None = None,
    window: int | None = None,
) -> Lane:
    name = name or f"any/{model.name}"
    return Lane(
        name=name,
        provider=name.partition("/")[0],
        model=model,
        priced=Priced(model.name, lambda usage: _price(model.name, usage)),
        breaker=Breaker(name, breaker or BreakerConfig()),
        limits=limits or ThrottleConfig(),
        window=window,
    )


def a_gateway(
    *lanes: Lane,
    ledger: MemoryLedger,
    chain: Sequence[Route] | None = None,
    tiers: Mapping[str, Sequence[Route]] | None = None,
    config: GatewayConfig | None = None,
    budget: Budget | None = None,
    dearest: int | None = None,
    caching: Caching | None = None,
) -> Gateway:
    """They answer one after the other. The ledger has every row at once."""
    books = Books(MemoryLedger(), seen=ledger.rows.append)
    accounting = Accounting(Counting(counter()), books, budget, dearest)
    chain = chain or [Route(lane) for lane in lanes]
    return Gateway(chain, tiers or {}, MemoryBuckets(), accounting, config, caching)


def _price(model: str, usage: Usage) -> int:
    return cost(model if model.startswith("gpt-") else "gpt-5.4-mini", usage)
