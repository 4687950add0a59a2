"""Which models the settings mean: the embedder, and what writes the answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from domain.errors import Misconfigured
from domain.ports import ChatModel, Embedder, Reranker, TokenCounter, VectorCache
from wiring.settings import Settings

if TYPE_CHECKING:
    from gateway.openai_client import OpenAIConfig


@asynccontextmanager
async def open_embedder(settings: Settings, tokens: TokenCounter) -> AsyncIterator[Embedder]:
    embed = settings.embed
    if embed.provider == "openai":
        from gateway.embed.openai import OpenAIEmbedder, OpenAIEmbedderConfig
        from gateway.embed.pace import PaceConfig
        from gateway.openai_client import open_client

        wanted = OpenAIEmbedderConfig(
            embed.model,
            embed.dimensions,
            openai=settings.openai_base_url is None,
            pace=PaceConfig(patience=settings.ingest.patience),
        )
        async with open_client(openai_config(settings)) as client:
            yield OpenAIEmbedder(client, tokens, wanted)
        return
    from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig

    config = LocalEmbedderConfig(threads=embed.threads)
    if embed.path is not None:
        config = LocalEmbedderConfig(
            path=embed.path,
            pooling=embed.pooling,
            query_prefix=embed.query_prefix,
            document_prefix=embed.document_prefix,
            threads=embed.threads,
        )
    embedder = LocalEmbedder.open(config)
    try:
        yield embedder
    finally:
        embedder.close()


@asynccontextmanager
async def open_vector_cache(settings: Settings) -> AsyncIterator[VectorCache]:
    from gateway.embed.cache import DiskVectorCache

    path = settings.data / "cache" / "vectors.db"
    cache = DiskVectorCache.open(path, settings.embed.cache_mb * 2**20)
    try:
        yield cache
    finally:
        cache.close()


@asynccontextmanager
async def open_chat(
    settings: Settings, embedder: Embedder, tokens: TokenCounter
) -> AsyncIterator[ChatModel]:
    if not settings.answers_with_openai:
        from gateway.chat.extractive import Extractive

        yield Extractive(embedder)
        return
    from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
    from gateway.chat.openai_responses import OpenAIResponses
    from gateway.openai_client import open_client

    model, api = settings.chat.model, settings.chat.api
    elsewhere = settings.openai_base_url is not None
    async with open_client(openai_config(settings)) as client:
        if api == "chat" or (api == "auto" and elsewhere):
            yield OpenAIChat(client, model, tokens, ChatCompletionsConfig(openai=not elsewhere))
        else:
            yield OpenAIResponses(client, model)


@asynccontextmanager
async def open_reranker(settings: Settings, chat: ChatModel) -> AsyncIterator[Reranker | None]:
    """None when nothing is to be reranked by a model."""
    rerank = settings.rerank
    if rerank.provider == "none":
        yield None
    elif rerank.provider == "llm":
        from gateway.rerank.llm import LlmConfig, LlmReranker
        from prompts.relevance import ask, ask_again

        if not settings.answers_with_openai:
            raise Misconfigured(
                "FOREBAY_RERANK__PROVIDER is llm but there is no chat model. Set OPENAI_API_KEY or "
                "OPENAI_BASE_URL, or another reranker."
            )
        yield LlmReranker(chat, ask, ask_again, LlmConfig(batch=rerank.batch or LlmConfig().batch))
    elif rerank.provider == "local":
        from gateway.rerank.cross_encoder import CrossEncoderConfig, LocalReranker

        if rerank.path is None:
            raise Misconfigured(
                "FOREBAY_RERANK__PROVIDER is local but there is no model. Set FOREBAY_RERANK__PATH "
                "to a folder with an ONNX cross-encoder and its tokenizer.json."
            )
        local = LocalReranker.open(
            CrossEncoderConfig(rerank.path, rerank.max_tokens, rerank.threads, rerank.batch)
        )
        try:
            yield local
        finally:
            local.close()
    else:
        from gateway.rerank.hosted import HostedConfig, HostedReranker, open_client

        key = rerank.api_key
        config = HostedConfig(
            rerank.provider,
            model=rerank.model,
            api_key=key.get_secret_value() if key else None,
            base_url=rerank.base_url,
            batch=rerank.batch,
        )
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
