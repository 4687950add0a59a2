"""Brings a collection up to date with what lies under some paths: sync, not append.

Plan, then prepare → embed → write, all at once and each a bounded way ahead of the next. The
same call after a crash goes on where it was: see `write.py` and `vectors.py`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field

from domain.documents import DocumentRecord
from domain.errors import CostNotAccepted
from domain.ingestion import IngestReport, IngestRequest, Outcome, Progress, State
from domain.ports import ChunkStore, Embedder, SparseEncoder, TokenCounter, VectorCache
from domain.state_ports import CollectionRegistry, DocumentRegistry
from domain.vectors import VectorSpace
from ingest.account import Account
from ingest.chunk import ChunkConfig
from ingest.collection import Target
from ingest.flow import concurrently, grouped
from ingest.patience import Patience
from ingest.plan import Plan, Whose, plan
from ingest.pool import Parser
from ingest.prepare import Prepared, Preparer, Refused
from ingest.rebuild import Rebuild, beside
from ingest.vectors import Embedded, Vectors
from ingest.walk import Walked, find
from ingest.write import Writer, removed

_GROUPS = 8  # that are embedded or written at the same time
_LINGER = 0.5  # seconds that a group waits to be filled
_BYTES_A_TOKEN = 4  # of plain text; other formats hold less text


@dataclass(frozen=True, slots=True)
class IngestServices:
    store: ChunkStore
    embedder: Embedder
    cache: VectorCache
    documents: DocumentRegistry
    collections: CollectionRegistry
    tokens: TokenCounter
    open_parser: Callable[[], AbstractAsyncContextManager[Parser]]
    sparse: SparseEncoder | None = None

    @property
    def space(self) -> VectorSpace:
        """Of all vectors that are written."""
        own = self.embedder.space
        return own if self.sparse is None else own.with_sparse(self.sparse.name)


@dataclass(frozen=True, slots=True)
class IngestConfig:
    chunk: ChunkConfig = field(default_factory=ChunkConfig)  # of a new collection
    longest_text: int = 8_000_000  # characters of a document
    unasked_microdollars: int = 1_000_000  # what embedding may cost without a question
    patience: Patience = field(default_factory=Patience)


async def ingest(
    request: IngestRequest,
    *,
    services: IngestServices,
    config: IngestConfig,
    root: str | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> IngestReport:
    """`root`: what the documents remember instead of the folder that they were found in."""
    walked = await asyncio.to_thread(find, request.paths, root=root, may_be_gone=request.prune)
    run = await _Run.of(request, services, config, Account(on_progress))
    planned = await run.plan(walked)
    if request.dry_run:
        return run.would_be(planned)
    run.check_cost(planned)
    async with services.open_parser() as parser:
        await run.carry_out(planned, parser)
    return run.account.report()


@dataclass(frozen=True, slots=True)
class _Run:
    request: IngestRequest
    services: IngestServices
    config: IngestConfig
    account: Account
    whose: Whose
    target: Target
    known: Mapping[str, DocumentRecord]  # of the target
    seen: Mapping[str, DocumentRecord]  # of the collection, which a rebuild leaves alone
    vectors: Vectors
    writer: Writer
    rebuild: Rebuild | None

    @classmethod
    async def of(
        cls,
        request: IngestRequest,
        services: IngestServices,
        config: IngestConfig,
        account: Account,
    ) -> "_Run":
        space, tenant, store = services.space, request.tenant, services.store
        name = beside(request.collection) if request.rebuild else request.collection
        chunking = await _chunking(request, services.collections, config.chunk)
        target = Target(name, space, chunking, store, services.collections)
        vectors = Vectors(services, account, config.patience)
        rebuild = None
        if request.rebuild:
            rebuild = Rebuild(
                request.collection, target, store, services.documents, services.collections, vectors
            )
            await rebuild.begin()
        there = await store.collections()
        if name in there and not request.dry_run:
            await target.open()
        known = await _remembered(services.documents, tenant, name, there)
        seen = known
        if rebuild:
            seen = await _remembered(services.documents, tenant, request.collection, there)
        writer = Writer(tenant, name, store, services.documents, account, config.patience)
        whose = Whose(tenant, request.collection, chunking, space.id)
        return cls(
            request, services, config, account, whose, target, known, seen, vectors, writer, rebuild
        )

    async def plan(self, walked: Walked) -> Plan:
        with self.account.stage("read", "the plan"):
            planned = await asyncio.to_thread(
                plan,
                walked,
                self.whose,
                self.known,
                self.seen,
                prune=self.request.prune or self.request.rebuild,
                adopt=self.request.adopt,
            )
        self.account.total = planned.documents + len(planned.settled) + len(planned.gone)
        return planned

    def would_be(self, planned: Plan) -> IngestReport:
        self.account.settle(planned.settled)
        for work in planned.work:
            for name in sorted(work.names):
                before = self.seen.get(self.whose.document(name))
                state: State = "changed" if before is not None and before.version else "added"
                self.account.settle([Outcome(name, state, size=work.size // len(work.names))])
        self.account.settle(removed(planned.gone))
        self.account.tokens, self.account.cost = self._estimate(planned)
        return self.account.report(dry_run=True)

    def check_cost(self, planned: Plan) -> None:
        tokens, cost = self._estimate(planned)
        if cost > self.config.unasked_microdollars and not self.request.accept_cost:
            raise CostNotAccepted(
                f"Embedding {planned.documents:,} documents (at most about {tokens:,} tokens) with "
                f"{self.services.embedder.space.model} may cost up to ${cost / 1e6:,.2f}; what is "
                f"in the cache costs nothing. Add --yes (over HTTP: accept_cost) to go on."
            )

    async def carry_out(self, planned: Plan, parser: Parser) -> None:
        self.account.settle(planned.settled)
        if planned.moved:
            await self.services.documents.save(planned.moved)
        tokens, longest = self.services.tokens, self.config.longest_text
        preparer = Preparer(self.whose, tokens, parser, self.account, longest)
        ready = preparer.documents(planned.work)
        groups = self._groups(ready)
        async with aclosing(concurrently(groups, self._embed_and_write, _GROUPS)) as written:
            async for _ in written:
                pass
        if self.rebuild:
            await self._finish(self.rebuild, planned)
        elif planned.gone:
            await self.writer.remove(planned.gone)

    async def _finish(self, rebuild: Rebuild, planned: Plan) -> None:
        found = {name for work in planned.work for name in work.names}
        found |= {outcome.source for outcome in planned.settled}
        gone = {record.id for record in planned.gone}
        await rebuild.finish(self.request.tenant, set(map(self.whose.document, found)), gone)
        self.account.settle(removed(planned.gone))

    async def _groups(
        self, ready: AsyncGenerator[Prepared | Refused, None]
    ) -> AsyncGenerator[list[Prepared], None]:
        """Enough for the embedder at a time; held until the collection can be made."""
        held: list[Prepared] = []
        enough = self.services.embedder.batch
        async with aclosing(grouped(ready, _weight, enough, _LINGER)) as groups:
            async for group in groups:
                await self.target.see(group)
                self.account.settle(one.outcome for one in group if isinstance(one, Refused))
                held += [one for one in group if isinstance(one, Prepared)]
                if self.target.is_open:
                    for some in _apart(held, enough):
                        yield some
                    held = []
        await self.target.end()
        for some in _apart(held, enough):
            yield some

    async def _embed_and_write(self, group: Sequence[Prepared]) -> None:
        texts = [chunk.embedded_text for one in group for chunk in one.chunks]
        with self.account.stage("embed", *(one.source for one in group)):
            vectors = await self.vectors.of(texts)
            sparse = await self.vectors.sparse_of(texts)
        await self.writer.write(group, Embedded(vectors, sparse), self.seen)

    def _estimate(self, planned: Plan) -> tuple[int, int]:
        tokens = planned.new_size // _BYTES_A_TOKEN
        return tokens, self.services.embedder.cost_microdollars(tokens)


def _apart(documents: Sequence[Prepared], enough: int) -> Iterator[list[Prepared]]:
    """In groups of enough chunks."""
    group: list[Prepared] = []
    for one in documents:
        group.append(one)
        if sum(map(_weight, group)) >= enough:
            yield group
            group = []
    if group:
        yield group


async def _remembered(
    documents: DocumentRegistry, tenant: str, collection: str, there: Collection[str]
) -> dict[str, DocumentRecord]:
    """What the registry remembers of a store that is gone is not there."""
    if collection not in there:
        return {}
    return {record.id: record for record in await documents.all(tenant, collection)}


async def _chunking(
    request: IngestRequest, collections: CollectionRegistry, default: ChunkConfig
) -> ChunkConfig:
    """As asked, else as the collection was chunked before, else the default."""
    before = await collections.find(request.collection)
    tokens, overlap = (
        (before.max_tokens, before.overlap) if before else (default.max_tokens, default.overlap)
    )
    return ChunkConfig(
        tokens if request.max_tokens is None else request.max_tokens,
        overlap if request.overlap is None else request.overlap,
    )


def _weight(one: Prepared | Refused) -> int:
    return len(one.chunks) if isinstance(one, Prepared) else 0
