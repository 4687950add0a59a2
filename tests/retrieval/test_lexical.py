"""The store's BM25 against rank-bm25, over what Python's own modules say about themselves."""

import importlib
import inspect
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from domain.documents import Chunk, EmbeddedChunk
from domain.hits import Hit, HybridQuery
from retrieval.edge import EdgeStore
from retrieval.lexical import RankBm25
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT
from tests.values import a_chunk

MODULES = (
    "argparse ast asyncio bisect calendar codecs collections csv datetime decimal difflib email "
    "enum fractions functools heapq inspect io ipaddress itertools json logging mailbox math os "
    "pathlib pickle random re sched shutil sqlite3 statistics string subprocess tarfile textwrap "
    "threading tokenize turtle typing unittest urllib.parse uuid weakref zipfile"
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
