"""Chunks and questions as a Qdrant server takes them, and what it answers as ours.

Knows the client's models, and no connection.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from qdrant_client import models

from domain.documents import Chunk, EmbeddedChunk
from domain.hits import HybridQuery, Leg
from retrieval.bm25 import passage_words, question_words
from retrieval.collection import Collection
from retrieval.filter_server import HIDDEN, server_filter
from retrieval.points import ChunkPayload, from_payload, point_id, to_payload

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector

# Of the ten nearest among a million a graph finds .90 so, and .80 with the server's own 100; that
# takes a millisecond more. Measured in the embedded engine, which is the same: docs/decisions.md.
_WIDELY = models.SearchParams(hnsw_ef=256)

Points = dict[str, models.ScoredPoint | models.Record]  # by id


def to_points(
    tenant: str, collection: Collection, chunks: Sequence[EmbeddedChunk], *, hidden: bool = False
) -> list[models.PointStruct]:
    points = []
    for item in chunks:
        words = passage_words(item.chunk, collection.mean_length, collection.language)
        points.append(
            models.PointStruct(
                id=point_id(tenant, item.chunk.id),
                vector={
                    "dense": collection.checked(item.vector).tolist(),
                    "bm25": models.SparseVector(indices=words.indices, values=words.values),
                    **({"sparse": _weights(item.sparse)} if item.sparse else {}),
                },
                payload={**to_payload(tenant, item.chunk), **({HIDDEN: True} if hidden else {})},
            )
        )
    return points


def to_requests(
    tenant: str, collection: Collection, query: HybridQuery, *, vectors: bool
) -> dict[Leg, models.QueryRequest]:
    """One a leg; the payload comes along, since a second round trip costs more."""
    scope = server_filter(tenant, query.where)
    with_vector: bool | list[str] = ["dense"] if vectors else False
    requests: dict[Leg, models.QueryRequest] = {}
    if query.vector is not None:
        requests["dense"] = models.QueryRequest(
            query=query.vector.tolist(),
            using="dense",
            filter=scope,
            limit=query.candidates,
            params=_WIDELY,
            with_payload=True,
            with_vector=with_vector,
        )
    if query.text is not None and query.words is None:
        words = question_words(query.text, (collection.language, query.language))
        own_idf = models.IdfCorpusParams(corpus=server_filter(tenant))
        requests["bm25"] = models.QueryRequest(
            query=models.SparseVector(indices=words.indices, values=words.values),
            using="bm25",
            filter=scope,
            limit=query.candidates,
            params=models.SearchParams(idf=own_idf),
            with_payload=True,
            with_vector=with_vector,
        )
    if sparse := collection.sparse_of(query):
        requests["sparse"] = models.QueryRequest(
            query=_weights(sparse),
            using="sparse",
            filter=scope,
            limit=query.candidates,
            with_payload=True,
            with_vector=with_vector,
        )
    return requests


def ranked(
    tenant: str, query: HybridQuery, responses: Mapping[Leg, models.QueryResponse]
) -> dict[Leg, list[tuple[str, float]]]:
    """Each leg's points with their scores, best first."""
    found = {
        leg: [(str(point.id), point.score) for point in response.points]
        for leg, response in responses.items()
    }
    if query.words is None:
        return found
    return found | {"bm25": [(point_id(tenant, id_), score) for id_, score in query.words]}


def _weights(sparse: "SparseVector") -> models.SparseVector:
    return models.SparseVector(indices=list(sparse), values=list(sparse.values()))


def vector_of(point: models.ScoredPoint | models.Record) -> "Vector":
    return np.array(cast("dict[str, list[float]]", point.vector)["dense"], dtype=np.float32)


def chunk_of(point: models.ScoredPoint | models.Record) -> Chunk:
    return from_payload(cast("ChunkPayload", point.payload))  # written by us, with to_payload
