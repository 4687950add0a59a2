"""Plugs everything together. API, evaluation and commands all start here.

`open_services` opens, yields one frozen Services, and closes in reverse order.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from answering.ask import AnswerConfig, AnswerServices, Question, Retrieved, ask, stream
from domain.answers import Answer, SearchResult
from domain.completion import Delta
from domain.errors import InvalidInput
from domain.ingestion import IngestReport, Progress
from domain.ports import ChatModel, ChunkStore, Embedder, TokenCounter
from gateway.tokens import Tokens
from ingest.chunk import ChunkConfig
from ingest.pipeline import IngestServices, ingest
from retrieval.search import CONFIGS, SearchConfig, search
from wiring.models import open_chat, open_embedder
from wiring.owner import own
from wiring.settings import Settings
from wiring.state.database import State, open_state
from wiring.stores import open_store
from wiring.telemetry import Telemetry

SEARCH_CONFIGS = tuple(CONFIGS)  # by name


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    state: State
    store: ChunkStore
    embedder: Embedder
    chat: ChatModel
    tokens: TokenCounter
    telemetry: Telemetry

    async def search(self, question: Question, config: str = "default") -> SearchResult:
        result = await search(
            question.text,
            tenant=question.tenant,
            collection=question.collection,
            store=self.store,
            embedder=self.embedder,
            config=search_config(self.settings, config),
            limit=question.limit,
            where=question.where,
        )
        self.telemetry.searched(result)
        return result

    async def ask(self, question: Question) -> Answer:
        answer = await ask(question, self._answering())
        self.telemetry.answered(answer)
        return answer

    async def stream(self, question: Question) -> AsyncGenerator[Retrieved | Delta | Answer, None]:
        async with aclosing(stream(question, self._answering())) as events:
            async for event in events:
                if isinstance(event, Answer):
                    self.telemetry.answered(event)
                yield event

    async def ingest(
        self,
        paths: Sequence[Path],
        *,
        tenant: str,
        collection: str,
        rebuild: bool = False,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> IngestReport:
        return await ingest(
            paths,
            tenant=tenant,
            collection=collection,
            services=IngestServices(
                store=self.store,
                embedder=self.embedder,
                documents=self.state.documents,
                collections=self.state.collections,
                tokens=self.tokens,
            ),
            config=ChunkConfig(max_tokens=self.settings.chunk.max_tokens),
            rebuild=rebuild,
            on_progress=on_progress,
        )

    def _answering(self) -> AnswerServices:
        settings = self.settings
        config = AnswerConfig(
            context_tokens=settings.search.context_tokens,
            max_output_tokens=settings.chat.max_output_tokens,
            search=search_config(settings, "default"),
        )
        return AnswerServices(
            store=self.store,
            embedder=self.embedder,
            chat=self.chat,
            sessions=self.state.sessions,
            ledger=self.state.ledger,
            config=config,
        )


@asynccontextmanager
async def open_services(settings: Settings, command: str = "forebay") -> AsyncIterator[Services]:
    """Everything that a question or an ingestion needs. A second process is told `command`."""
    async with AsyncExitStack() as stack:
        if settings.qdrant.url is None:
            stack.enter_context(own(settings.data, command))
        state = await stack.enter_async_context(open_state(settings.database_url))
        store = await stack.enter_async_context(open_store(settings))
        tokens = Tokens(settings.data / "cache" / "tiktoken")
        embedder = await stack.enter_async_context(open_embedder(settings, tokens))
        chat = await stack.enter_async_context(open_chat(settings, embedder, tokens))
        yield Services(settings, state, store, embedder, chat, tokens, Telemetry())


def search_config(settings: Settings, name: str) -> SearchConfig:
    if name not in CONFIGS:
        known = ", ".join(CONFIGS)
        raise InvalidInput(f"There is no config '{name}'; there are {known}.", field="config")
    config = CONFIGS[name]
    return replace(config, limit=settings.search.limit, depth=settings.search.depth)
