"""A reranking model within its budget of time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import ModelUnreachable
from domain.hits import Hit, Reranking
from retrieval.rerank import RerankConfig, rerank
from tests.values import a_hit

HITS = [a_hit(10 - n, id=str(n), text=f"{n}", title="") for n in range(6)]


@dataclass
class Reader:
    """Likes the last passages best; slow or broken for the texts it is told."""

    slow: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    name: str = "reader"
    batch: int = 2
    asked: list[Sequence[str]] = field(default_factory=list)

    async def rerank(self, question: str, passages: Sequence[str]) -> Reranking:
        self.asked.append(passages)
        if self.slow.intersection(passages):
            await asyncio.sleep(30)
        if self.broken.intersection(passages):
            raise ModelUnreachable("the model is away")
        return Reranking(tuple(float(text) for text in passages), cost_microdollars=5)


def ids(hits: Sequence[Hit]) -> str:
    return "".join(hit.chunk.id for hit in hits)


async def test_the_models_order_counts() -> None:
    done = await rerank("?", HITS, Reader(), RerankConfig())
    assert ids(done.hits) == "543210"
    assert done.hits[0].reranked is not None
    assert (done.hits[0].reranked.rank, done.hits[0].score) == (1, 5.0)


async def test_the_ranking_before_it_counts_as_much_as_it_is_given() -> None:
    for weight, order in ((0.4, "012345"), (0.6, "543210"), (0.0, "012345")):
        assert ids((await rerank("?", HITS, Reader(), RerankConfig(weight=weight))).hits) == order


async def test_weighed_or_not_a_hit_keeps_the_models_own_score() -> None:
    first = (await rerank("?", HITS, Reader(), RerankConfig(weight=0.6))).hits[0]
    assert first.reranked is not None
    assert (first.reranked.rank, first.reranked.score) == (1, 5.0)
    assert 0 < first.score < 1


async def test_it_is_given_its_batches_and_costs_add_up() -> None:
    reader = Reader()
    done = await rerank("?", HITS, reader, RerankConfig())
    assert sorted(map(list, reader.asked)) == [["0", "1"], ["2", "3"], ["4", "5"]]
    assert done.cost_microdollars == 15


async def test_what_lies_deeper_is_not_read_and_stays_behind() -> None:
    done = await rerank("?", HITS, Reader(), RerankConfig(depth=2))
    assert ids(done.hits) == "102345"


async def test_what_was_ranked_when_time_is_gone_stays_ranked() -> None:
    done = await rerank("?", HITS, Reader(slow=frozenset("2")), RerankConfig(seconds=0.1))
    assert ids(done.hits) == "541023"
    assert done.notes == ("reader read 4 of 6 passages within 0.1 s.",)


async def test_a_model_that_fails_leaves_the_order_and_says_so() -> None:
    done = await rerank("?", HITS, Reader(broken=frozenset("024")), RerankConfig())
    assert ids(done.hits) == "012345"
    assert done.notes == ("reader read 0 of 6 passages, then failed: the model is away",)


async def test_nothing_to_rank_is_nothing() -> None:
    assert (await rerank("?", [], Reader(), RerankConfig())).hits == []
