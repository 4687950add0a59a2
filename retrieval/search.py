"""The retrieval step: embed the question, ask the store, say how long each took.

Knows the ports only: neither which store nor which embedder. Does not rerank or select.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from types import MappingProxyType

from domain.answers import SearchResult, StageTime
from domain.errors import InvalidInput
from domain.filters import Filter
from domain.hits import Convex, Fusion, HybridQuery, Leg, Rrf
from domain.ports import ChunkStore, Embedder


@dataclass(frozen=True, slots=True)
class SearchConfig:
    limit: int = 8
    depth: int = 50  # candidates a leg
    fusion: Fusion = field(default_factory=Convex)
    legs: tuple[Leg, ...] = ("dense", "bm25")


CONFIGS: Mapping[str, SearchConfig] = MappingProxyType(
    {
        "default": SearchConfig(),
        "dense": SearchConfig(legs=("dense",)),
        "bm25": SearchConfig(legs=("bm25",)),
        "rrf": SearchConfig(fusion=Rrf(k=60, dense_weight=0.5)),
    }
)
_DEFAULT = SearchConfig()


async def search(
    question: str,
    *,
    tenant: str,
    collection: str,
    store: ChunkStore,
    embedder: Embedder,
    config: SearchConfig = _DEFAULT,
    limit: int | None = None,
    where: Filter = (),
) -> SearchResult:
    """The passages that fit the question best; `limit` overrides the config's."""
    if not question.strip():
        raise InvalidInput("The question is empty.", field="question")
    times: list[StageTime] = []
    vector = None
    if "dense" in config.legs:
        start = perf_counter()
        vector = await embedder.embed_query(question)
        times.append(StageTime("embed", perf_counter() - start))
    query = HybridQuery(
        vector=vector,
        text=question if "bm25" in config.legs else None,
        limit=limit or config.limit,
        depth=config.depth,
        where=where,
        fusion=config.fusion,
        space=embedder.space if vector is not None else None,
    )
    start = perf_counter()
    hits = await store.query(tenant, collection, query)
    times.append(StageTime("store", perf_counter() - start))
    return SearchResult(tuple(hits), tuple(times))
