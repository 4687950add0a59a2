"""What the settings mean for each step: its config is made of them here."""

from dataclasses import replace

from answering.question import AnswerConfig, ContextConfig
from answering.understand import UnderstandConfig
from domain.boost_json import boosts_from_json
from domain.errors import InvalidInput, Misconfigured
from domain.hits import Leg
from domain.ingestion import IngestRequest
from ingest.chunk import ChunkConfig
from ingest.patience import Patience
from ingest.pipeline import IngestConfig
from retrieval.configs import CONFIGS, SearchConfig
from retrieval.rerank import RerankConfig
from retrieval.select import SelectConfig
from wiring.ranking import tuned
from wiring.routing import steer_config
from wiring.settings import Settings
from wiring.settings_search import RerankSettings

# It reads 25 to 50 passages a second, and is of a kind with the ranking before it: with a weight
# of 0.4 or more it made several sets worse.
_LATE = RerankConfig(depth=10, weight=0.2)


def answer_config(settings: Settings, name: str, *, reranks: bool | None = None) -> AnswerConfig:
    return AnswerConfig(
        prompt=settings.prompt.version,
        context=context_config(settings),
        understand=understand_config(settings),
        select=select_config(settings),
        max_output_tokens=settings.chat.max_output_tokens,
        search=search_config(settings, name, reranks=reranks),
        steer=steer_config(settings),
    )


def search_config(settings: Settings, name: str, *, reranks: bool | None = None) -> SearchConfig:
    """`reranks`: None is as the config and the settings say."""
    if name not in CONFIGS:
        known = ", ".join(CONFIGS)
        raise InvalidInput(f"There is no config '{name}'; there are {known}.", field="config")
    config, rerank = tuned(CONFIGS[name], settings.fusion, settings.refine), settings.rerank
    if reranks is None:
        reranks = config.rerank is not None or (name == "default" and rerank.provider != "none")
    if reranks and rerank.provider == "none":
        raise InvalidInput(
            f"The config '{name}' reranks and there is no reranker. Take another, or set "
            "FOREBAY_RERANK__PROVIDER.",
            field="config",
        )
    return replace(
        config,
        limit=settings.search.limit,
        depth=settings.search.depth,
        insist=settings.search.insist,
        boosts=boosts_from_json(settings.search.boost),
        rerank=_rerank_config(rerank) if reranks else None,
        legs=_legs(config.legs, settings),
    )


def _legs(legs: tuple[Leg, ...], settings: Settings) -> tuple[Leg, ...]:
    """A learned sparse leg comes to the other two where there is a model for it."""
    there = settings.sparse.provider != "none"
    if "sparse" in legs and not there:
        raise InvalidInput(
            "The config 'sparse' wants a learned sparse model. Take another, or set "
            "FOREBAY_SPARSE__PROVIDER.",
            field="config",
        )
    return (*legs, "sparse") if there and len(legs) > 1 else legs


def _rerank_config(rerank: RerankSettings) -> RerankConfig:
    usual = _LATE if rerank.provider == "late" else RerankConfig()
    weight = usual.weight if rerank.weight is None else rerank.weight
    return RerankConfig(rerank.depth or usual.depth, rerank.seconds, weight)


def understand_config(settings: Settings) -> UnderstandConfig:
    wanted = settings.understand
    if wanted.asks_a_model and not settings.answers_with_openai:
        raise Misconfigured(
            "FOREBAY_UNDERSTAND__… asks a chat model and there is none. Set OPENAI_API_KEY or "
            "OPENAI_BASE_URL, or FOREBAY_UNDERSTAND__REWRITE=words alone."
        )
    return UnderstandConfig(**wanted.model_dump())


def select_config(settings: Settings) -> SelectConfig:
    return SelectConfig(budget=settings.search.context_tokens, **settings.select.model_dump())


def context_config(settings: Settings) -> ContextConfig:
    wanted = settings.context
    unasked = round(wanted.unasked_dollars * 1_000_000)
    return ContextConfig(wanted.tokens, wanted.prompt_tokens, unasked)


def ingest_config(settings: Settings) -> IngestConfig:
    return IngestConfig(
        chunk=ChunkConfig(settings.chunk.max_tokens, settings.chunk.overlap),
        longest_text=round(settings.ingest.max_text_mb * 1_000_000),
        unasked_microdollars=round(settings.ingest.unasked_dollars * 1_000_000),
        patience=Patience(settings.ingest.patience),
    )


def chunked_as_set(request: IngestRequest, settings: Settings) -> IngestRequest:
    """What is set on purpose also changes a collection that was chunked otherwise before."""
    chunk = settings.chunk
    tokens, overlap = [
        getattr(chunk, name) if name in chunk.model_fields_set else None
        for name in ("max_tokens", "overlap")
    ]
    return replace(
        request,
        max_tokens=tokens if request.max_tokens is None else request.max_tokens,
        overlap=overlap if request.overlap is None else request.overlap,
    )
