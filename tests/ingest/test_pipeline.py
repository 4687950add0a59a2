"""Ingesting brings a collection up to date, whatever happened before."""

import asyncio

import pytest

from domain.errors import (
    ModelRateLimited,
    Unavailable,
    VectorSpaceMismatch,
)
from ingest.draft import Parsed
from ingest.source import Source
from tests.ingest.doubles import (
    HashingEmbedder,
    InlineParser,
    MemoryDocuments,
    MemoryStore,
)
from tests.ingest.place import Place, counts


async def test_new_documents_are_added(place: Place) -> None:
    assert counts(await place.ingest()) == (2, 0, 0, 0)
    assert place.chunks("a.md")[0].chunk.text == "# A\n\none"


async def test_a_vector_belongs_to_the_passage_under_its_headings(place: Place) -> None:
    await place.ingest()
    one = place.chunks("a.md")[0]
    assert (one.vector == await place.embedder.embed_query(one.chunk.embedded_text)).all()


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


async def test_a_document_with_too_much_text_is_refused_with_the_setting(place: Place) -> None:
    place.put("b.md", "word " * 20_001)
    report = await place.ingest()
    assert counts(report) == (1, 0, 0, 1)
    assert "FOREBAY_INGEST__MAX_TEXT_MB" in report.failed[0].reason


async def test_a_document_that_has_become_bad_keeps_its_last_version(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "")
    await place.ingest()
    assert place.chunks("a.md")[0].chunk.text == "# A\n\none"


async def test_equal_content_is_embedded_once_and_there_under_every_name(place: Place) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        place.put(name, "The same words.")
    await place.ingest(place.folder)
    assert len(place.embedder.sent) == 3
    assert place.sources == ["a.md", "a.txt", "b.md", "b.txt", "c.txt"]


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
    assert (again.created_at, again.max_tokens) == (record.created_at, 48)


async def test_another_vector_space_is_refused_before_anything_is_embedded(place: Place) -> None:
    await place.ingest()
    place.embedder = HashingEmbedder("another")
    with pytest.raises(VectorSpaceMismatch):
        await place.ingest()
    assert place.embedder.sent == []


async def test_a_rebuild_takes_another_vector_space(place: Place) -> None:
    await place.ingest()
    place.embedder = HashingEmbedder("another")
    assert counts(await place.ingest(rebuild=True)) == (0, 2, 0, 0)


async def test_a_store_that_was_lost_is_filled_again(place: Place) -> None:
    await place.ingest()
    place.store = MemoryStore()
    assert counts(await place.ingest()) == (2, 0, 0, 0)


async def test_after_an_interruption_only_the_rest_is_done(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "# A\n\nnew")
    place.put("b.md", "# B\n\nnew")
    place.embedder.batch = 1
    place.store.fails = [None, Unavailable("The disk is full.")]
    with pytest.raises(Unavailable):
        await place.ingest()
    assert counts(await place.ingest()) == (1, 0, 1, 0)
    assert len(place.embedder.sent) == 4


async def test_a_store_that_is_away_is_waited_for(place: Place) -> None:
    place.store.fails = [Unavailable("away", transient=True)] * 3
    assert counts(await place.ingest()) == (2, 0, 0, 0)
    assert "away" in {progress.waiting for progress in place.progress}
    assert place.progress[-1].waiting == ""


async def test_a_busy_embedder_is_waited_for(place: Place) -> None:
    place.embedder.fails = [ModelRateLimited("busy")] * 3
    assert counts(await place.ingest()) == (2, 0, 0, 0)


async def test_a_file_that_goes_back_after_a_crash_is_written_again(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "# A\n\nnew")
    place.store.fails = [Unavailable("crash")]
    with pytest.raises(Unavailable):
        await place.ingest()
    place.put("a.md", "# A\n\none")
    assert counts(await place.ingest())[2] == 1


async def test_an_embedding_in_the_cache_is_not_made_again(place: Place) -> None:
    await place.ingest()
    place.store, place.documents = MemoryStore(), MemoryDocuments()
    report = await place.ingest()
    assert (report.embedded, report.chunks, len(place.embedder.sent)) == (0, 2, 2)


async def test_a_collection_stays_chunked_as_it_was(place: Place) -> None:
    await place.ingest(max_tokens=48)
    assert counts(await place.ingest(max_tokens=None)) == (0, 0, 2, 0)


async def test_many_documents_of_any_size_all_arrive(place: Place) -> None:
    for n in range(150):
        place.put(f"{n}.txt", f"Text {n}. " * (1 + 40 * (n % 7)))
    report = await place.ingest()
    assert report.count("added") == 152
    written = {some[0].chunk.source: len(some) for some in place.store.documents.values()}
    assert sum(written.values()) == report.chunks
    assert len(written) == 152


async def test_the_sample_does_not_depend_on_who_is_ready_first(place: Place) -> None:
    class Uneven(InlineParser):
        async def parse(self, source: Source) -> Parsed:
            await asyncio.sleep(0.03 if source.name < "b" else 0)
            return await super().parse(source)

    for n in range(300):
        place.put(f"{n:03}.txt", f"Text {n}.")
    place.parser = Uneven()
    await place.ingest()
    first = place.store.samples["c"]
    assert [chunk.title for chunk in first] == [f"{n:03}" for n in range(len(first))]


async def test_progress_ends_with_all_documents_done(place: Place) -> None:
    await place.ingest()
    last = place.progress[-1]
    assert (last.done, last.total, last.chunks) == (2, 2, 2)


async def test_the_report_says_where_the_time_went(place: Place) -> None:
    report = await place.ingest()
    assert {time.stage for time in report.times} == {"read", "parse", "chunk", "embed", "store"}
