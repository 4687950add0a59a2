"""Does the store rank by words as well as the references do? nDCG@10 beside rank-bm25 and bm25s.

    python -m bench.lexical FOLDER…

FOLDERs are data sets in BEIR's layout, in English. A document is one passage, so no chunker and
no embedder has a part in it. `rank-bm25` scores the store's own tokens; `bm25s`, where it can be
imported, takes its own: English stop words, the Snowball stemmer. All with k1 1.2 and b 0.75.
Ends with 1 where the store is more than 0.01 below the better of them.
"""

import asyncio
import gzip
import importlib.util
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import snowballstemmer
from rich.console import Console
from rich.table import Table

from domain.documents import Chunk, EmbeddedChunk
from domain.hits import HybridQuery
from domain.vectors import VectorSpace
from eval.data import Dataset, load
from eval.measures import MAIN, means, measure
from eval.trec import Ranking
from retrieval.bm25 import K1, B
from retrieval.edge import EdgeStore
from retrieval.lexical import RankBm25

BAR = 0.01
LIMIT = 10
SAMPLE = 256  # passages that an ingestion measures the mean length on
TENANT, COLLECTION = "bench", "bench"
SPACE = VectorSpace("none", 2, "none")
_NOWHERE = np.array([1, 0], np.float32)


@dataclass(frozen=True, slots=True)
class Row:
    data: str
    documents: int
    questions: int
    store: float
    rank_bm25: float
    bm25s: float | None

    @property
    def behind(self) -> float:
        return max(self.rank_bm25, self.bm25s or 0.0) - self.store

    @property
    def met(self) -> bool:
        return self.behind <= BAR


def main() -> int:
    folders = [Path(argument) for argument in sys.argv[1:]]
    if not folders:
        print("Name one or more folders with data sets in BEIR's layout.")
        return 2
    rows = [asyncio.run(compared(load(folder))) for folder in folders]
    show(rows)
    met = all(row.met for row in rows)
    print(json.dumps({"rows": [asdict(row) for row in rows], "bar": BAR, "met": met}))
    return int(not met)


async def compared(dataset: Dataset) -> Row:
    chunks = passages(dataset.corpus)
    rankings = [await by_store(chunks, dataset.queries), by_rank_bm25(chunks, dataset.queries)]
    if importlib.util.find_spec("bm25s"):
        rankings.append(by_bm25s(chunks, dataset.queries))
    store, reference, *own = [means(measure(dataset.qrels, r).values())[MAIN] for r in rankings]
    return Row(
        dataset.name, len(chunks), len(dataset.queries), store, reference, own[0] if own else None
    )


def passages(corpus: Path) -> list[Chunk]:
    with gzip.open(corpus, "rt") if corpus.suffix == ".gz" else corpus.open() as lines:
        return [_passage(json.loads(line)) for line in lines if line.strip()]


def _passage(record: Mapping[str, str]) -> Chunk:
    id_, text = record["_id"], record["text"]
    return Chunk(id_, id_, "", 0, id_, record.get("title", ""), text, 0, len(text))


async def by_store(chunks: Sequence[Chunk], queries: Mapping[str, str]) -> Ranking:
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeStore(Path(folder))
        await store.open_collection(COLLECTION, SPACE, chunks[:SAMPLE])
        await store.upsert(TENANT, COLLECTION, [EmbeddedChunk(one, _NOWHERE) for one in chunks])
        ranking: dict[str, list[str]] = {}
        for query, text in queries.items():
            hits = await store.query(TENANT, COLLECTION, HybridQuery(text=text, limit=LIMIT))
            ranking[query] = [hit.chunk.id for hit in hits]
        await store.close()
    return ranking


def by_rank_bm25(chunks: Sequence[Chunk], queries: Mapping[str, str]) -> Ranking:
    index = RankBm25(chunks)
    return {
        query: [hit.chunk.id for hit in index.search(text, LIMIT)]
        for query, text in queries.items()
    }


def by_bm25s(chunks: Sequence[Chunk], queries: Mapping[str, str]) -> Ranking:
    bm25s = import_module("bm25s")
    stem = snowballstemmer.stemmer("english").stemWords

    def taken(texts: Sequence[str]) -> list[list[str]]:
        words: list[list[str]] = bm25s.tokenize(
            texts, stopwords="en", stemmer=stem, return_ids=False, show_progress=False
        )
        return words

    index = bm25s.BM25(k1=K1, b=B)
    index.index(taken([chunk.indexed_text for chunk in chunks]), show_progress=False)
    found, _ = index.retrieve(taken([*queries.values()]), k=LIMIT, show_progress=False)
    return {query: [chunks[i].id for i in row] for query, row in zip(queries, found, strict=True)}


def show(rows: Sequence[Row]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in (f"{MAIN}", "documents", "questions", "store", "rank-bm25", "bm25s", "behind"):
        table.add_column(name, justify="left" if name == MAIN else "right")
    for row in rows:
        own = "–" if row.bm25s is None else f"{row.bm25s:.4f}"
        behind = f"{row.behind:+.4f}{'' if row.met else '  missed'}"
        table.add_row(
            row.data, f"{row.documents:,}", f"{row.questions:,}", f"{row.store:.4f}",
            f"{row.rank_bm25:.4f}", own, behind,
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
