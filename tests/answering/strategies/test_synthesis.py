"""Many documents: read in parts, at a price that is known before, and cited through two steps."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from answering.ask import stream
from answering.question import Advance, AnswerConfig, ContextConfig, Retrieved
from answering.strategies.synthesis import packed
from domain.answers import NOT_FOUND, Answer
from domain.documents import Chunk
from domain.errors import CostNotAccepted, ModelUnreachable, NotFound
from domain.filters import Equals
from tests.answering.strategies.place import QUESTION, Place
from tests.provider.script import Reply
from tests.values import a_chunk

LONG = ["The mill grinds corn. " * 200] * 16  # 16,000 tokens


def priced(tier: str, tokens: int, output: int) -> int:
    return (tokens + 10 * output) * (1 if tier == "mini" else 10)


@pytest.fixture
async def land(place: Place) -> Place:
    await place.hold("a.md", "The road leads north.", "The road is closed in May.")
    await place.hold("b.md", "The harbour opens at six.")
    place.services = replace(place.services, priced=priced)
    return unasked(place, 10**9)


@pytest.fixture
async def wide(land: Place) -> Place:
    """What is too long for one part."""
    await land.hold("c.md", *LONG)
    await land.hold("d.md", *LONG)
    return land


def unasked(place: Place, microdollars: int) -> Place:
    context = ContextConfig(unasked_microdollars=microdollars)
    place.services = replace(place.services, config=AnswerConfig(context=context))
    return place


async def test_a_citation_survives_both_steps(land: Place) -> None:
    land.provider.say(
        "The harbour opens at six [3].\nThe road is closed in May [2].",
        "It is in May that it closes [2].",
    )
    answer = await land.ask("What is closed when?", strategy="synthesis")
    (citation,) = answer.citations
    assert (citation.source, citation.quote) == ("a.md", "The road is closed in May.")


async def test_notes_are_renumbered_as_they_come(land: Place) -> None:
    land.provider.say("Six [3].\nMay [2][3], 2024 [9].", "Yes.")
    answer = await land.ask(strategy="synthesis")
    assert "Six [1].\nMay [2] [1], 2024." in land.sent()[-1]
    assert [hit.chunk.text for hit in answer.shown] == [
        "The harbour opens at six.",
        "The road is closed in May.",
    ]


async def test_who_finds_nothing_notes_nothing(land: Place) -> None:
    land.provider.say("NOTHING", NOT_FOUND)
    answer = await land.ask(strategy="synthesis")
    assert "NOTHING" not in land.sent()[-1]
    assert not answer.found


async def test_a_stream_says_how_far_the_reading_is(wide: Place) -> None:
    question = replace(QUESTION, strategy="synthesis")
    async with aclosing(stream(question, wide.services)) as events:
        seen = [event async for event in events]
    steps = [(e.done, e.total) for e in seen if isinstance(e, Advance)]
    assert steps == [(0, 2), (1, 2), (2, 2)]
    after = seen[len(steps) :]
    assert isinstance(after[0], Retrieved)
    assert isinstance(after[-1], Answer)


async def test_nothing_is_asked_before_the_cost_is_accepted(wide: Place) -> None:
    unasked(wide, 1_000)
    with pytest.raises(CostNotAccepted, match=r"4 documents \(3\d,\d{3} tokens\) in 2 parts costs"):
        await wide.ask(strategy="synthesis")
    assert wide.provider.received == []


async def test_what_is_accepted_is_read(wide: Place) -> None:
    unasked(wide, 1_000)
    answer = await wide.ask(strategy="synthesis", accept_cost=True)
    assert answer.notes == ("35 passages read, in 2 parts.",)


async def test_a_filter_says_what_is_read(wide: Place) -> None:
    await wide.ask(strategy="synthesis", where=(Equals("source", "b.md"),))
    assert not any("mill" in text for number in (0, 1) for text in wide.sent(number))


async def test_no_document_is_an_error(place: Place) -> None:
    with pytest.raises(NotFound, match="has no documents"):
        await place.ask(strategy="synthesis")


async def test_a_part_that_cannot_be_read_is_named(wide: Place) -> None:
    wide.provider.answer(Reply(refusal=True))
    answer = await wide.ask(strategy="synthesis")
    assert answer.notes[1].startswith("1 of 2 parts could not be read: ")


async def test_when_no_part_can_be_read_there_is_no_answer(land: Place) -> None:
    land.provider.otherwise = Reply(refusal=True)
    with pytest.raises(ModelUnreachable, match="No part of the documents could be read"):
        await land.ask(strategy="synthesis")


async def test_a_second_question_reads_the_documents_from_the_cache(wide: Place) -> None:
    await wide.ask("When?", strategy="synthesis")
    wide.provider.received.clear()
    await wide.ask("Where?", strategy="synthesis")
    first = wide.provider.served[-2]
    assert first.cached > 0.9 * first.input


def test_a_document_is_not_divided_unless_it_is_too_long() -> None:
    def document(name: str, *tokens: int) -> list[Chunk]:
        return [
            a_chunk(id=f"{name}{n}", document_id=name, source=name, position=n, tokens=size)
            for n, size in enumerate(tokens)
        ]

    small, long = document("a", 9_000, 9_000), document("b", 9_000, 9_000)
    huge = document("c", 20_000, 20_000)
    parts = packed([*huge, *long, *small])
    assert [[chunk.id for chunk in part] for part in parts] == [
        ["a0", "a1"],
        ["b0", "b1"],
        ["c0"],
        ["c1"],
    ]
