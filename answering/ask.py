"""One question to one answer: search, fit, compose, call, cite, book.

`ask` waits for the whole answer, `stream` yields what is known as soon as it is known:
the retrieved passages, pieces of text, then the same Answer that `ask` returns.
"""

import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from time import perf_counter

from answering.citations import cite
from answering.stages import Stages
from answering.understand import Searched, UnderstandConfig, understand
from domain.answers import NOT_FOUND, Answer, Dropped, SearchResult
from domain.completion import ChatRequest, Completion, Delta, Usage
from domain.errors import InvalidInput
from domain.filters import Filter
from domain.hits import Hit
from domain.ids import fingerprint
from domain.ports import ChatModel, ChunkStore, Embedder, Ledger, Reranker, SessionLog, TokenCounter
from domain.prompt import Evidence
from domain.records import LedgerRow, Turn
from prompts.compose import compose, passages
from retrieval.search import SearchConfig, search
from retrieval.select import SelectConfig, Selection, select

_SPARE = 2  # times the limit: for what is joined to another, or says the same


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    prompt: str = "answer/v1"
    understand: UnderstandConfig = field(default_factory=UnderstandConfig)
    select: SelectConfig = field(default_factory=SelectConfig)
    max_output_tokens: int = 1024
    history_turns: int = 10
    search: SearchConfig = field(default_factory=SearchConfig)


@dataclass(frozen=True, slots=True)
class AnswerServices:
    store: ChunkStore
    embedder: Embedder
    chat: ChatModel
    reranker: Reranker | None
    sessions: SessionLog
    ledger: Ledger
    tokens: TokenCounter
    config: AnswerConfig


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    tenant: str
    collection: str
    where: Filter = ()
    limit: int | None = None  # passages retrieved; None is the configured number
    session: str | None = None
    language: str = ""  # ISO 639-1; empty when it cannot be told
    explain: bool = False  # a search names also what was considered
    endpoint: str = "ask"


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The first thing a stream yields: what the model is about to read."""

    answer_id: str
    shown: tuple[Hit, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class _Prepared:
    id: str
    question: Question
    request: ChatRequest
    retrieved: Retrieved
    stages: Stages
    started: float
    notes: tuple[str, ...]
    spent_microdollars: int  # before the model was asked for the answer


async def ask(question: Question, services: AnswerServices) -> Answer:
    prepared = await _prepare(question, services)
    with prepared.stages.stage("model"):
        completion = await services.chat.complete(prepared.request)
    return await _finish(prepared, completion, services)


async def stream(
    question: Question, services: AnswerServices
) -> AsyncGenerator[Retrieved | Delta | Answer, None]:
    """Who stops listening closes it, and with it the call to the model."""
    prepared = await _prepare(question, services)
    yield prepared.retrieved
    with prepared.stages.stage("model"):
        async with aclosing(services.chat.stream(prepared.request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    completion = piece
                else:
                    yield piece
    yield await _finish(prepared, completion, services)


async def find(
    question: Question, services: AnswerServices, read: Searched | None = None
) -> SearchResult:
    """The passages for it. What reranking cost is booked."""
    start = perf_counter()
    read = read or Searched((question.text,))
    result = await search(
        read.texts[0],
        others=read.texts[1:],
        passage=read.passage,
        said=question.text,
        tenant=question.tenant,
        collection=question.collection,
        store=services.store,
        embedder=services.embedder,
        reranker=services.reranker,
        config=services.config.search,
        limit=question.limit,
        where=question.where,
        language=question.language,
        explain=question.explain,
    )
    if services.reranker and result.cost_microdollars:
        await services.ledger.book(
            LedgerRow(
                at=_now(),
                tenant=question.tenant,
                endpoint="rerank",
                model=services.reranker.name,
                prompt_version="",
                prefix_fingerprint="",
                usage=Usage(),
                cost_microdollars=result.cost_microdollars,
                seconds=perf_counter() - start,
                finish="stop",
            )
        )
    return result


async def _understood(
    question: Question, history: Sequence[Turn], services: AnswerServices
) -> Searched:
    read = await understand(
        question.text,
        history,
        services.chat,
        services.config.understand,
        tenant=question.tenant,
        language=question.language,
    )
    for call in read.calls:
        await services.ledger.book(
            LedgerRow(
                at=_now(),
                tenant=question.tenant,
                endpoint="understand",
                model=call.completion.model,
                prompt_version=call.prompt.version,
                prefix_fingerprint=call.prompt.prefix_fingerprint,
                usage=call.completion.usage,
                cost_microdollars=call.completion.cost_microdollars,
                seconds=call.seconds,
                finish=call.completion.finish,
                request_id=call.completion.request_id,
            )
        )
    return read


async def chosen_of(hits: Sequence[Hit], question: Question, services: AnswerServices) -> Selection:
    """Which of the hits the model is shown; at most the question's limit."""
    limit = question.limit or services.config.search.limit
    return await select(
        hits,
        config=replace(services.config.select, limit=limit),
        read=partial(services.store.chunks, question.tenant, question.collection),
        write=passages,
        tokens=services.tokens,
    )


async def _prepare(question: Question, services: AnswerServices) -> _Prepared:
    if not question.text.strip():
        raise InvalidInput("The question is empty.", field="question")
    started, stages, config = perf_counter(), Stages(), services.config
    limit = question.limit or config.search.limit
    history = await _history(question, services)
    with stages.stage("understand"):
        read = await _understood(question, history, services)
    result = await find(replace(question, limit=_SPARE * limit), services, read)
    stages.add(*result.times)
    with stages.stage("select"):
        chosen = await chosen_of(result.hits, replace(question, limit=limit), services)
    with stages.stage("compose"):
        prompt = compose(
            question.text,
            [Evidence(label, hit.chunk) for label, hit in enumerate(chosen.shown, start=1)],
            history=history,
            version=config.prompt,
            read_as=read.texts[0],
        )
    request = ChatRequest(
        prompt,
        max_output_tokens=config.max_output_tokens,
        cache_key=fingerprint(question.tenant, prompt.prefix_fingerprint),
    )
    answer_id = str(uuid.uuid4())
    retrieved = Retrieved(answer_id, chosen.shown, (*result.dropped, *chosen.dropped))
    return _Prepared(
        answer_id,
        question,
        request,
        retrieved,
        stages,
        started,
        (*read.notes, *result.notes),
        result.cost_microdollars + read.cost_microdollars,
    )


async def _history(question: Question, services: AnswerServices) -> tuple[Turn, ...]:
    if question.session is None:
        return ()
    turns = await services.sessions.turns(question.tenant, question.session)
    return tuple(turns[-services.config.history_turns :])


async def _finish(prepared: _Prepared, completion: Completion, services: AnswerServices) -> Answer:
    question, prompt, stages = prepared.question, prepared.request.prompt, prepared.stages
    with stages.stage("cite"):
        citations = cite(completion.text, prompt.evidence)
    await services.ledger.book(_row(prepared, completion))
    if question.session is not None:
        turn = Turn(question.text, completion.text, _now())
        await services.sessions.append(question.tenant, question.session, turn)
    return Answer(
        id=prepared.id,
        question=question.text,
        text=completion.text,
        found=completion.finish != "refusal" and completion.text.strip() != NOT_FOUND,
        finish=completion.finish,
        citations=citations,
        shown=prepared.retrieved.shown,
        dropped=prepared.retrieved.dropped,
        model=completion.model,
        prompt_version=prompt.version,
        prefix_fingerprint=prompt.prefix_fingerprint,
        usage=completion.usage,
        cost_microdollars=completion.cost_microdollars + prepared.spent_microdollars,
        times=stages.times,
        session=question.session,
        notes=prepared.notes,
    )


def _row(prepared: _Prepared, completion: Completion) -> LedgerRow:
    return LedgerRow(
        at=_now(),
        tenant=prepared.question.tenant,
        endpoint=prepared.question.endpoint,
        model=completion.model,
        prompt_version=prepared.request.prompt.version,
        prefix_fingerprint=prepared.request.prompt.prefix_fingerprint,
        usage=completion.usage,
        cost_microdollars=completion.cost_microdollars,
        seconds=perf_counter() - prepared.started,
        finish=completion.finish,
        request_id=completion.request_id,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
