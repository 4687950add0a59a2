"""Plugs everything together. API, evaluation and commands all start here.

`open_services` opens, yields one frozen Services, and closes in reverse order.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from answering.ask import (
    AnswerConfig,
    AnswerServices,
    Question,
    Retrieved,
    ask,
    chosen_of,
    find,
    stream,
)
from answering.understand import UnderstandConfig
from domain.answers import Answer, SearchResult
from domain.completion import Delta
from domain.errors import InvalidInput, Misconfigured
from domain.filters import Filter
from domain.hits import Hit
from domain.ingestion import IngestReport, IngestRequest, Progress
from domain.ports import ChatModel, ChunkStore, Embedder, Reranker, TokenCounter, VectorCache
from gateway.embed.cores import cores
from gateway.tokens import Tokens
from ingest.chunk import ChunkConfig
from ingest.patience import Patience
from ingest.pipeline import IngestConfig, IngestServices, ingest
from ingest.pool import Parser, open_pool
from ingest.remove import Which, remove
from ingest.tongue import language_of
from retrieval.rerank import RerankConfig
from retrieval.search import CONFIGS, SearchConfig
from retrieval.select import SelectConfig, Selection
from wiring.export import ExportKind, export
from wiring.models import open_chat, open_embedder, open_reranker, open_vector_cache
from wiring.owner import own
from wiring.settings import Settings
from wiring.state.database import State, open_state
from wiring.stores import open_store
from wiring.telemetry import Telemetry

SEARCH_CONFIGS = tuple(CONFIGS)  # by name

_WAITING = Progress(
    done=0,
    total=0,
    chunks=0,
    size=0,
    queues=(),
    slowest="",
    slowest_seconds=0.0,
    waiting="another ingestion into this collection",
)


class IngestEngine(Protocol):
    """Where documents are parsed and embedded."""

    @property
    def embedder(self) -> Embedder: ...

    def open_parser(self) -> AbstractAsyncContextManager[Parser]: ...


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    state: State
    store: ChunkStore
    embedder: Embedder
    vectors: VectorCache
    chat: ChatModel
    reranker: Reranker | None
    tokens: TokenCounter
    telemetry: Telemetry
    engine: IngestEngine

    async def search(self, question: Question, config: str = "default") -> SearchResult:
        result = await find(_heard(question), self._answering(config))
        self.telemetry.searched(result)
        return result

    async def choose(self, question: Question, hits: Sequence[Hit]) -> Selection:
        """Which of them a model would be shown."""
        return await chosen_of(hits, question, self._answering())

    async def ask(self, question: Question) -> Answer:
        answer = await ask(_heard(question), self._answering())
        self.telemetry.answered(answer)
        return answer

    async def stream(self, question: Question) -> AsyncGenerator[Retrieved | Delta | Answer, None]:
        async with aclosing(stream(_heard(question), self._answering())) as events:
            async for event in events:
                if isinstance(event, Answer):
                    self.telemetry.answered(event)
                yield event

    async def ingest(
        self,
        request: IngestRequest,
        *,
        root: str | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> IngestReport:
        async with self._alone(request.collection, on_progress):
            return await ingest(
                _chunked_as_set(request, self.settings),
                services=self._ingesting(),
                config=ingest_config(self.settings),
                root=root,
                on_progress=on_progress,
            )

    async def delete(
        self,
        tenant: str,
        collection: str,
        *,
        sources: Sequence[str] = (),
        ids: Sequence[str] = (),
        where: Filter = (),
        everything: bool = False,
        dry_run: bool = False,
    ) -> IngestReport:
        """Documents that any of these names."""
        async with self._alone(collection, lambda _: None):
            return await remove(
                tenant,
                collection,
                Which(sources, ids, where, everything),
                store=self.store,
                documents=self.state.documents,
                dry_run=dry_run,
            )

    def export(self, collection: str, tenant: str, kind: ExportKind) -> AsyncGenerator[bytes, None]:
        """Lines of JSON, some at a time."""
        return export(
            tenant,
            collection,
            kind,
            store=self.store,
            documents=self.state.documents,
            collections=self.state.collections,
        )

    def _alone(
        self, collection: str, on_progress: Callable[[Progress], None]
    ) -> AbstractAsyncContextManager[None]:
        """One at a time writes to a collection."""
        return self.state.hold(f"ingest {collection}", lambda: on_progress(_WAITING))

    def _ingesting(self) -> IngestServices:
        return IngestServices(
            store=self.store,
            embedder=self.engine.embedder,
            cache=self.vectors,
            documents=self.state.documents,
            collections=self.state.collections,
            ledger=self.state.ledger,
            tokens=self.tokens,
            open_parser=self.engine.open_parser,
        )

    def _answering(self, config_name: str = "default") -> AnswerServices:
        settings = self.settings
        config = AnswerConfig(
            understand=understand_config(settings),
            select=select_config(settings),
            max_output_tokens=settings.chat.max_output_tokens,
            search=search_config(settings, config_name),
        )
        return AnswerServices(
            store=self.store,
            embedder=self.embedder,
            chat=self.chat,
            reranker=self.reranker,
            sessions=self.state.sessions,
            ledger=self.state.ledger,
            tokens=self.tokens,
            config=config,
        )


@asynccontextmanager
async def open_services(
    settings: Settings, command: str = "forebay", *, ray: str | None = None
) -> AsyncIterator[Services]:
    """Everything that a question or an ingestion needs. A second process is told `command`.

    `ray`: the address of the cluster that parses and embeds.
    """
    async with AsyncExitStack() as stack:
        if settings.qdrant.url is None:
            stack.enter_context(own(settings.data, command))
        state = await stack.enter_async_context(open_state(settings.database_url))
        store = await stack.enter_async_context(open_store(settings))
        tokens = Tokens(settings.data / "cache" / "tiktoken")
        embedder = await stack.enter_async_context(open_embedder(settings, tokens))
        vectors = await stack.enter_async_context(open_vector_cache(settings))
        chat = await stack.enter_async_context(open_chat(settings, embedder, tokens))
        engine = _engine(settings, embedder, ray)
        reranker = await stack.enter_async_context(open_reranker(settings, chat))
        yield Services(
            settings, state, store, embedder, vectors, chat, reranker, tokens, Telemetry(), engine
        )


@dataclass(frozen=True, slots=True)
class _Here:
    """Parses and embeds on this machine."""

    embedder: Embedder
    workers: int

    def open_parser(self) -> AbstractAsyncContextManager[Parser]:
        return open_pool(self.workers)


def _engine(settings: Settings, embedder: Embedder, ray: str | None) -> IngestEngine:
    if ray is None:
        return _Here(embedder, settings.ingest.workers or cores())
    from wiring.cluster import RayEngine

    return RayEngine(settings, ray, embedder)


def search_config(settings: Settings, name: str) -> SearchConfig:
    if name not in CONFIGS:
        known = ", ".join(CONFIGS)
        raise InvalidInput(f"There is no config '{name}'; there are {known}.", field="config")
    config, rerank = CONFIGS[name], settings.rerank
    reads = config.rerank is not None or (name == "default" and rerank.provider != "none")
    return replace(
        config,
        limit=settings.search.limit,
        depth=settings.search.depth,
        insist=settings.search.insist,
        rerank=RerankConfig(rerank.depth, rerank.seconds) if reads else None,
    )


def _heard(question: Question) -> Question:
    """With its language, where that can be told."""
    return replace(question, language=question.language or language_of(question.text))


def understand_config(settings: Settings) -> UnderstandConfig:
    wanted = settings.understand
    asks = wanted.rewrite == "model" or wanted.wordings or wanted.passage
    if asks and not settings.answers_with_openai:
        raise Misconfigured(
            "FOREBAY_UNDERSTAND__… asks a chat model and there is none. Set OPENAI_API_KEY or "
            "OPENAI_BASE_URL, or FOREBAY_UNDERSTAND__REWRITE=words alone."
        )
    return UnderstandConfig(**wanted.model_dump())


def select_config(settings: Settings) -> SelectConfig:
    return SelectConfig(budget=settings.search.context_tokens, **settings.select.model_dump())


def ingest_config(settings: Settings) -> IngestConfig:
    return IngestConfig(
        chunk=ChunkConfig(settings.chunk.max_tokens, settings.chunk.overlap),
        longest_text=round(settings.ingest.max_text_mb * 1_000_000),
        unasked_microdollars=round(settings.ingest.unasked_dollars * 1_000_000),
        patience=Patience(settings.ingest.patience),
    )


def _chunked_as_set(request: IngestRequest, settings: Settings) -> IngestRequest:
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
