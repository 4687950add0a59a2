"""Hits that touch become one passage, and what stands around them joins them."""

from collections.abc import Sequence
from typing import Any

from domain.documents import Chunk, Link
from domain.hits import Hit
from domain.ids import chunk_id
from retrieval.expand import Passage, around, joined, whole, with_neighbours, with_section
from tests.ingest.tokens import Words
from tests.retrieval.select_texts import Reader, hit, row

SENTENCES = ["One.", "Two.", "Three.", "Four.", "Five."]


def passage(only: Hit) -> Passage:
    return Passage(only, (only.chunk,))


def texts(passages: Sequence[Passage]) -> list[str]:
    return [whole(one, Words()).chunk.text for one in passages]


async def with_near(chunks: Sequence[Chunk], at: int, count: int, **parts: Any) -> str:
    only = hit(chunks[at])
    near = await around([only], count, Reader(chunks))
    grown = with_neighbours(passage(only), near, count, **{"room": 100, **parts})
    return whole(grown, Words()).chunk.text


async def with_all(chunks: Sequence[Chunk], at: int, reach: int) -> Passage | None:
    only = hit(chunks[at])
    return with_section(passage(only), await around([only], reach, Reader(chunks)))


def test_hits_side_by_side_are_one_passage() -> None:
    _, two, three, *_ = map(hit, row(SENTENCES))
    assert texts(joined([passage(three), passage(two)])) == ["Two. Three."]


def test_the_best_hit_gives_its_name_and_its_place_among_the_others() -> None:
    one, two, _, four, _ = map(hit, row(SENTENCES))
    passages = joined([passage(two), passage(four), passage(one)])
    assert [whole(p, Words()).chunk.id for p in passages] == [two.chunk.id, four.chunk.id]


def test_hits_of_two_documents_stay_apart() -> None:
    one, other = row(["One."], document="a"), row(["One.", "Two."], document="b")
    assert len(joined([passage(hit(one[0])), passage(hit(other[1]))])) == 2


def test_hits_of_two_versions_stay_apart() -> None:
    one, other = row(["One.", "Two."]), row(["One.", "Zwei."], version="w")
    assert len(joined([passage(hit(one[0])), passage(hit(other[1]))])) == 2


def test_hits_of_two_sections_stay_apart() -> None:
    one, two = map(hit, row(["One.", "Two."], headings=[("A",), ("B",)]))
    assert len(joined([passage(one), passage(two)])) == 2


def test_sections_are_joined_across_when_asked() -> None:
    paths = [("A", "B"), ("A", "C")]
    one, two = map(hit, row(["One.", "Two."], headings=paths))
    (found,) = joined([passage(one), passage(two)], across=True)
    assert whole(found, Words()).chunk.headings == ("A",)


def test_what_overlaps_is_said_once() -> None:
    chunks = row(["One. Two.", "Two. Three."], starts=[0, 5])
    assert texts(joined([passage(hit(chunk)) for chunk in chunks])) == ["One. Two. Three."]


def test_a_passage_begins_where_its_first_chunk_does() -> None:
    (found,) = joined([passage(hit(chunk)) for chunk in row(SENTENCES)[2:0:-1]])
    chunk = whole(found, Words()).chunk
    assert (chunk.start, chunk.end, chunk.gap) == (5, 16, " ")


def test_a_passage_counts_its_tokens() -> None:
    (found,) = joined([passage(hit(chunk)) for chunk in row(SENTENCES)])
    assert whole(found, Words()).chunk.tokens == 10


def test_a_passage_says_how_many_chunks_joined_it() -> None:
    (found,) = joined([passage(hit(chunk)) for chunk in row(SENTENCES)])
    assert whole(found, Words()).expanded == 4


def test_a_passage_has_the_links_of_all_once() -> None:
    links = [Link(0, 4, "a"), Link(5, 8, "b")]
    chunks = row(["One. Two.", "Two. Three."], starts=[0, 5], links=[links, links[1:]])
    (found,) = joined([passage(hit(chunk)) for chunk in chunks])
    assert whole(found, Words()).chunk.links == tuple(links)


def test_a_hit_alone_stays_as_it_is() -> None:
    only = hit(row(SENTENCES)[1])
    assert whole(passage(only), Words()) is only


async def test_neighbours_are_read_in_one_call() -> None:
    chunks = row(SENTENCES)
    reader = Reader(chunks)
    await around([hit(chunks[0]), hit(chunks[3])], 1, reader)
    assert reader.calls == [[chunk_id("d", "v", position) for position in (1, 2, 4)]]


async def test_nothing_is_read_where_nothing_is_asked() -> None:
    reader = Reader(row(SENTENCES))
    await around([hit(row(SENTENCES)[0])], 0, reader)
    assert reader.calls == []


async def test_neighbours_stand_before_and_behind() -> None:
    assert await with_near(row(SENTENCES), 2, 1) == "Two. Three. Four."


async def test_a_document_begins_and_ends() -> None:
    assert await with_near(row(SENTENCES[:2]), 0, 3) == "One. Two."


async def test_a_neighbour_of_another_section_does_not_join() -> None:
    chunks = row(SENTENCES[:3], headings=[("A",), ("B",), ("B",)])
    assert await with_near(chunks, 1, 1) == "Two. Three."


async def test_a_neighbour_that_does_not_fit_ends_its_side() -> None:
    assert await with_near(row(SENTENCES), 2, 2, room=6) == "Two. Three. Four."


async def test_a_neighbour_that_is_shown_already_needs_no_room() -> None:
    chunks = row(SENTENCES)
    taken = [("d", "v", 3)]
    assert await with_near(chunks, 2, 1, room=0, taken=taken) == "Three. Four."


async def test_a_section_is_joined_to_its_ends() -> None:
    paths = [("A",), ("B",), ("B",), ("B",), ("C",)]
    found = await with_all(row(SENTENCES, headings=paths), 2, 3)
    assert found is not None
    assert texts([found]) == ["Two. Three. Four."]


async def test_a_section_that_goes_on_out_of_sight_is_not_whole() -> None:
    assert await with_all(row(SENTENCES), 1, 2) is None


async def test_a_chunk_whose_gap_is_not_known_does_not_join() -> None:
    chunks = row(["One.", "Two."], starts=[0, 90])
    assert await with_near(chunks, 0, 1) == "One."
