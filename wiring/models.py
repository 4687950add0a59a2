"""Opens the models that the settings mean: embedder, sparse encoder, reranker, answerer."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import TYPE_CHECKING

from domain.errors import Misconfigured
from domain.ports import ChatModel, Embedder, Reranker, SparseEncoder, TokenCounter, VectorCache
from gateway.canary import CHAIN
from gateway.till import Till
from wiring.accounts import Accounts, accounting
from wiring.rerankers import hosted_config, late_reranker, llm_reranker, local_reranker
from wiring.settings import EmbedSettings, Settings
from wiring.settings_models import TierSettings

if TYPE_CHECKING:
    from gateway.embed.local import LocalEmbedder
    from gateway.embed.openai import OpenAIEmbedderConfig
    from gateway.gateway import Gateway
    from gateway.openai_client import OpenAIConfig
    from gateway.policy.caching import Caching
    from gateway.policy.throttle import Buckets

_FREE = Till()


@asynccontextmanager
async def open_embedder(
    settings: Settings, tokens: TokenCounter, till: Till = _FREE
) -> AsyncIterator[Embedder]:
    """`till`: who pays for a hosted one; without, nobody is asked and nothing booked."""
    if settings.embed.provider == "openai":
        from gateway.embed.openai import OpenAIEmbedder
        from gateway.openai_client import open_client

        config = _hosted_embedder(settings, till)
        async with open_client(openai_config(settings)) as client:
            yield OpenAIEmbedder(client, tokens, config)
    else:
        with closing(_local_embedder(settings.embed)) as embedder:
            yield embedder


def _hosted_embedder(settings: Settings, till: Till) -> "OpenAIEmbedderConfig":
    from gateway.embed.openai import OpenAIEmbedderConfig
    from gateway.embed.pace import PaceConfig
    from gateway.pricing import Prices

    embed, prices = settings.embed, Prices.read(settings.prices)
    price = prices.stated if settings.openai_base_url else prices.of
    return OpenAIEmbedderConfig(
        embed.model,
        embed.dimensions,
        price=price("openai", embed.model),
        till=till,
        pace=PaceConfig(patience=settings.ingest.patience),
    )


def _local_embedder(embed: EmbedSettings) -> "LocalEmbedder":
    from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig

    if embed.path is None:
        return LocalEmbedder.open(LocalEmbedderConfig(threads=embed.threads))
    config = LocalEmbedderConfig(
        path=embed.path,
        pooling=embed.pooling,
        query_prefix=embed.query_prefix,
        document_prefix=embed.document_prefix,
        threads=embed.threads,
    )
    return LocalEmbedder.open(config)


@asynccontextmanager
async def open_memory(settings: Settings, embedder: Embedder) -> AsyncIterator[Embedder]:
    """The same embedder, which remembers what it was asked."""
    size = settings.embed.questions_mb * 2**20
    if size == 0:
        yield embedder
        return
    from gateway.embed.cache import DiskVectorCache
    from gateway.embed.questions import RememberedQuestions

    disk = DiskVectorCache.open(settings.data / "cache" / "questions.db", size)
    remembered = RememberedQuestions(embedder, size, disk)
    try:
        yield remembered
    finally:
        await remembered.close()
        disk.close()


@asynccontextmanager
async def open_vector_cache(settings: Settings) -> AsyncIterator[VectorCache]:
    from gateway.embed.cache import DiskVectorCache

    path = settings.data / "cache" / "vectors.db"
    with closing(DiskVectorCache.open(path, settings.embed.cache_mb * 2**20)) as cache:
        yield cache


@asynccontextmanager
async def open_chat(
    settings: Settings,
    embedder: Embedder,
    tokens: TokenCounter,
    accounts: Accounts | None = None,
) -> AsyncIterator[ChatModel]:
    """The extractive answerer, or the gateway to all models that the settings name.

    Without accounts its calls are booked nowhere.
    """
    if not settings.answers_with_openai:
        from gateway.chat.extractive import Extractive

        yield Extractive(embedder)
        return
    async with AsyncExitStack() as stack:
        gateway = await open_gateway(settings, tokens, accounts, stack)
        try:
            yield gateway
        finally:
            await gateway.close()


async def open_gateway(
    settings: Settings, tokens: TokenCounter, accounts: Accounts | None, stack: AsyncExitStack
) -> "Gateway":
    from gateway.gateway import Gateway, GatewayConfig
    from gateway.policy.watch import WatchConfig
    from wiring.lanes import Lanes, steps
    from wiring.routing import manners, trial, usual_tier

    chat, lanes = settings.chat, Lanes(settings, tokens, stack)
    named = {tier: chain for tier, chain in settings.tiers.model_dump().items() if chain}
    wanted = {t: steps(c, settings, f"FOREBAY_TIERS__{t.upper()}") for t, c in named.items()}
    trial(settings)  # what is wrong with it is said at the start
    if settings.canary.chain:
        wanted[CHAIN] = steps(settings.canary.chain, settings, "FOREBAY_CANARY__CHAIN")
    tier = usual_tier(settings)
    if tier and tier not in wanted:
        raise Misconfigured(
            f"FOREBAY_CHAT__TIER is {tier}, which has no models. Set "
            f"FOREBAY_TIERS__{tier.upper()}=provider/model."
        )
    tiers = {tier: await lanes.chain(chain) for tier, chain in wanted.items()}
    usual = tiers[tier] if tier else await lanes.chain([("openai", chat.model)])
    unset = dict.fromkeys(TierSettings.model_fields, usual)
    config = GatewayConfig(
        chat.seconds,
        watch=WatchConfig(chat.first_seconds, chat.idle_seconds),
        manners=manners({**unset, **tiers}, settings),
    )
    buckets = await open_buckets(settings, stack)
    money = accounting(settings, tokens, accounts)
    gateway = Gateway(usual, {**unset, **tiers}, buckets, money, config, _caching(settings, tokens))
    if accounts:
        accounts.metrics.watch(gateway.health)
    return gateway


def _caching(settings: Settings, tokens: TokenCounter) -> "Caching":
    from gateway.caching.measured import FILE, read_findings
    from gateway.caching.outcome import Reckoner
    from gateway.caching.plan import Planner
    from gateway.policy.caching import Caching

    wanted = settings.cache
    planner = Planner(isolated=not wanted.shared, retention=wanted.retention)
    return Caching(planner, Reckoner(tokens), read_findings(settings.data / FILE))


async def open_buckets(settings: Settings, stack: AsyncExitStack) -> "Buckets":
    if settings.redis.url is None:
        from gateway.policy.buckets import MemoryBuckets

        return MemoryBuckets()
    from gateway.policy.buckets_shared import SharedBuckets

    shared = SharedBuckets.open(settings.redis.url.get_secret_value())
    stack.push_async_callback(shared.close)
    return shared


@asynccontextmanager
async def open_sparse(settings: Settings) -> AsyncIterator[SparseEncoder | None]:
    """None when there is no learned sparse leg."""
    sparse = settings.sparse
    if sparse.provider == "none":
        yield None
        return
    from gateway.sparse.tei import TeiConfig, TeiSparse, open_client

    if sparse.base_url is None:
        raise Misconfigured(
            "FOREBAY_SPARSE__PROVIDER is tei but where it runs is not said. Set "
            "FOREBAY_SPARSE__BASE_URL, such as http://localhost:8080."
        )
    key = sparse.api_key.get_secret_value() if sparse.api_key else None
    config = TeiConfig(sparse.base_url, sparse.model, key, sparse.batch)
    async with open_client(config) as client:
        yield TeiSparse(client, config)


@asynccontextmanager
async def open_reranker(
    settings: Settings,
    chat: ChatModel,
    embedder: Embedder,
    till: Till = _FREE,
    tokens: TokenCounter | None = None,
) -> AsyncIterator[Reranker | None]:
    """None when nothing is to be reranked by a model. `embedder`: as it was opened; `till`: who
    pays for a hosted one, and `tokens`: who counts what it does not say.
    """
    match settings.rerank.provider:
        case "none":
            yield None
        case "llm":
            yield llm_reranker(settings, chat)
        case "late":
            with closing(late_reranker(settings.rerank, embedder)) as late:
                yield late
        case "local":
            with closing(local_reranker(settings.rerank)) as local:
                yield local
        case provider:
            from gateway.rerank.hosted import HostedReranker, open_client

            config = hosted_config(settings, provider, till, tokens)
            async with open_client(config) as client:
                yield HostedReranker(client, config)


def openai_config(settings: Settings) -> "OpenAIConfig":
    from gateway.openai_client import OpenAIConfig

    key = settings.openai_api_key
    if key is None and settings.openai_base_url is None:
        raise Misconfigured(
            "OpenAI is chosen but there is no key. Set OPENAI_API_KEY, or OPENAI_BASE_URL for a "
            "server that needs none, or FOREBAY_CHAT__PROVIDER=extractive."
        )
    return OpenAIConfig(
        api_key=key.get_secret_value() if key else "none",
        base_url=settings.openai_base_url,
        organization=settings.openai_organization,
        project=settings.openai_project,
    )
