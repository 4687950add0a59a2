"""A hybrid query as one would write it by hand for Qdrant Edge: what the store is measured against.

Both legs in one round trip with the engine's own analyser, and the payload of what is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import qdrant_edge as edge
from numpy.typing import NDArray

from domain.filters import Filter
from retrieval.filter_edge import edge_filter
from retrieval.shard_points import RESCORED

Vectors = NDArray[np.float32]

_WORDS = edge.Bm25(edge.Bm25Config(language="english", ascii_folding=True))


@dataclass(frozen=True, slots=True)
class Asked:
    tenant: str
    text: str
    vector: Vectors
    where: Filter
    limit: int
    depth: int
    params: edge.SearchParams | None = RESCORED  # of the vector leg

    @property
    def scope(self) -> edge.Filter:
        return edge_filter(self.tenant, self.where)

    @property
    def dense(self) -> edge.Query:
        return edge.Query.Nearest(self.vector, using="dense")  # type: ignore[arg-type]  # an array

    @property
    def bm25(self) -> edge.Query:
        return edge.Query.Nearest(_WORDS.embed_query(self.text), using="bm25")

    @property
    def own_idf(self) -> edge.SearchParams:
        return edge.SearchParams(idf=edge.IdfParams(corpus=edge_filter(self.tenant)))


Way = Callable[[edge.EdgeShard, Asked], list[str]]  # gives chunk ids


def fused(engine: edge.EdgeShard, asked: Asked) -> list[str]:
    """Fused by the engine, by ranks."""
    request = edge.QueryRequest(
        limit=asked.limit,
        prefetches=[
            edge.Prefetch(asked.depth, query=asked.dense, filter=asked.scope, params=asked.params),
            edge.Prefetch(asked.depth, query=asked.bm25, filter=asked.scope, params=asked.own_idf),
        ],
        query=edge.Fusion.Rrf(k=60),  # type: ignore[arg-type]  # the stubs nest it oddly
        with_payload=True,
    )
    return [(point.payload or {})["id"] for point in engine.query(request)]


def dense(engine: edge.EdgeShard, asked: Asked) -> list[str]:
    """The vector leg alone, points only."""
    return [str(point.id) for point in engine.query(_dense(asked))]


def legs(engine: edge.EdgeShard, asked: Asked) -> list[str]:
    """Not fused: the first of the dense leg get their payload."""
    requests = [
        _dense(asked),
        edge.QueryRequest(asked.depth, query=asked.bm25, filter=asked.scope, params=asked.own_idf),
    ]
    found = engine.query_batch(edge.QueryBatchRequest(requests))
    first = [point.id for point in found[0][: asked.limit]]
    return [(record.payload or {})["id"] for record in engine.retrieve(first, True, False)]


def _dense(asked: Asked) -> edge.QueryRequest:
    return edge.QueryRequest(
        asked.depth, query=asked.dense, filter=asked.scope, params=asked.params
    )
