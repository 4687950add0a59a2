"""On a real Ray cluster of two nodes: the same results as without one, whatever happens to it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from domain.errors import ParseFailed, Unavailable
from domain.ports import Embedder
from gateway.tokens import Tokens
from ingest.draft import Parsed
from ingest.pool import Parser, open_pool
from ingest.source import Source
from tests.cluster.nodes import RayNodes, needs_ray, ray_nodes
from wiring.cluster import LOCAL, RayEngine
from wiring.cluster.crew import Patience
from wiring.models import open_embedder
from wiring.settings import Settings

if TYPE_CHECKING:
    from domain.vectors import Vector

pytestmark = needs_ray

SETTINGS = Settings()
WORDS = "A turbine needs water that is kept ready above it in a still and wide basin."
DOCUMENTS = [
    Source(f"{n}.{kind}", f"{mark} Page {n}\n\n{WORDS[: n * 2]} number {n}.\n".encode())
    for n in range(50)
    for kind, mark in (("md", "#"), ("txt", "-"))
]
TEXTS = [document.data.decode() for document in DOCUMENTS]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayNodes]:
    """Two nodes, on which a PDF kills the process that reads it."""
    deadly = tmp_path_factory.mktemp("deadly")
    kill = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    (deadly / "pypdfium2.py").write_text(kill, "utf-8")
    path = os.pathsep.join([os.environ["PYTHONPATH"], str(deadly)])
    # before the real one: what is on PYTHONPATH is found first
    with ray_nodes(2, PYTHONPATH=path) as started:
        yield started


@pytest.fixture
async def home() -> AsyncIterator[Embedder]:
    async with open_embedder(SETTINGS, Tokens(Path())) as embedder:
        yield embedder


@dataclass(frozen=True)
class Cluster:
    parser: Parser
    embedder: Embedder


@asynccontextmanager
async def cluster_of(
    address: str, home: Embedder, workers: int, patience: Patience | None = None
) -> AsyncIterator[Cluster]:
    """When so many workers are there."""
    engine = RayEngine(SETTINGS, address, home, patience)
    async with engine.open_parser() as parser:
        await parser.parse(DOCUMENTS[0])
        cluster = Cluster(parser, engine.embedder)
        await until_there_are(workers, cluster)
        yield cluster


async def until_there_are(workers: int, cluster: Cluster) -> None:
    async with asyncio.timeout(40):
        while cluster.embedder.batch != 32 * workers:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)


async def parsed(cluster: Cluster) -> Sequence[Parsed]:
    return await asyncio.gather(*map(cluster.parser.parse, DOCUMENTS))


async def parsed_here() -> Sequence[Parsed]:
    async with open_pool(2) as pool:
        return await asyncio.gather(*map(pool.parse, DOCUMENTS))


def same(some: "Sequence[Vector]", others: "Sequence[Vector]") -> bool:
    return np.stack(some).tobytes() == np.stack(others).tobytes()


async def test_documents_and_vectors_are_those_of_a_run_without_a_cluster(
    nodes: RayNodes, home: Embedder
) -> None:
    async with cluster_of(nodes.address, home, 2) as cluster:
        assert await parsed(cluster) == await parsed_here()
        vectors = await cluster.embedder.embed_documents(TEXTS)
    assert same(vectors, await home.embed_documents(TEXTS))


async def test_a_file_that_kills_its_parser_fails_alone(nodes: RayNodes, home: Embedder) -> None:
    async with cluster_of(nodes.address, home, 2) as cluster:
        deadly = Source("deadly.pdf", b"%PDF-1.7 \n")
        results = await asyncio.gather(
            *(cluster.parser.parse(one) for one in [deadly, *DOCUMENTS[:20]]),
            return_exceptions=True,
        )
    assert isinstance(results[0], ParseFailed)
    assert "SIGKILL" in str(results[0])
    assert not any(isinstance(result, BaseException) for result in results[1:])


async def test_a_document_that_cannot_be_read_says_why(nodes: RayNodes, home: Embedder) -> None:
    async with cluster_of(nodes.address, home, 2) as cluster:
        with pytest.raises(ParseFailed, match="empty") as failed:
            await cluster.parser.parse(Source("a.md", b""))
    assert failed.value.kind == "empty"


async def test_a_node_that_dies_costs_nothing_and_one_that_joins_is_used(home: Embedder) -> None:
    over = asyncio.Event()

    async def parse_on() -> None:
        expected = await parsed_here()
        while not over.is_set():
            assert await parsed(cluster) == expected

    async def embed_on() -> None:
        expected = await home.embed_documents(TEXTS)
        while not over.is_set():
            assert same(await cluster.embedder.embed_documents(TEXTS), expected)

    with ray_nodes(2) as nodes:
        async with (
            asyncio.timeout(300),
            cluster_of(nodes.address, home, 2) as cluster,
            asyncio.TaskGroup() as under_way,
        ):
            under_way.create_task(parse_on())
            under_way.create_task(embed_on())
            await asyncio.sleep(0.5)
            nodes.kill()
            await until_there_are(1, cluster)
            nodes.add()
            await until_there_are(2, cluster)
            over.set()


async def test_a_cluster_that_goes_away_is_said_to_have_gone(home: Embedder) -> None:
    with ray_nodes(2) as nodes:
        async with cluster_of(nodes.address, home, 2, Patience(silence=5)) as cluster:
            nodes.kill_all()
            with pytest.raises(Unavailable, match="has not answered for 5 s"):
                await cluster.embedder.embed_documents(TEXTS)


async def test_a_ray_of_this_machine_serves_one_ingestion_after_another(home: Embedder) -> None:
    engine = RayEngine(SETTINGS, LOCAL, home)
    for _ in range(2):
        async with engine.open_parser() as parser:
            assert (await parser.parse(DOCUMENTS[0])).title == "Page 0"
