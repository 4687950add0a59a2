"""What is gone, moved or to be removed: a collection follows its folders, and no further."""

import pytest

from domain.errors import (
    CostNotAccepted,
    InvalidInput,
    NotFound,
)
from domain.filters import Equals
from domain.ids import document_id
from domain.ingestion import UPLOAD
from ingest.remove import Which
from tests.ingest.place import Place, counts


async def test_what_is_gone_stays_without_prune(place: Place) -> None:
    await place.ingest()
    (place.folder / "a.md").unlink()
    assert (await place.ingest()).count("removed") == 0
    assert place.sources == ["a.md", "b.md"]


async def test_pruning_removes_what_is_gone_and_says_what(place: Place) -> None:
    await place.ingest()
    (place.folder / "a.md").unlink()
    report = await place.ingest(prune=True)
    assert [o.source for o in report.outcomes if o.state == "removed"] == ["a.md"]
    assert place.sources == ["b.md"]
    assert [record.source for record in await place.documents.all("t")] == ["b.md"]


async def test_pruning_leaves_alone_what_came_from_elsewhere(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "z.md").write_text("# Z")
    await place.ingest(elsewhere)
    await place.ingest(prune=True)
    await place.ingest(elsewhere / "z.md", root=UPLOAD, adopt=True)
    await place.ingest(prune=True)
    assert place.sources == ["a.md", "b.md", "z.md"]


async def test_pruning_does_not_believe_an_empty_folder(place: Place) -> None:
    await place.ingest()
    for name in ("a.md", "b.md"):
        (place.folder / name).unlink()
    with pytest.raises(InvalidInput, match=r"all 2 documents.*mounted"):
        await place.ingest(prune=True)
    assert place.sources == ["a.md", "b.md"]


async def test_pruning_one_file_removes_it(place: Place) -> None:
    await place.ingest()
    (place.folder / "a.md").unlink()
    await place.ingest(place.folder / "a.md", prune=True)
    assert place.sources == ["b.md"]


async def test_pruning_keeps_what_cannot_be_read(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "")
    assert (await place.ingest(prune=True)).count("removed") == 0
    assert place.sources == ["a.md", "b.md"]


async def test_pruning_a_corpus_keeps_records_when_a_line_is_broken(place: Place) -> None:
    lines = ['{"_id": "1", "text": "one"}', '{"_id": "2", "text": "two"}']
    place.put("corpus.jsonl", "\n".join(lines))
    await place.ingest(place.folder / "corpus.jsonl")
    place.put("corpus.jsonl", lines[0] + "\n{")
    await place.ingest(place.folder / "corpus.jsonl", prune=True)
    assert place.sources == ["1", "2"]


async def test_a_dry_run_says_what_would_be_and_changes_nothing(place: Place) -> None:
    await place.ingest()
    place.put("a.md", "# A\n\nnew")
    place.put("c.md", "# C")
    (place.folder / "b.md").unlink()
    before = dict(place.store.documents), dict(place.documents.records), len(place.embedder.sent)
    report = await place.ingest(dry_run=True, prune=True)
    assert {(o.source, o.state) for o in report.outcomes} == {
        ("a.md", "changed"), ("c.md", "added"), ("b.md", "removed"),
    }  # fmt: skip
    assert report.dry_run
    assert before == (
        dict(place.store.documents), dict(place.documents.records), len(place.embedder.sent),
    )  # fmt: skip


async def test_a_name_that_belongs_to_another_folder_is_not_taken_unasked(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.md").write_text("# Another")
    await place.ingest()
    report = await place.ingest(elsewhere)
    assert counts(report) == (0, 0, 0, 1)
    assert "--adopt" in report.failed[0].reason
    assert counts(await place.ingest(elsewhere, adopt=True)) == (0, 1, 0, 0)


async def test_a_folder_that_has_moved_is_recognised(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    await place.ingest()
    moved = place.folder.rename(tmp_path_factory.mktemp("elsewhere") / "moved")
    assert counts(await place.ingest(moved)) == (0, 0, 2, 0)
    (moved / "a.md").unlink()
    await place.ingest(moved, prune=True)
    assert place.sources == ["b.md"]


async def test_what_costs_more_than_allowed_is_asked_for_first(place: Place) -> None:
    place.embedder.price = 1_000_000
    with pytest.raises(CostNotAccepted, match=r"may cost up to \$\d"):
        await place.ingest()
    assert place.embedder.sent == []
    report = await place.ingest(accept_cost=True)
    assert report.cost_microdollars == place.embedder.cost_microdollars(report.tokens) > 0


@pytest.mark.parametrize(
    "which",
    [Which(sources=["a.md"]), Which(ids=[document_id("t", "c", "a.md")]),
     Which(where=(Equals("document_id", document_id("t", "c", "a.md")),))],
    ids=["source", "id", "filter"],
)  # fmt: skip
async def test_documents_are_removed_by_what_names_them(place: Place, which: Which) -> None:
    await place.ingest()
    await place.ingest(tenant="other")
    report = await place.remove(which)
    assert [(o.source, o.state) for o in report.outcomes] == [("a.md", "removed")]
    assert place.sources == ["a.md", "b.md", "b.md"]


async def test_removing_everything_is_of_one_tenant(place: Place) -> None:
    await place.ingest()
    await place.ingest(tenant="other")
    await place.remove(Which(everything=True))
    assert {key[0] for key in place.store.documents} == {"other"}


async def test_removing_what_is_not_there_says_so(place: Place) -> None:
    await place.ingest()
    with pytest.raises(NotFound, match=r"'z\.md'"):
        await place.remove(Which(sources=["a.md", "z.md"]))
