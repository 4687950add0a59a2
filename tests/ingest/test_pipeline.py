"""Ingesting brings a collection up to date, whatever happened before."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.documents import EmbeddedChunk
from domain.errors import InvalidInput, Unavailable, VectorSpaceMismatch
from domain.ids import document_id
from domain.ingestion import IngestReport, Progress
from ingest.chunk import ChunkConfig
from ingest.pipeline import IngestServices, ingest
from tests.ingest.doubles import (
    HashingEmbedder,
    MemoryCollections,
    MemoryDocuments,
    MemoryStore,
)
from tests.ingest.tokens import Words


class Place:
    """A folder and everything around an ingestion."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemoryStore()
        self.embedder = HashingEmbedder()
        self.documents = MemoryDocuments()
        self.collections = MemoryCollections()
        self.progress: list[Progress] = []

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    async def ingest(
        self, *, tenant: str = "t", rebuild: bool = False, max_tokens: int = 64
    ) -> IngestReport:
        services = IngestServices(
            store=self.store,
            embedder=self.embedder,
            documents=self.documents,
            collections=self.collections,
            tokens=Words(),
        )
        return await ingest(
            [self.folder],
            tenant=tenant,
            collection="c",
            services=services,
            config=ChunkConfig(max_tokens),
            rebuild=rebuild,
            on_progress=self.progress.append,
        )

    def chunks(self, name: str, tenant: str = "t") -> Sequence[EmbeddedChunk]:
        return self.store.documents[tenant, "c", document_id(tenant, "c", name)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.put("a.md", "# A\n\none")
    place.put("b.md", "# B\n\ntwo")
    return place


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.failed)


async def test_new_documents_are_added(place: Place) -> None:
    assert counts(await place.ingest()) == (2, 0, 0, 0)
    assert place.chunks("a.md")[0].chunk.text == "# A\n\none"


async def test_a_vector_belongs_to_the_passage_under_its_headings(place: Place) -> None:
    await place.ingest()
    one = place.chunks("a.md")[0]
    assert (one.vector == await place.embedder.embed_query(one.chunk.indexed_text)).all()


async def test_what_has_not_changed_is_neither_embedded_nor_written(place: Place) -> None:
    await place.ingest()
    writes, sent = place.store.writes, len(place.embedder.sent)
    assert counts(await place.ingest()) == (0, 0, 2, 0)
    assert (place.store.writes, len(place.embedder.sent)) == (writes, sent)


async def test_a_changed_document_is_replaced_as_a_whole(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "# A\n\nthree")
    assert counts(await place.ingest()) == (0, 1, 1, 0)
    assert [one.chunk.text for one in place.chunks("a.md")] == ["# A\n\nthree"]


async def test_another_limit_reads_everything_anew(place: Place) -> None:
    await place.ingest()
    assert counts(await place.ingest(max_tokens=48)) == (0, 2, 0, 0)


async def test_a_bad_document_is_reported_and_the_run_goes_on(place: Place) -> None:
    place.put("aa.md", "")
    report = await place.ingest()
    assert counts(report) == (2, 0, 0, 1)
    assert [(f.source, f.reason) for f in report.failed] == [("aa.md", "It is empty.")]


async def test_a_document_that_has_become_bad_keeps_its_last_version(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "")
    await place.ingest()
    assert place.chunks("a.md")[0].chunk.text == "# A\n\none"


async def test_equal_texts_are_embedded_once(place: Place) -> None:
    place.put("a.md", "---\ntitle: Same\n---\ntext")
    place.put("b.md", "---\ntitle: Same\n---\ntext")
    await place.ingest()
    assert len(place.embedder.sent) == 1


async def test_a_new_collection_is_measured_on_its_texts(place: Place) -> None:
    await place.ingest()
    assert len(place.store.samples["c"]) == 2


async def test_a_long_corpus_is_written_before_all_of_it_is_read(place: Place) -> None:
    place.put("a.md", "\n\n".join(f"# {i}\n\n{'word ' * 40}" for i in range(300)))
    await place.ingest()
    assert 256 <= len(place.store.samples["c"]) < 302


async def test_the_collection_remembers_how_it_was_made(place: Place) -> None:
    await place.ingest()
    record = place.collections.records["c"]
    assert record.space == place.embedder.space
    await place.ingest(max_tokens=48)
    again = place.collections.records["c"]
    assert (again.created_at, again.pipeline != record.pipeline) == (record.created_at, True)


async def test_another_vector_space_is_refused_before_anything_is_embedded(place: Place) -> None:
    await place.ingest()
    place.embedder = HashingEmbedder("another")
    with pytest.raises(VectorSpaceMismatch):
        await place.ingest()
    assert place.embedder.sent == []


async def test_a_rebuild_takes_another_vector_space(place: Place) -> None:
    await place.ingest()
    place.embedder = HashingEmbedder("another")
    assert counts(await place.ingest(rebuild=True)) == (2, 0, 0, 0)


async def test_a_rebuild_would_not_throw_away_what_others_have(place: Place) -> None:
    await place.ingest(tenant="other")
    with pytest.raises(InvalidInput, match="1 other tenant"):
        await place.ingest(rebuild=True)
    assert place.chunks("a.md", "other")


async def test_a_rebuild_of_nothing_throws_nothing_away(place: Place) -> None:
    await place.ingest()
    place.folder = place.folder / "nowhere"
    with pytest.raises(InvalidInput):
        await place.ingest(rebuild=True)
    assert place.chunks("a.md")


async def test_a_store_that_was_lost_is_filled_again(place: Place) -> None:
    await place.ingest()
    place.store = MemoryStore()
    assert counts(await place.ingest()) == (2, 0, 0, 0)


class FullStore(MemoryStore):
    """Takes one document, and then no more."""

    async def replace(
        self, tenant: str, collection: str, document_id: str, chunks: Sequence[EmbeddedChunk]
    ) -> None:
        if self.writes:
            raise Unavailable("The disk is full.")
        await super().replace(tenant, collection, document_id, chunks)


async def test_after_an_interruption_only_the_rest_is_done(place: Place) -> None:
    full = FullStore()
    place.store = full
    with pytest.raises(Unavailable):
        await place.ingest()
    place.store = MemoryStore()
    place.store.__dict__ |= full.__dict__
    assert counts(await place.ingest()) == (1, 0, 1, 0)


async def test_progress_ends_with_all_documents_done(place: Place) -> None:
    await place.ingest()
    last = place.progress[-1]
    assert (last.done, last.total, last.chunks) == (2, 2, 2)


async def test_the_report_says_where_the_time_went(place: Place) -> None:
    report = await place.ingest()
    assert {time.stage for time in report.times} == {"read", "parse", "chunk", "embed", "store"}
