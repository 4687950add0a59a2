"""The strategy that a question gets by itself: stated rules, the first that fits."""

from dataclasses import replace

import pytest

from answering.question import AnswerConfig, ContextConfig
from answering.strategies.auto import asks_for_all, named
from tests.answering.strategies.place import Place
from tests.values import a_chunk

ROAD = a_chunk(document_id="1", source="guides/road-guide.md", title="The northern road")
LEAVE = a_chunk(document_id="2", source="leave.md", title="Leave")


async def strategy(place: Place, text: str, **parts: object) -> str:
    return (await place.ask(text, strategy="auto", **parts)).strategy


@pytest.fixture
async def land(place: Place) -> Place:
    await place.hold("road-guide.md", "The road leads north.")
    await place.hold("harbour.md", "The harbour opens at six.")
    return place


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("What do all  documents say about leave?", "en", True),
        ("What do they all say?", "en", False),
        ("Was steht in allen Dokumenten?", "de", True),
        ("Summarise everything", "", True),
        ("Small documents", "en", False),
    ],
    ids=["all", "they all", "german", "everything", "part of a word"],
)
def test_some_words_ask_for_all_documents(text: str, language: str, expected: bool) -> None:
    assert asks_for_all(text, language) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What does road-guide.md say of bridges?", "1"),
        ("In the Northern Road, which bridges are there?", "1"),
        ("How do I leave?", ""),
        ("What of leave.md and of road-guide.md?", ""),
    ],
    ids=["by its file", "by its title", "a title of one word", "two of them"],
)
def test_a_document_is_named_by_its_file_or_its_title(text: str, expected: str) -> None:
    assert named(text, [ROAD, LEAVE]) == expected


async def test_a_question_that_names_a_document_reads_it(land: Place) -> None:
    assert await strategy(land, "What does road-guide.md say of the north?") == "document"


async def test_a_document_that_is_too_long_is_searched_and_a_note_says_so(land: Place) -> None:
    config = AnswerConfig(context=ContextConfig(tokens=5))
    land.services = replace(land.services, config=config)
    answer = await land.ask("What does road-guide.md say of the north?", strategy="auto")
    assert answer.strategy == "corpus"
    assert answer.notes[0].startswith("The document was not read whole: ")


async def test_a_question_for_all_documents_reads_them(land: Place) -> None:
    assert await strategy(land, "What do all documents say?") == "synthesis"


async def test_what_would_cost_too_much_is_searched_and_a_note_says_the_price(
    land: Place,
) -> None:
    land.services = replace(land.services, priced=lambda *_: 2_000_000)
    answer = await land.ask("What do all documents say?", strategy="auto")
    assert answer.strategy == "corpus"
    assert "costs about $4.00" in answer.notes[0]


async def test_a_long_conversation_is_one(land: Place) -> None:
    await land.said(11)
    assert await strategy(land, "And then?", session="s") == "conversation"


async def test_any_other_question_searches(land: Place) -> None:
    await land.said(10)
    assert await strategy(land, "Where does it lead?", session="s") == "corpus"
