"""A reranking model over the first hits, within a budget of time. What was ranked stays ranked.

Knows the port only. A model that fails leaves the order as it was, and the result says so.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import ForebayError
from domain.hits import Found, Hit, Reranking
from domain.ports import Reranker
from retrieval.fuse import standardised

_AT_ONCE = 4  # batches


@dataclass(frozen=True, slots=True)
class RerankConfig:
    depth: int = 40  # hits that the model reads
    seconds: float = 2.0
    weight: float = 1.0  # of the model's score; the rest is that of the ranking before it


@dataclass(frozen=True, slots=True)
class Reranked:
    hits: list[Hit]
    notes: tuple[str, ...] = ()
    cost_microdollars: int = 0


async def rerank(
    question: str, hits: Sequence[Hit], reranker: Reranker, config: RerankConfig
) -> Reranked:
    """Those that were read come first; the others keep their order."""
    if not hits:
        return Reranked([])
    read = hits[: config.depth]
    starts = range(0, len(read), reranker.batch)
    turn = asyncio.Semaphore(_AT_ONCE)

    async def score(start: int) -> Reranking:
        passages = [hit.chunk.indexed_text for hit in read[start : start + reranker.batch]]
        async with turn:
            return await reranker.rerank(question, passages)

    running = {start: asyncio.create_task(score(start)) for start in starts}
    try:
        await asyncio.wait(running.values(), timeout=config.seconds)
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
    done = {start: task for start, task in running.items() if not task.cancelled()}
    failed = {start: task.exception() for start, task in done.items() if task.exception()}
    scored = {start: task.result() for start, task in done.items() if start not in failed}
    return Reranked(
        _in_order(hits, scored, config.weight),
        _notes(len(read), scored, list(failed.values()), reranker, config),
        sum(one.cost_microdollars for one in scored.values()),
    )


def _in_order(hits: Sequence[Hit], scored: dict[int, Reranking], weight: float) -> list[Hit]:
    scores = {
        start + i: score for start, one in scored.items() for i, score in enumerate(one.scores)
    }
    totals = _weighted(scores, hits, weight) if weight < 1 else scores
    ranked = sorted(totals, key=lambda i: (-totals[i], i))
    first = [
        replace(hits[i], score=totals[i], reranked=Found(rank, scores[i]))
        for rank, i in enumerate(ranked, start=1)
    ]
    return first + [hit for i, hit in enumerate(hits) if i not in scores]


def _weighted(scores: dict[int, float], hits: Sequence[Hit], weight: float) -> dict[int, float]:
    """Both standardised over those that were read: they are not on one scale."""
    if not scores:
        return scores
    model, before = standardised(scores), standardised({i: hits[i].score for i in scores})
    return {i: weight * model[i] + (1 - weight) * before[i] for i in scores}


def _notes(
    wanted: int,
    scored: dict[int, Reranking],
    failed: Sequence[BaseException | None],
    reranker: Reranker,
    config: RerankConfig,
) -> tuple[str, ...]:
    for error in failed:
        if error is not None and not isinstance(error, ForebayError):
            raise error
    done = sum(len(one.scores) for one in scored.values())
    if failed:
        return (f"{reranker.name} read {done} of {wanted} passages, then failed: {failed[0]}",)
    if done < wanted:
        within = f"within {config.seconds:g} s"
        return (f"{reranker.name} read {done} of {wanted} passages {within}.",)
    return ()
