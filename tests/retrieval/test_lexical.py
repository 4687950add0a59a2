"""The store's BM25 against rank-bm25, over what Python's own modules say about themselves."""

import importlib
import inspect
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from domain.documents import Chunk, EmbeddedChunk
from domain.errors import Misconfigured
from domain.filters import Equals
from domain.hits import Hit, HybridQuery
from retrieval.configs import CONFIGS
from retrieval.edge import EdgeStore
from retrieval.lexical import RankBm25, RankBm25Indexes
from retrieval.search import search
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT, found, passage
from tests.retrieval.test_search import Compass
from tests.values import a_chunk

MODULES = (
    "argparse ast asyncio bisect calendar codecs collections csv datetime decimal difflib email "
    "enum fractions functools heapq inspect io ipaddress itertools json logging mailbox math "
    "optparse os pathlib pickle random re sched shutil sqlite3 statistics string subprocess "
    "tarfile textwrap threading tokenize typing unittest urllib.parse uuid weakref zipfile"
)


def documentation() -> list[str]:
    """What modules and functions say of themselves: some hundred paragraphs of technical prose."""
    texts: dict[str, None] = {}
    for module in map(importlib.import_module, MODULES.split()):
        for thing in (module, *(thing for _, thing in sorted(vars(module).items(), key=str))):
            text = inspect.getdoc(thing) if thing is module or inspect.isroutine(thing) else None
            if text and 20 <= len(text.split()) <= 400:
                texts[text] = None
    return list(texts)


@pytest.fixture(scope="module")
def chunks() -> list[Chunk]:
    return [a_chunk(id=f"{n}", title="", text=t) for n, t in enumerate(documentation())]


@pytest.fixture
async def store(chunks: list[Chunk], tmp_path: Path) -> AsyncIterator[EdgeStore]:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE, chunks)
    await store.upsert(TENANT, NAME, [EmbeddedChunk(chunk, EAST) for chunk in chunks])
    yield store
    await store.close()


async def test_the_store_ranks_as_rank_bm25_does(store: EdgeStore, chunks: list[Chunk]) -> None:
    assert len(chunks) > 300
    reference = RankBm25(chunks)
    overlaps, correlations = [], []
    for chunk in chunks[::5]:
        question = chunk.text.partition("\n")[0]
        ours = await store.query(TENANT, NAME, HybridQuery(text=question, limit=50))
        theirs = reference.search(question, 50)
        overlaps.append(_overlap(ours[:10], theirs[:10]))
        correlations.append(_rank_correlation(ours, theirs))
    assert fmean(overlaps) > 0.98
    assert min(overlaps) >= 0.7
    assert fmean(correlations) > 0.99


def _overlap(ours: Sequence[Hit], theirs: Sequence[Hit]) -> float:
    one, other = ({hit.chunk.id for hit in hits} for hits in (ours, theirs))
    return len(one & other) / max(len(one), len(other))


def _rank_correlation(ours: Sequence[Hit], theirs: Sequence[Hit]) -> float:
    """Spearman's, over what both found."""
    expected = {hit.chunk.id: hit.score for hit in theirs}
    both = [(hit.score, expected[hit.chunk.id]) for hit in ours if hit.chunk.id in expected]
    if len(both) == 1:
        return 1.0  # it cannot stand elsewhere
    ranks = np.array(both).argsort(axis=0).argsort(axis=0)
    return float(np.atleast_2d(np.corrcoef(ranks.T))[0, 1])


def test_the_best_chunk_comes_first_and_says_so() -> None:
    chunks = [a_chunk(id="a", text="Lunch at noon."), a_chunk(id="b", text="Backups at noon.")]
    hits = RankBm25(chunks).search("When are backups made?")
    assert [(hit.chunk.id, hit.found_by["bm25"].rank) for hit in hits] == [("b", 1)]


@pytest.mark.parametrize("texts", [[], ["", "the"]], ids=["no chunks", "no words"])
def test_there_may_be_nothing_to_search(texts: list[str]) -> None:
    assert RankBm25([a_chunk(title="", text=text) for text in texts]).search("backups") == []


def test_a_question_without_known_words_finds_nothing() -> None:
    assert RankBm25([a_chunk(text="Lunch at noon.")]).search("zebra") == []


class Marked:
    """Counts the changes that it is told of, as the state does."""

    def __init__(self) -> None:
        self.changes = 0

    async def mark(self, tenant: str, collection: str) -> str:
        return f"{tenant} {collection} {self.changes}"


def test_a_question_in_another_language_than_the_collections_is_bent_as_its_own() -> None:
    chunks = [a_chunk(id="de", text="Die Häuser stehen leer.", language="de"), a_chunk(id="en")]
    assert found(RankBm25(chunks).search("leeres Haus", language="de")) == ["de"]


async def test_its_ranking_takes_the_place_of_the_stores(
    store: EdgeStore, chunks: list[Chunk]
) -> None:
    indexes = RankBm25Indexes(store, Marked().mark)
    for chunk in chunks[::60]:
        question = chunk.text.partition("\n")[0]
        ours, theirs = [
            await search(
                question, tenant=TENANT, collection=NAME, store=store, embedder=Compass(),
                lexical=lexical, config=CONFIGS["bm25"],
            )
            for lexical in (None, indexes)
        ]  # fmt: skip
        assert _overlap(ours.hits, theirs.hits) >= 0.7
        expected = [hit.score for hit in RankBm25(chunks).search(question, len(theirs.hits))]
        assert [hit.found_by["bm25"].score for hit in theirs.hits] == pytest.approx(expected)


async def test_both_give_the_same_hybrid_ranking_where_scores_agree(store: EdgeStore) -> None:
    rankings = [
        await search(
            "read a csv file as dictionaries", tenant=TENANT, collection=NAME, store=store,
            embedder=Compass(), lexical=lexical, limit=10,
        )
        for lexical in (None, RankBm25Indexes(store, Marked().mark))
    ]  # fmt: skip
    assert _overlap(rankings[0].hits, rankings[1].hits) >= 0.9


async def words(indexes: RankBm25Indexes, query: HybridQuery) -> list[str]:
    return [id_ for id_, _ in await indexes.rank(TENANT, "small", query)]


@pytest.fixture
async def small(store: EdgeStore) -> EdgeStore:
    await store.open_collection("small", SPACE)
    await store.upsert(TENANT, "small", [passage("1", "backups", team="a")])
    await store.upsert("other", "small", [passage("2", "backups", team="a")])
    return store


async def test_a_change_is_noticed_at_the_next_question(small: EdgeStore) -> None:
    state = Marked()
    indexes = RankBm25Indexes(small, state.mark)
    assert await words(indexes, HybridQuery(text="backups")) == ["1"]
    await small.upsert(TENANT, "small", [passage("3", "more backups")])
    state.changes += 1
    assert sorted(await words(indexes, HybridQuery(text="backups"))) == ["1", "3"]


async def test_filters_hold_and_leave_the_frequencies_alone(small: EdgeStore) -> None:
    await small.upsert(TENANT, "small", [passage("3", "backups", team="b")])
    indexes = RankBm25Indexes(small, Marked().mark)
    filtered = HybridQuery(text="backups", where=(Equals("team", "b"),))
    everything = dict(await indexes.rank(TENANT, "small", HybridQuery(text="backups")))
    assert await indexes.rank(TENANT, "small", filtered) == (("3", everything["3"]),)


async def test_a_collection_too_large_for_memory_is_refused_with_the_way_out(
    store: EdgeStore,
) -> None:
    indexes = RankBm25Indexes(store, Marked().mark, most=100)
    with pytest.raises(Misconfigured, match=r"100 in memory.*FOREBAY_SEARCH__LEXICAL=store"):
        await indexes.rank(TENANT, NAME, HybridQuery(text="backups"))


async def test_the_least_lately_asked_makes_room(small: EdgeStore) -> None:
    indexes = RankBm25Indexes(small, Marked().mark, most=1)
    for tenant in (TENANT, "other", TENANT):
        assert len(await indexes.rank(tenant, "small", HybridQuery(text="backups"))) == 1
