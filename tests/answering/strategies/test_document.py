"""One document whole: before the boundary, as a block of its own, within a limit."""

from dataclasses import replace

import pytest

from answering.question import ContextConfig
from domain.errors import InvalidInput, NotFound
from tests.answering.strategies.place import Place
from tests.contracts.chunk_store import EAST, NAME, TENANT
from tests.contracts.chunk_store import passage as a_passage

_SAID = "the gate is closed at night and opened in the morning. "
LONG = [f"Rule {n}: {_SAID * 10}" for n in range(20)]


async def test_the_second_question_about_a_document_reads_it_from_the_cache(place: Place) -> None:
    await place.hold("rules.md", *LONG)
    first = await place.ask("When does it open?", strategy="document", document="rules.md")
    second = await place.ask("And rule 3?", strategy="document", document="rules.md")
    assert first.usage.cached == 0
    assert second.usage.cached > 0.9 * second.usage.input


async def test_all_of_the_document_stands_before_the_boundary_and_only_the_question_behind(
    place: Place,
) -> None:
    await place.hold("rules.md", *LONG)
    answer = await place.ask("And rule 3?", strategy="document", document="rules.md")
    *_, document, question = place.sent()
    assert all(text.strip() in document for text in LONG)
    assert question == "Question: And rule 3?"
    assert (answer.strategy, answer.shown, len(answer.pinned)) == ("document", (), len(LONG))


async def test_a_passage_of_it_is_cited(place: Place) -> None:
    chunks = await place.hold("rules.md", "The gate is red. ", "The wall is white. ")
    place.provider.say("It is white [2].")
    answer = await place.ask("Which wall?", strategy="document", document="rules.md")
    (citation,) = answer.citations
    assert (citation.start, citation.quote) == (chunks[1].start, "The wall is white.")


async def test_it_is_found_by_its_id_too(place: Place) -> None:
    chunks = await place.hold("rules.md", "The gate is red.")
    answer = await place.ask(strategy="document", document=chunks[0].document_id)
    assert answer.pinned == (chunks[0].id,)


async def test_what_chunks_repeat_is_said_once(place: Place) -> None:
    first = a_passage("a", "One two. Three four.", EAST, document="d")
    second = a_passage("b", "Three four. Five six.", EAST, document="d")
    chunk = replace(second.chunk, position=1, start=9, end=30)
    await place.services.store.replace(TENANT, NAME, {"d": [first, replace(second, chunk=chunk)]})
    await place.ask(strategy="document", document="d")
    assert "".join(place.sent()).count("Three four.") == 1


async def test_a_document_that_is_too_long_is_refused_with_its_length(place: Place) -> None:
    await place.hold("rules.md", *LONG)
    config = replace(place.services.config, context=ContextConfig(tokens=500))
    place.services = replace(place.services, config=config)
    with pytest.raises(InvalidInput, match=r"'rules.md' has 2,\d{3} tokens; a prompt takes 500"):
        await place.ask(strategy="document", document="rules.md")


@pytest.mark.parametrize(("name", "error"), [("", InvalidInput), ("other.md", NotFound)])
async def test_a_document_has_to_be_named(place: Place, name: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="document"):
        await place.ask(strategy="document", document=name)


async def test_a_prompt_beyond_the_price_cliff_is_refused(place: Place) -> None:
    await place.hold("rules.md", *LONG)
    config = replace(place.services.config, context=ContextConfig(prompt_tokens=1_000))
    place.services = replace(place.services, config=config)
    with pytest.raises(InvalidInput, match="at most 1,000 are sent"):
        await place.ask(strategy="document", document="rules.md")
