"""Which worker does what as nodes come, go and fail; with workers that are no processes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from domain.errors import Misconfigured, ParseFailed, Unavailable
from ingest.source import Source
from tests.cluster.scripted import OWN, ScriptedNodes, lost, node
from wiring.cluster.crew import Crew, Patience, open_crew
from wiring.cluster.engine import RayParser
from wiring.cluster.join import Lost, Node

QUICK = Patience(look=0.01, silence=0.2, idle=0.2, pauses=(0, 0, 0))
OLD = replace(OWN, version="0.0.1")


@asynccontextmanager
async def crew_of(cluster: ScriptedNodes, patience: Patience = QUICK) -> AsyncIterator[Crew]:
    async with open_crew(cluster, OWN, None, patience) as crew:
        yield crew


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is awaited tells nobody
            await asyncio.sleep(0.005)


async def test_there_is_a_worker_for_each_core() -> None:
    async with crew_of(ScriptedNodes(node("a", 2), node("b", 3), node("head", 0))) as crew:
        await until(lambda: crew.size == 5)


async def test_a_node_that_joins_brings_its_workers() -> None:
    cluster = ScriptedNodes(node("a"))
    async with crew_of(cluster) as crew:
        await until(lambda: crew.size == 1)
        cluster.alive = [node("a"), node("b", 2)]
        await until(lambda: crew.size == 3)


async def test_a_node_that_leaves_takes_its_workers_along() -> None:
    cluster = ScriptedNodes(node("a"), node("b", 2))
    async with crew_of(cluster) as crew:
        await until(lambda: crew.size == 3)
        cluster.alive = [node("a")]
        await until(lambda: crew.size == 1)


async def test_no_worker_is_left_in_the_end() -> None:
    cluster = ScriptedNodes(node("a", 2))
    async with crew_of(cluster) as crew:
        await until(lambda: crew.size == 2)
    assert cluster.members == set()


async def test_a_worker_does_one_thing_of_a_kind_at_a_time() -> None:
    cluster = ScriptedNodes(node("a"), node("b"))
    async with crew_of(cluster) as crew:
        await asyncio.gather(*(crew.do("parse", n) for n in range(20)))
    assert (cluster.most_at_once, len(cluster.done)) == (1, 20)


async def test_a_worker_parses_and_embeds_at_the_same_time() -> None:
    cluster, met = ScriptedNodes(node("a")), asyncio.Barrier(2)
    cluster.does["a"] = lambda _: met.wait()
    async with crew_of(cluster) as crew, asyncio.timeout(5):
        await asyncio.gather(crew.do("parse", b""), crew.do("embed", []))


async def test_what_a_lost_worker_did_is_done_on_another_node() -> None:
    cluster = ScriptedNodes(node("a"), node("b"))
    cluster.does["a"] = lost
    async with crew_of(cluster) as crew:
        await until(lambda: crew.size == 2)
        answers = await asyncio.gather(*(crew.do("parse", n) for n in range(10)))
    assert answers == list(range(10))
    assert {where for _, where in cluster.done} == {"b"}


async def test_what_a_lost_node_never_answers_is_done_on_another() -> None:
    cluster = ScriptedNodes(node("a"), node("b"))
    cluster.does["a"] = lambda _: asyncio.Event().wait()
    async with crew_of(cluster) as crew, asyncio.timeout(5):
        await until(lambda: crew.size == 2)
        parsing = [asyncio.create_task(crew.do("parse", n)) for n in range(2)]
        await until(lambda: len(cluster.done) == 1)
        cluster.alive = [node("b")]
        assert await asyncio.gather(*parsing) == [0, 1]


async def test_a_lost_worker_is_replaced() -> None:
    cluster = ScriptedNodes(node("a"))
    cluster.does["a"] = lost
    async with crew_of(cluster) as crew:
        with pytest.raises(Lost):
            await crew.do("parse", b"")
        del cluster.does["a"]
        assert await crew.do("parse", b"x") == b"x"


async def test_a_document_that_costs_one_worker_after_another_fails_alone() -> None:
    cluster = ScriptedNodes(node("a"), node("b"))
    cluster.does = {"a": lost, "b": lost}
    async with crew_of(cluster) as crew:
        with pytest.raises(ParseFailed, match="Several workers in a row were lost"):
            await RayParser(crew).parse(Source("a.txt", b"text"))


async def test_a_node_with_another_version_is_left_out_and_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cluster = ScriptedNodes(node("a"), node("10.0.0.7"))
    cluster.says["10.0.0.7"] = OLD
    with caplog.at_level(logging.WARNING, "forebay.cluster"):
        async with crew_of(cluster) as crew:
            await until(lambda: crew.size == 1)
            await asyncio.gather(*(crew.do("parse", n) for n in range(10)))
    assert {where for _, where in cluster.done} == {"a"}
    assert "Node 10.0.0.7 is left out: it runs Forebay 0.0.1" in caplog.text


async def test_a_cluster_of_another_version_is_refused() -> None:
    cluster = ScriptedNodes(node("head", 0), node("a"), node("b"))
    cluster.says = {"a": OLD, "b": OLD}
    async with crew_of(cluster) as crew:
        with pytest.raises(Misconfigured, match="Install the same version on both"):
            await crew.do("parse", b"")


async def test_a_cluster_without_forebay_is_refused() -> None:
    cluster = ScriptedNodes(node("a"))
    cluster.does_not_start = {"a"}
    async with crew_of(cluster) as crew:
        with pytest.raises(Misconfigured, match="No module named 'wiring'"):
            await crew.do("parse", b"")


async def test_a_node_that_comes_back_with_the_right_version_is_taken_on() -> None:
    cluster = ScriptedNodes(node("a"), node("b"))
    cluster.says["b"] = OLD
    async with crew_of(cluster) as crew:
        await until(lambda: crew.size == 1)
        cluster.alive = [node("a")]
        await asyncio.sleep(0.05)
        cluster.alive, cluster.says = [node("a"), node("b")], {}
        await until(lambda: crew.size == 2)


async def test_a_cluster_that_goes_silent_ends_what_is_under_way() -> None:
    cluster = ScriptedNodes(node("a"))
    cluster.does["a"] = lambda _: asyncio.Event().wait()
    async with crew_of(cluster) as crew:
        parsing = asyncio.create_task(crew.do("parse", b""))
        await until(lambda: crew.size == 1)
        cluster.alive = None
        with pytest.raises(Unavailable, match="has not answered for 0 s"):
            await parsing


async def test_a_silence_that_ends_is_forgiven() -> None:
    cluster = ScriptedNodes(node("a"))
    async with crew_of(cluster) as crew:
        await until(lambda: crew.size == 1)
        for _ in range(3):
            nodes, cluster.alive = cluster.alive, None
            await asyncio.sleep(0.1)
            cluster.alive = nodes
            await asyncio.sleep(0.05)
        assert await crew.do("parse", b"x") == b"x"


@pytest.mark.parametrize("steps", range(6))
async def test_it_ends_when_it_is_told_to_just_as_the_cluster_answers(steps: int) -> None:
    cluster, asked = ScriptedNodes(node("a")), asyncio.Event()
    answering = asyncio.Event()

    async def nodes() -> list[Node]:
        asked.set()
        await answering.wait()
        return []

    cluster.nodes = nodes  # type: ignore[method-assign]
    crew = Crew(cluster, OWN, None, QUICK)
    following = asyncio.create_task(crew.follow())
    await asked.wait()
    answering.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait({following}, timeout=0.5)
    assert following.cancelled()


async def test_a_cluster_without_a_free_core_is_not_waited_for_forever() -> None:
    async with crew_of(ScriptedNodes(node("head", 0))) as crew:
        with pytest.raises(Unavailable, match="no free core"):
            await crew.do("parse", b"")
