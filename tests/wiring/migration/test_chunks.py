"""The server's collections are the embedded ones, whatever comes between."""

from pathlib import Path

import pytest

from domain.errors import Unavailable
from domain.filters import AnyOf, Equals, Range
from domain.hits import Convex, HybridQuery
from domain.ports import ChunkStore
from tests.wiring.migration.installation import (
    CHUNKS,
    COLLECTIONS,
    SPACE,
    TENANTS,
    Qdrant,
    embedded,
    migrated,
    passages,
    server,
    verified,
    wrong,
)
from wiring.migrate_stores import migrate, plan
from wiring.migrate_stores_tally import Step
from wiring.settings import Settings


async def answers(store: ChunkStore, query: HybridQuery) -> list[object]:
    return [
        [(hit.chunk, pytest.approx(hit.score, abs=1e-4)) for hit in hits]
        for name in COLLECTIONS
        for tenant in TENANTS
        if (hits := await store.query(tenant, name, query))
    ]


VECTOR = passages("someone", 1, sparse=False)[0].vector


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(HybridQuery(vector=VECTOR), id="dense"),
        pytest.param(HybridQuery(text="backup of a printer"), id="words"),
        pytest.param(HybridQuery(VECTOR, "backup", fusion=Convex(0.6)), id="both"),
        pytest.param(HybridQuery(VECTOR, "disk", sparse={1: 1.0, 7: 0.3}), id="learned-weights"),
        pytest.param(HybridQuery(VECTOR, where=(Range("year", gte=2003),)), id="range"),
        pytest.param(HybridQuery(VECTOR, where=(Equals("open", value=True),)), id="flag"),
        pytest.param(HybridQuery(VECTOR, where=(AnyOf("tags", ("a",)),)), id="tags"),
    ],
)
async def test_the_server_finds_what_the_embedded_store_finds(
    chunks: Settings, data: Path, qdrant: Qdrant, query: HybridQuery
) -> None:
    assert (await migrated(chunks)).same
    async with embedded(data) as old, server(qdrant) as new:
        found = await answers(new, query)
        assert len(found) == len(COLLECTIONS) * len(TENANTS)
        assert found == await answers(old, query)


async def test_the_server_holds_what_it_would_hold_by_ingestion(
    chunks: Settings, qdrant: Qdrant, data: Path
) -> None:
    await migrated(chunks)
    async with server(qdrant) as store:
        await store.upsert("acme", "handbook", passages("acme", CHUNKS, sparse=False))
    assert (await verified(chunks)).same


async def test_the_server_s_store_writes_on_in_a_collection_that_came(
    chunks: Settings, qdrant: Qdrant
) -> None:
    await migrated(chunks)
    async with server(qdrant) as store:
        await store.open_collection("handbook", SPACE)
        await store.replace("acme", "handbook", {"doc 0": []})
        assert await store.count("acme", "handbook") == CHUNKS - 5


async def test_fields_are_indexed_on_the_server(chunks: Settings, qdrant: Qdrant) -> None:
    await migrated(chunks)
    real = qdrant.real("handbook")
    made = qdrant.requests.count(f"PUT /collections/{real}/index")
    assert made == len(("tenant", "source", "document_id", "flags")) + len(
        ("year", "share", "open", "tags")
    )


async def test_a_collection_that_is_being_rebuilt_does_not_move(
    chunks: Settings, data: Path, qdrant: Qdrant
) -> None:
    async with embedded(data) as store:
        await store.open_collection("handbook~", SPACE)
    await migrated(chunks)
    assert qdrant.shown() == ["forebay_handbook", "forebay_notes"]


async def test_counts_and_checksums_are_of_all_tenants(chunks: Settings) -> None:
    (one, other) = (await migrated(chunks)).parts
    assert one.source == one.target
    assert one.source.count == len(TENANTS) * CHUNKS
    assert one.source.checksum != other.source.checksum


async def test_a_vector_that_differs_is_noticed(chunks: Settings, qdrant: Qdrant) -> None:
    await migrated(chunks)
    qdrant.spoil("notes")
    assert wrong(await verified(chunks)) == ["notes"]


async def test_a_chunk_too_many_is_noticed(chunks: Settings, qdrant: Qdrant) -> None:
    await migrated(chunks)
    async with server(qdrant) as store:
        await store.upsert("third", "handbook", passages("third", 1, sparse=False))
    assert wrong(await verified(chunks)) == ["handbook"]


async def test_before_a_migration_everything_differs(chunks: Settings) -> None:
    assert wrong(await verified(chunks)) == ["handbook", "notes"]


async def test_what_is_served_is_not_written_again(chunks: Settings, qdrant: Qdrant) -> None:
    await migrated(chunks)
    qdrant.spoil("notes")
    assert wrong(await migrated(chunks)) == ["notes"]


async def test_what_was_cut_short_goes_on_and_writes_nothing_twice(
    chunks: Settings, qdrant: Qdrant
) -> None:
    qdrant.fails_after = 13
    with pytest.raises(Unavailable):
        await migrated(chunks)
    assert qdrant.shown() == []
    qdrant.fails_after = None
    assert (await migrated(chunks)).same
    writes = [one for one in qdrant.requests if one.endswith("/points/batch")]
    assert len(writes) == len(COLLECTIONS)


async def test_a_source_that_changed_between_two_runs_is_what_counts(
    chunks: Settings, data: Path, qdrant: Qdrant
) -> None:
    qdrant.fails_after = 30
    with pytest.raises(Unavailable):
        await migrated(chunks)
    qdrant.fails_after = None
    async with embedded(data) as store:
        await store.delete("acme", "handbook", (Equals("source", "0.md"),))
        await store.upsert("acme", "handbook", passages("new", 3, sparse=False))
    outcome = await migrated(chunks)
    assert outcome.same
    assert outcome.parts[0].target.count == 2 * CHUNKS - 5 + 3


async def test_a_dry_run_says_how_much_there_is_and_makes_nothing(
    chunks: Settings, qdrant: Qdrant, data: Path
) -> None:
    planned = await plan(chunks, None)
    assert [(part.name, part.count) for part in planned.parts] == [("handbook", 80), ("notes", 80)]
    assert planned.chunks_size > 0
    assert not [one for one in qdrant.requests if not one.startswith("GET")]
    assert not (data / "migration.json").exists()


async def test_what_stays_behind_is_said(chunks: Settings) -> None:
    left = {one.name: one.why for one in (await migrated(chunks)).left}
    assert left == {"collections": "the chunks, as they were", "state.db": "the state: not moved"}


async def test_progress_ends_with_all_of_it(chunks: Settings) -> None:
    steps: list[Step] = []
    await migrate(chunks, None, steps.append)
    ends = {step.what: (step.done, step.total) for step in steps}
    assert set(ends) == {
        f"{doing} collection {name}" for doing in ("copying", "comparing") for name in COLLECTIONS
    }
    assert set(ends.values()) == {(80, 80)}
