"""Plugs everything together. API, evaluation and commands all start here.

`open_services` opens, yields one frozen Services, and closes in reverse order.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from answering.ask import ask, stream
from answering.find import chosen_of
from answering.look import LookConfig, Looked, look, look_for_all
from answering.question import AnswerServices, Event, Question
from domain.answers import Answer, SearchResult
from domain.asking import ASKING, asking
from domain.filters import Filter
from domain.hits import Hit
from domain.ingestion import IngestReport, IngestRequest, Progress
from domain.ports import (
    ChatModel,
    ChunkStore,
    Embedder,
    Reranker,
    SparseEncoder,
    TokenCounter,
    VectorCache,
)
from gateway.tokens import Remembered, Tokens
from ingest.pipeline import IngestServices, ingest
from ingest.remove import Which, remove
from ingest.tongue import language_of
from retrieval.configs import CONFIGS
from retrieval.lexical import RankBm25Indexes
from retrieval.select import Selection
from wiring import sampling
from wiring.accounts import open_accounts
from wiring.boundary import Boundary, open_boundary
from wiring.choices import AS_SET, Choices
from wiring.configs import answer_config, chunked_as_set, ingest_config
from wiring.engine import WAITING, IngestEngine, engine_of
from wiring.export import ExportKind, export
from wiring.models import (
    open_chat,
    open_embedder,
    open_memory,
    open_reranker,
    open_sparse,
    open_vector_cache,
)
from wiring.owner import own
from wiring.preview import Preview, preview
from wiring.routing import on_trial
from wiring.settings import Settings
from wiring.state.database import State, open_state
from wiring.stores import open_store
from wiring.tariff import tariff
from wiring.telemetry import Telemetry
from wiring.warm import Warmed, Warmer

SEARCH_CONFIGS = tuple(CONFIGS)  # by name


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
    boundary: Boundary
    sparse: SparseEncoder | None = None
    lexical: RankBm25Indexes | None = None  # ranks by words instead of the store

    async def search(
        self, question: Question, config: str = "default", choices: Choices = AS_SET
    ) -> SearchResult:
        result = await look(_heard(question), self._answering(config, choices), _looks(choices))
        self.telemetry.searched(result)
        return result

    async def search_all(
        self, questions: Sequence[Question], config: str = "default", choices: Choices = AS_SET
    ) -> Looked:
        heard = [_heard(question) for question in questions]
        looked = await look_for_all(heard, self._answering(config, choices), _looks(choices))
        for result in looked.results:
            if isinstance(result, SearchResult):
                self.telemetry.searched(result)
        return looked

    async def choose(self, question: Question, hits: Sequence[Hit]) -> Selection:
        """Which of them a model would be shown."""
        return await chosen_of(hits, question, self._answering())

    async def ask(
        self, question: Question, config: str = "default", choices: Choices = AS_SET
    ) -> Answer:
        asked, services = await self._asked(question, config, choices)
        answer = await ask(asked, services)
        await self._answered(question, answer, config)
        return answer

    async def stream(
        self, question: Question, config: str = "default", choices: Choices = AS_SET
    ) -> AsyncGenerator[Event, None]:
        asked, services = await self._asked(question, config, choices)
        async with aclosing(stream(asked, services)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    await self._answered(question, event, config)
                yield event

    async def preview(self, question: Question) -> Preview:
        """The request that would be sent; nothing is."""
        asked, isolated = _heard(question), not self.settings.cache.shared
        services = self._answering()
        return await preview(asked, services, tariff(self.settings), isolated=isolated)

    @property
    def warmer(self) -> Warmer:
        of = self.boundary
        return Warmer(self.chat, of.prefixes, self.state, self.tokens, self.settings, of.tried)

    async def warm(self, tenant: str, collection: str, *, force: bool = False) -> Warmed:
        """Makes the provider's cache ready for questions to come, where that pays."""
        return await self.warmer.warm(tenant, collection, force=force)

    async def ingest(
        self,
        request: IngestRequest,
        *,
        root: str | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> IngestReport:
        async with self._alone(request.collection, on_progress):
            payer = replace(ASKING.get(), tenant=request.tenant, endpoint="ingest")
            with asking(payer):
                return await ingest(
                    chunked_as_set(request, self.settings),
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

    async def _asked(
        self, question: Question, config: str, choices: Choices
    ) -> tuple[Question, AnswerServices]:
        """With its language, and its arm where something is on trial."""
        services = self._answering(config, choices)
        asked, own = on_trial(_heard(question), services.config, self.settings)
        return await self.boundary.on_trial(asked, replace(services, config=own))

    async def _answered(self, question: Question, answer: Answer, config: str) -> None:
        self.telemetry.answered(answer)
        self.boundary.counts.answered(question, answer)
        await sampling.keep(question, answer, config, self.settings.sample, self.state)

    def _alone(
        self, collection: str, on_progress: Callable[[Progress], None]
    ) -> AbstractAsyncContextManager[None]:
        """One at a time writes to a collection."""
        return self.state.hold(f"ingest {collection}", lambda: on_progress(WAITING))

    def _ingesting(self) -> IngestServices:
        return IngestServices(
            store=self.store,
            embedder=self.engine.embedder,
            cache=self.vectors,
            documents=self.state.documents,
            collections=self.state.collections,
            tokens=self.tokens,
            open_parser=self.engine.open_parser,
            sparse=self.sparse,
        )

    def _answering(self, config: str = "default", choices: Choices = AS_SET) -> AnswerServices:
        settings = choices.over(self.settings)
        return AnswerServices(
            store=self.store,
            embedder=self.embedder,
            chat=self.chat,
            reranker=self.reranker,
            sessions=self.state.sessions,
            tokens=self.tokens,
            config=answer_config(settings, config, reranks=choices.reranks),
            sparse=self.sparse,
            lexical=self.lexical,
            prefixes=self.boundary.prefixes,
            outlines=self.boundary.outlines,
            documents=self.state.documents,
            episodes=self.state.episodes,
            generates=settings.answers_with_openai,
            priced=lambda tier, read, said: tariff(settings, tier).call(read, said),
        )


@asynccontextmanager
async def open_services(
    settings: Settings, command: str = "forebay", *, ray: str | None = None, remember: bool = True
) -> AsyncIterator[Services]:
    """Everything that a question or an ingestion needs. A second process is told `command`.

    `ray`: the address of the cluster that parses and embeds. `remember`: vectors of questions;
    not where times are measured.
    """
    async with AsyncExitStack() as stack:
        if settings.qdrant.url is None:
            stack.enter_context(own(settings.data, command))
        state = await stack.enter_async_context(open_state(settings.database_url))
        await sampling.forget_old(settings.sample, state)
        store = await stack.enter_async_context(open_store(settings))
        tokens = Tokens(settings.data / "cache" / "tiktoken")
        telemetry = Telemetry()
        accounts = await stack.enter_async_context(
            open_accounts(settings, state, telemetry.gateway)
        )
        till = accounts.till
        reading = await stack.enter_async_context(open_embedder(settings, tokens, till))
        embedder = reading
        if remember:
            embedder = await stack.enter_async_context(open_memory(settings, reading))
        vectors = await stack.enter_async_context(open_vector_cache(settings))
        chat = await stack.enter_async_context(open_chat(settings, embedder, tokens, accounts))
        engine = engine_of(settings, embedder, ray)
        reranker = await stack.enter_async_context(
            open_reranker(settings, chat, reading, till, tokens)
        )
        yield Services(
            settings,
            state,
            store,
            embedder,
            vectors,
            chat,
            reranker,
            Remembered(tokens),
            telemetry,
            engine,
            await stack.enter_async_context(open_boundary(settings, state, store, tokens)),
            await stack.enter_async_context(open_sparse(settings)),
            _lexical(settings, store, state),
        )


def _lexical(settings: Settings, store: ChunkStore, state: State) -> RankBm25Indexes | None:
    in_store = settings.search.lexical == "store"
    return None if in_store else RankBm25Indexes(store, state.documents.mark)


def _heard(question: Question) -> Question:
    """With its language, where that can be told."""
    return replace(question, language=question.language or language_of(question.text))


def _looks(choices: Choices) -> LookConfig:
    return LookConfig(reads=choices.understand is not None, selects=choices.selects)
