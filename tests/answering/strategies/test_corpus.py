"""The usual strategy: what is pinned stands once, and old turns go in blocks."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from answering.pinned import Prefixes
from answering.strategies.corpus import recent
from domain.documents import Chunk
from domain.filters import Equals
from domain.records import Turn
from tests.answering.strategies.place import AT, Place

PASSAGES = ("The road leads north. ", "The harbour opens at six. ", "The mill is closed. ")


async def pinned(place: Place, *chunks: Chunk) -> None:
    async def of(tenant: str, collection: str) -> Sequence[Chunk]:
        del tenant, collection
        return chunks

    place.services = replace(place.services, prefixes=Prefixes(pinned=of))


async def hold(place: Place) -> list[Chunk]:
    return [(await place.hold(f"{n}.md", text))[0] for n, text in enumerate(PASSAGES)]


async def test_a_pinned_passage_stands_before_the_question_and_is_not_shown_again(
    place: Place,
) -> None:
    road, *_ = await hold(place)
    await pinned(place, road)
    answer = await place.ask("Does the road lead north?")
    assert answer.pinned == (road.id,)
    assert road.id not in {hit.chunk.id for hit in answer.shown}
    assert sum(text.count("The road leads north.") for text in place.sent()) == 1


async def test_the_answer_says_that_what_was_found_is_pinned(place: Place) -> None:
    road, *_ = await hold(place)
    await pinned(place, road)
    answer = await place.ask("Does the road lead north?")
    assert [d.reason for d in answer.dropped if d.hit.chunk == road] == ["pinned: it is [1]"]


async def test_a_pinned_passage_is_cited_by_its_own_number(place: Place) -> None:
    road, *_ = await hold(place)
    await pinned(place, road)
    place.provider.say("It leads north [1]. The harbour opens at six [2].")
    answer = await place.ask("Does the road lead north, and is the harbour open?")
    by_label = {citation.label: citation for citation in answer.citations}
    assert (by_label[1].document_id, by_label[1].collection) == (road.document_id, "handbook")
    assert by_label[2].document_id == answer.shown[0].chunk.document_id


async def test_what_is_pinned_takes_the_place_that_it_would_have_had(place: Place) -> None:
    road, *_ = await hold(place)
    await pinned(place, road)
    answer = await place.ask("Does the road lead north?", limit=2)
    assert len(answer.shown) == 1


async def test_where_all_places_are_taken_only_the_question_stands_behind(place: Place) -> None:
    road, *_ = await hold(place)
    await pinned(place, road)
    await place.ask("Does the road lead north?", limit=1)
    assert place.sent()[-1] == "Question: Does the road lead north?"


async def test_a_filter_keeps_out_what_is_pinned_as_well(place: Place) -> None:
    road, harbour, _ = await hold(place)
    await pinned(place, road, harbour)
    answer = await place.ask("Which?", where=(Equals("source", "1.md"),))
    assert answer.pinned == (harbour.id,)


async def test_the_prefix_is_made_once(place: Place) -> None:
    road, *_ = await hold(place)
    await pinned(place, road)
    prefixes = place.services.prefixes
    first = await prefixes.of("answer/v1", "acme", "handbook")
    assert await prefixes.of("answer/v1", "acme", "handbook") is first


@pytest.mark.parametrize(
    ("turns", "kept"), [(9, 9), (10, 10), (11, 6), (12, 7), (15, 10), (16, 6), (101, 6)]
)
async def test_old_turns_go_in_blocks(place: Place, turns: int, kept: int) -> None:
    said = [Turn(f"{n}?", "", AT) for n in range(turns)]
    assert recent(said, place.services) == said[turns - kept :]


async def test_between_two_blocks_a_conversation_only_grows(place: Place) -> None:
    await hold(place)
    await place.said(11)
    texts = []
    for number in range(4):
        await place.ask(f"And {number}?", session="s")
        texts.append(place.sent()[:-1])
    for before, after in pairwise(texts):
        assert after[: len(before)] == before
