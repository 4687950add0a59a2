"""Opens the chat model for an evaluation, without store and data directory, and says what it costs.

So it works beside a running service.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from answering.examine import Examiner
from domain.completion import Usage
from domain.errors import CostNotAccepted, Misconfigured
from gateway.pricing import Prices
from gateway.tokens import Tokens
from wiring.accounts import open_accounts
from wiring.models import open_chat, open_embedder
from wiring.settings import Settings
from wiring.state.database import open_state
from wiring.telemetry_gateway import GatewayMetrics


@asynccontextmanager
async def open_examiner(settings: Settings, tenant: str) -> AsyncIterator[Examiner]:
    need_model(settings)
    tokens = Tokens(settings.data / "cache" / "tiktoken")
    async with (
        open_state(settings.database_url) as state,
        open_accounts(settings, state, GatewayMetrics(CollectorRegistry())) as accounts,
        open_embedder(settings, tokens, accounts.till) as embedder,
        open_chat(settings, embedder, tokens, accounts) as chat,
    ):
        yield Examiner(chat, tenant)


def need_model(settings: Settings) -> None:
    if not settings.answers_with_openai:
        raise Misconfigured(
            "This asks a chat model and there is none. Set OPENAI_API_KEY or OPENAI_BASE_URL, or "
            "leave the model out (`--offline`, or no `--judge`)."
        )


def accept_cost(settings: Settings, usage: Usage, what: str) -> None:
    """CostNotAccepted where it costs anything: it is asked before, not after."""
    if settings.answers_with_openai and settings.openai_base_url is None:
        price = Prices.read(settings.prices).of("openai", settings.chat.model)
        dollars = price.cost(usage) / 1_000_000
        raise CostNotAccepted(
            f"{what} with {settings.chat.model} costs about ${dollars:,.2f}, by an estimate of "
            f"{usage.input:,} tokens in and {usage.output:,} out. Say --yes to go on."
        )
