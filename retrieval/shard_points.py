"""Chunks and questions as the embedded engine takes them, and what it answers as ours.

Its twin for a server is `server_points`. Knows no shard.
"""

from struct import pack
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np
import qdrant_edge as edge

from domain.documents import Chunk, EmbeddedChunk
from domain.hits import HybridQuery, Leg
from retrieval.bm25 import passage_words, question_words
from retrieval.collection import Collection
from retrieval.filter_edge import edge_filter
from retrieval.points import ChunkPayload, from_payload, point_id, to_payload

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector

# Three times as many as are wanted are found by their copies of 4 bits, and ranked by the vectors
# themselves: what a search of all vectors finds. Where there is no copy it does nothing.
RESCORED = edge.SearchParams(
    quantization=edge.QuantizationSearchParams(rescore=True, oversampling=3)
)

Ranked = list[tuple[int, float]]  # UUIDs as their numbers, which hash and sort faster


def to_point(tenant: str, collection: Collection, item: EmbeddedChunk) -> edge.Point:
    vectors = {
        "dense": collection.checked(item.vector),
        "bm25": passage_words(item.chunk, collection.mean_length, collection.language),
        **({"sparse": _weights(item.sparse)} if item.sparse else {}),
    }
    # The engine takes arrays as they are, 2.4 times faster than lists; its stubs do not say so.
    return edge.Point(
        point_id(tenant, item.chunk.id),
        vectors,  # type: ignore[arg-type]
        dict(to_payload(tenant, item.chunk)),
    )


def to_requests(
    tenant: str, collection: Collection, query: HybridQuery
) -> dict[Leg, edge.QueryRequest]:
    """One a leg."""
    scope = edge_filter(tenant, query.where)
    requests: dict[Leg, edge.QueryRequest] = {}
    if query.vector is not None:
        vector = collection.checked(query.vector)
        nearest = edge.Query.Nearest(vector, using="dense")  # type: ignore[arg-type]
        requests["dense"] = edge.QueryRequest(
            query.candidates, query=nearest, filter=scope, params=RESCORED
        )
    if query.text is not None and query.words is None:
        words = question_words(query.text, (collection.language, query.language))
        nearest = edge.Query.Nearest(words, using="bm25")
        own_idf = edge.SearchParams(idf=edge.IdfParams(corpus=edge_filter(tenant)))
        requests["bm25"] = edge.QueryRequest(
            query.candidates, query=nearest, filter=scope, params=own_idf
        )
    if sparse := collection.sparse_of(query):
        nearest = edge.Query.Nearest(_weights(sparse), using="sparse")
        requests["sparse"] = edge.QueryRequest(query.candidates, query=nearest, filter=scope)
    return requests


def told(tenant: str, query: HybridQuery) -> dict[Leg, Ranked]:
    """The leg that the store does not rank itself."""
    if query.words is None:
        return {}
    return {"bm25": [(UUID(point_id(tenant, id_)).int, score) for id_, score in query.words]}


def number_of(id_: "edge.PointId") -> int:
    return cast("UUID", id_).int  # all our points are named by UUIDs


def vector_of(record: edge.Record) -> "Vector":
    values = cast("dict[str, list[float]]", record.vector)["dense"]
    # Three times as fast as NumPy's own way from a list.
    return np.frombuffer(pack(f"{len(values)}f", *values), dtype=np.float32)


def chunk_of(record: edge.Record) -> Chunk:
    return from_payload(cast("ChunkPayload", record.payload))  # written by us, with to_payload


def _weights(sparse: "SparseVector") -> edge.SparseVector:
    return edge.SparseVector(indices=list(sparse), values=list(sparse.values()))
