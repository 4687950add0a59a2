"""Our small Qdrant gives of a point what Qdrant's REST reference says it gives."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.request import Request, urlopen

import pytest
from qdrant_client import QdrantClient, models

from tests.retrieval.qdrant_on_loopback import QdrantOnLoopback, running

ID = "5c56c793-69f3-4fbf-87e6-c4bf54c28c26"
DENSE = [0.0, 1.0]
WORDS = {"indices": [7], "values": [0.5]}
PAYLOAD = {"source": "a.md", "page": 3}

Ask = Callable[..., Any]  # with the request's other fields


@pytest.fixture(scope="module")
def qdrant() -> Iterator[QdrantOnLoopback]:
    with running() as server:
        client = QdrantClient(url=server.url, check_compatibility=False)
        client.create_collection(
            "notes",
            vectors_config={"dense": models.VectorParams(size=2, distance=models.Distance.COSINE)},
            sparse_vectors_config={"bm25": models.SparseVectorParams()},
        )
        vectors = {"dense": DENSE, "bm25": models.SparseVector(**WORDS)}
        point = models.PointStruct(id=ID, vector=vectors, payload=PAYLOAD)
        upsert = models.UpsertOperation(upsert=models.PointsList(points=[point]))
        client.batch_update_points("notes", [upsert])
        client.close()
        yield server


def post(qdrant: QdrantOnLoopback, action: str, **body: object) -> Any:
    request = Request(f"{qdrant.url}/collections/notes/{action}", json.dumps(body).encode())
    with urlopen(request) as answer:
        return json.load(answer)["result"]


def fetched(qdrant: QdrantOnLoopback, **wanted: object) -> Any:
    return post(qdrant, "points", ids=[ID], **wanted)


def scrolled(qdrant: QdrantOnLoopback, **wanted: object) -> Any:
    return post(qdrant, "points/scroll", **wanted)["points"]


@pytest.fixture(params=[fetched, scrolled], ids=["fetched", "scrolled"])
def points(request: pytest.FixtureRequest, qdrant: QdrantOnLoopback) -> Ask:
    return partial(request.param, qdrant)


def test_unasked_a_point_comes_with_its_payload_and_no_vector(points: Ask) -> None:
    (point,) = points()
    assert (point["payload"], point.get("vector")) == (PAYLOAD, None)


def test_all_vectors_come_when_they_are_asked_for(points: Ask) -> None:
    (point,) = points(with_vector=True)
    assert point["vector"] == {"dense": DENSE, "bm25": WORDS}


def test_only_the_vectors_that_are_named_come(points: Ask) -> None:
    (point,) = points(with_vector=["dense"])
    assert point["vector"] == {"dense": DENSE}


def test_no_payload_comes_when_none_is_wanted(points: Ask) -> None:
    (point,) = points(with_payload=False)
    assert point.get("payload") is None


def test_only_the_fields_of_the_payload_that_are_named_come(points: Ask) -> None:
    (point,) = points(with_payload=["page"])
    assert point["payload"] == {"page": 3}
