"""Measuring prompt caches: what it costs, on which model, and where the findings are kept."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from domain.completion import Usage
from domain.errors import Misconfigured
from domain.ports import ChatModel
from gateway.caching.check import OUTPUT, most
from gateway.caching.measured import FILE
from gateway.caching.rules import CacheRules, cache_rules
from gateway.pricing import Prices
from gateway.tokens import Tokens
from wiring.accounts import open_accounts
from wiring.settings import Settings
from wiring.settings_models import TierSettings
from wiring.state.database import open_state
from wiring.tariff import tariff


@dataclass(frozen=True, slots=True)
class Measurable:
    """A model whose cache can be measured, and what that costs at most."""

    provider: str
    model: str
    rules: CacheRules
    calls: int
    tokens: int
    microdollars: int

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"


def findings(settings: Settings) -> Path:
    return settings.data / FILE


def measurable(settings: Settings, name: str | None) -> Measurable:
    """`name`: provider/model; None is the first that answers."""
    from wiring.lanes import steps

    usual = tariff(settings)
    named = steps(name, settings, "--model")[0] if name else (usual.provider, usual.model)
    provider, model = named
    rules = cache_rules(provider, model)
    if rules.kind == "order":
        raise Misconfigured(
            f"Nothing is known of a prompt cache of '{provider}/{model}': there is nothing to "
            "measure. Name a model of openai, anthropic or gemini with --model."
        )
    asked = list(most(rules))
    price = Prices.read(settings.prices).of(provider, model)
    written = rules.kind == "marks"
    cost = sum(
        price.cost(Usage(input=tokens, written=tokens if written else 0, output=OUTPUT))
        for tokens in asked
    )
    return Measurable(provider, model, rules, len(asked), sum(asked), cost)


@asynccontextmanager
async def open_one(settings: Settings, name: str) -> AsyncIterator[ChatModel]:
    """That model alone, `provider/model`, with limits, ledger and budget as always."""
    from wiring.models import open_gateway
    from wiring.telemetry_gateway import GatewayMetrics

    chat = settings.chat.model_copy(update={"tier": "standard"})
    alone = settings.model_copy(update={"tiers": TierSettings(standard=name), "chat": chat})
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(open_state(settings.database_url))
        metrics = GatewayMetrics(CollectorRegistry())
        accounts = await stack.enter_async_context(open_accounts(settings, state, metrics))
        tokens = Tokens(settings.data / "cache" / "tiktoken")
        gateway = await open_gateway(alone, tokens, accounts, stack)
        try:
            yield gateway
        finally:
            await gateway.close()
