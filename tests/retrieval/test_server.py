"""The server adapter: what goes over the wire, and what comes of failures."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc

from domain.errors import Misconfigured, NotFound, Unavailable
from domain.filters import AnyOf, Equals, Exists, Range
from domain.hits import HybridQuery
from retrieval.filter_server import server_filter
from retrieval.server import QdrantConfig, QdrantStore
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT, found, passage
from tests.retrieval.qdrant_on_loopback import QdrantOnLoopback, running

HYBRID = HybridQuery(vector=EAST, text="backups", space=SPACE)


@pytest.fixture
def qdrant() -> Iterator[QdrantOnLoopback]:
    with running() as server:
        yield server


@pytest.fixture
async def store(qdrant: QdrantOnLoopback) -> AsyncIterator[QdrantStore]:
    store = QdrantStore.open(QdrantConfig(qdrant.url))
    await store.open_collection(NAME, SPACE)
    await store.upsert(TENANT, NAME, [passage("1", "backups are kept")])
    yield store
    await store.close()


async def test_a_hybrid_query_is_one_request(store: QdrantStore, qdrant: QdrantOnLoopback) -> None:
    qdrant.requests.clear()
    assert found(await store.query(TENANT, NAME, HYBRID)) == ["1"]
    assert qdrant.requests == ["POST /collections/forebay_handbook/points/query/batch"]


async def test_the_graph_is_looked_through_widely(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    await store.query(TENANT, NAME, replace(HYBRID, text=None))
    (dense,) = qdrant.last["searches"]
    assert dense["params"]["hnsw_ef"] == 256


async def test_a_field_that_is_written_gets_an_index_once(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    qdrant.requests.clear()
    for _ in range(2):
        await store.upsert(TENANT, NAME, [passage("2", team="search")])
    assert qdrant.requests.count("PUT /collections/forebay_handbook/index") == 1


async def test_a_field_of_an_earlier_collection_gets_an_index_when_it_is_asked_for(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    await store.upsert(TENANT, NAME, [passage("2", team="search")])
    later = QdrantStore.open(QdrantConfig(qdrant.url))  # local mode forgets its indexes
    qdrant.requests.clear()
    for _ in range(2):
        await later.query(TENANT, NAME, replace(HYBRID, where=(Equals("team", "search"),)))
    await later.close()
    assert qdrant.requests.count("PUT /collections/forebay_handbook/index") == 1


async def test_new_points_are_shown_and_old_ones_removed_in_one_request(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    qdrant.requests.clear()
    await store.replace(TENANT, NAME, {"doc": [passage("2")], "other": [passage("3")]})
    assert qdrant.requests == ["POST /collections/forebay_handbook/points/batch"] * 2


async def test_points_of_a_document_that_is_not_whole_yet_are_not_seen(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    qdrant.fails_after = 1  # the upsert comes through, what would show it does not
    with pytest.raises(Unavailable):
        await store.replace(TENANT, NAME, {"doc": [passage("2", "backups are new")]})
    qdrant.fails_after = None
    assert found(await store.query(TENANT, NAME, HYBRID)) == ["1"]
    await store.replace(TENANT, NAME, {"doc": [passage("3", "backups are newer")]})
    assert found(await store.query(TENANT, NAME, HYBRID)) == ["3"]


async def test_collections_of_others_are_not_ours(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    qdrant.answer("PUT", "/collections/somebody_elses", {"vectors": {"size": 4, "distance": "Dot"}})
    assert await store.collections() == [NAME]


async def test_a_collection_not_made_by_us_is_refused(
    store: QdrantStore, qdrant: QdrantOnLoopback
) -> None:
    foreign = {"vectors": {"size": 4, "distance": "Dot"}}
    qdrant.answer("PUT", "/collections/forebay_foreign", foreign)
    with pytest.raises(Misconfigured, match="not made by Forebay"):
        await store.open_collection("foreign", SPACE)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NotFound), (401, Misconfigured), (403, Misconfigured), (429, Unavailable),
     (400, Unavailable), (500, Unavailable), (503, Unavailable)],
)  # fmt: skip
async def test_a_status_becomes_an_error_of_ours(
    store: QdrantStore, qdrant: QdrantOnLoopback, status: int, error: type[Exception]
) -> None:
    qdrant.fails_with = status
    with pytest.raises(error):
        await store.query(TENANT, NAME, HYBRID)


@pytest.mark.parametrize("grpc", [False, True], ids=["http", "grpc"])
async def test_a_server_that_is_not_there_is_unavailable(grpc: bool) -> None:
    with socket.socket() as taken:  # bound but not listening: nobody answers
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        store = QdrantStore.open(QdrantConfig(url, grpc=grpc, timeout=2))
        with pytest.raises(Unavailable, match="FOREBAY_QDRANT__URL"):
            await asyncio.wait_for(store.collections(), 10)
        await store.close()


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(QdrantConfig("http://localhost", api_key="secret"))


def test_a_filter_means_the_same_over_grpc() -> None:
    where = (Equals("a", "x"), AnyOf("b c", ("1", "2")), Range("d", gt=1.5), Exists("e"))
    wanted = server_filter(TENANT, where, other_than=["0d2c6a5e-9f57-5a0e-8a56-0e1b1f0f7a11"])
    arrived = GrpcToRest.convert_filter(RestToGrpc.convert_filter(wanted))
    assert (arrived.must, arrived.must_not) == (wanted.must, wanted.must_not)
