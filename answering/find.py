"""The passages for a question: read, searched, chosen. Knows no prompt set and no answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from answering.question import AnswerServices, Question
from answering.understand import Searched, understand
from domain.answers import Dropped, SearchResult
from domain.asking import asking
from domain.documents import Chunk
from domain.hits import Hit
from domain.ports import ChunkStore
from domain.prompt import Evidence
from domain.records import Turn
from prompts.passages import length
from retrieval.configs import SearchConfig
from retrieval.search import search
from retrieval.select import Selection, select

SPARE = 2  # times the limit: for what is joined to another, or says the same


async def find(
    question: Question, services: AnswerServices, read: Searched | None = None
) -> SearchResult:
    read = read or Searched((question.text,))
    with asking(question.account):
        return await search(
            read.texts[0],
            others=read.texts[1:],
            passage=read.passage,
            said=question.text,
            tenant=question.tenant,
            collection=question.collection,
            further=question.further,
            store=services.store,
            embedder=services.embedder,
            sparse=services.sparse,
            lexical=services.lexical,
            reranker=services.reranker,
            config=_search_config(question, services.config.search),
            limit=question.limit,
            where=question.where,
            language=question.language,
            explain=question.explain,
        )


def _search_config(question: Question, config: SearchConfig) -> SearchConfig:
    return config if question.boosts is None else replace(config, boosts=question.boosts)


async def understood(
    question: Question, history: Sequence[Turn], services: AnswerServices
) -> Searched:
    return await understand(
        question.text,
        history,
        services.chat,
        services.config.understand,
        account=question.account,
        language=question.language,
    )


async def chosen_of(
    hits: Sequence[Hit],
    question: Question,
    services: AnswerServices,
    pinned: Sequence[Evidence] = (),
) -> Selection:
    """Which of the hits the model is shown; at most the question's limit.

    What is pinned stands before the boundary already. It takes the place and the tokens that it
    would have had here, so that a question is shown neither more nor less for it.
    """
    limit, usual = question.limit or services.config.search.limit, services.config.select
    labels = {item.chunk.id: item.label for item in pinned}
    standing = [hit for hit in hits if hit.chunk.id in labels]
    taken = [hit for hit in hits[:limit] if hit.chunk.id in labels]
    dropped = tuple(
        Dropped(hit, f"{'pinned' if hit in taken else 'further down; pinned'}: it is [{label}]")
        for hit in standing
        for label in (labels[hit.chunk.id],)
    )
    if len(taken) == limit:
        return Selection((), dropped)
    used = sum(hit.chunk.tokens for hit in taken)
    budget = None if usual.budget is None else max(1, usual.budget - used)
    chosen = await select(
        [hit for hit in hits if hit.chunk.id not in labels],
        config=replace(usual, limit=limit - len(taken), budget=budget),
        read=partial(_chunks, question, services.store, labels),
        measure=partial(length, tokens=services.tokens),
        tokens=services.tokens,
    )
    return Selection(chosen.shown, (*dropped, *chosen.dropped))


async def _chunks(
    question: Question, store: ChunkStore, without: dict[str, int], ids: Sequence[str]
) -> Sequence[Chunk]:
    """An id is known to the collection of its document alone."""
    wanted = [id_ for id_ in ids if id_ not in without]
    asked = (store.chunks(question.tenant, name, wanted) for name in question.collections)
    found = {chunk.id: chunk for chunks in await asyncio.gather(*asked) for chunk in chunks}
    return [found[id_] for id_ in wanted if id_ in found]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
