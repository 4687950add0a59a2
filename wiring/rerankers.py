"""Each reranker as the settings mean it, or what they lack for it.

Who opens and closes it, and when there is one at all, says `wiring.models`.
"""

from typing import TYPE_CHECKING

from domain.errors import Misconfigured
from domain.ports import ChatModel, Embedder, Reranker, TokenCounter
from gateway.till import Till
from wiring.settings import Settings
from wiring.settings_search import RerankSettings

if TYPE_CHECKING:
    from gateway.rerank.cross_encoder import LocalReranker
    from gateway.rerank.dialects import Provider
    from gateway.rerank.hosted import HostedConfig
    from gateway.rerank.late import LateReranker


def llm_reranker(settings: Settings, chat: ChatModel) -> Reranker:
    from gateway.rerank.llm import LlmConfig, LlmReranker
    from prompts.relevance import ask, ask_again

    if not settings.answers_with_openai:
        raise Misconfigured(
            "FOREBAY_RERANK__PROVIDER is llm but there is no chat model. Set OPENAI_API_KEY or "
            "OPENAI_BASE_URL, or another reranker."
        )
    config = LlmConfig(batch=settings.rerank.batch or LlmConfig().batch)
    return LlmReranker(chat, ask, ask_again, config)


def late_reranker(rerank: RerankSettings, embedder: Embedder) -> "LateReranker":
    from gateway.embed.local import LocalEmbedder
    from gateway.rerank.late import LateConfig, LateReranker

    if not isinstance(embedder, LocalEmbedder):
        raise Misconfigured(
            f"FOREBAY_RERANK__PROVIDER is late, which needs token vectors, and "
            f"{embedder.space.model} is hosted and gives none. Set FOREBAY_EMBED__PROVIDER="
            "local, or another reranker."
        )
    config = LateConfig(rerank.max_tokens, rerank.threads, rerank.batch)
    return LateReranker.open(embedder, config)


def local_reranker(rerank: RerankSettings) -> "LocalReranker":
    from gateway.rerank.cross_encoder import CrossEncoderConfig, LocalReranker

    if rerank.path is None:
        raise Misconfigured(
            "FOREBAY_RERANK__PROVIDER is local but there is no model. Set FOREBAY_RERANK__PATH "
            "to a folder with an ONNX cross-encoder and its tokenizer.json."
        )
    config = CrossEncoderConfig(rerank.path, rerank.max_tokens, rerank.threads, rerank.batch)
    return LocalReranker.open(config)


def hosted_config(
    settings: Settings, provider: "Provider", till: Till, tokens: TokenCounter | None
) -> "HostedConfig":
    from gateway.pricing import Prices
    from gateway.rerank.dialects import DIALECTS
    from gateway.rerank.hosted import HostedConfig

    rerank, prices = settings.rerank, Prices.read(settings.prices)
    price = prices.stated if rerank.base_url else prices.of
    model = rerank.model or DIALECTS[provider].model or provider
    return HostedConfig(
        provider,
        model=rerank.model,
        api_key=rerank.api_key.get_secret_value() if rerank.api_key else None,
        base_url=rerank.base_url,
        batch=rerank.batch,
        price=price(provider, model),
        tokens=tokens,
        till=till,
    )
