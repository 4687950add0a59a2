"""A rebuild makes everything anew and changes nothing until it is done."""

import pytest

from domain.errors import (
    InvalidInput,
    Unavailable,
)
from tests.ingest.doubles import (
    HashingEmbedder,
    MemoryDocuments,
)
from tests.ingest.place import Place, counts


async def test_a_rebuild_leaves_documents_of_others_as_they_are(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "z.md").write_text("# Z")
    await place.ingest(tenant="other")
    await place.ingest(elsewhere)
    await place.ingest()
    place.embedder = HashingEmbedder("another")
    report = await place.ingest(rebuild=True)
    assert counts(report) == (0, 2, 0, 0)
    assert place.sources == ["a.md", "a.md", "b.md", "b.md", "z.md"]
    theirs = place.chunks("a.md", "other")[0]
    assert (theirs.vector == await place.embedder.embed_query(theirs.chunk.embedded_text)).all()
    assert list(place.store.spaces) == ["c"]
    assert {record.collection for record in place.documents.records.values()} == {"c"}
    assert list(place.collections.records) == ["c"]


async def test_a_rebuild_drops_what_is_no_longer_found(place: Place) -> None:
    await place.ingest()
    (place.folder / "a.md").unlink()
    report = await place.ingest(rebuild=True)
    assert (report.count("removed"), place.sources) == (1, ["b.md"])


async def test_a_rebuild_keeps_the_last_version_of_what_cannot_be_read(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "")
    await place.ingest(rebuild=True)
    assert place.chunks("a.md")[0].chunk.text == "# A\n\none"


async def test_an_interrupted_rebuild_goes_on_and_changes_nothing_until_it_is_done(
    place: Place,
) -> None:
    await place.ingest()
    place.put("a.md", "# A\n\nnew")
    place.embedder.batch = 1
    place.store.fails = [Unavailable("The disk is full.")]
    with pytest.raises(Unavailable):
        await place.ingest(rebuild=True)
    assert place.chunks("a.md")[0].chunk.text == "# A\n\none"
    await place.ingest(rebuild=True)
    assert place.chunks("a.md")[0].chunk.text == "# A\n\nnew"


async def test_a_rebuild_of_nothing_throws_nothing_away(place: Place) -> None:
    await place.ingest()
    place.folder = place.folder / "nowhere"
    with pytest.raises(InvalidInput):
        await place.ingest(rebuild=True)
    assert place.chunks("a.md")


async def test_a_rebuild_that_died_amid_the_swap_loses_nothing_of_others(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    class Dying(MemoryDocuments):
        async def swap(self, collection: str, other: str) -> None:
            raise Unavailable("killed")

    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "z.md").write_text("# Z")
    await place.ingest(elsewhere)
    await place.ingest()
    dying = Dying()
    dying.records, place.documents = place.documents.records, dying
    with pytest.raises(Unavailable):
        await place.ingest(rebuild=True)
    place.documents = MemoryDocuments()
    place.documents.records = dying.records
    await place.ingest(rebuild=True)
    assert place.sources == ["a.md", "b.md", "z.md"]
