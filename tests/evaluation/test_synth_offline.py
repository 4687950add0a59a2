"""Without a model, headings and definitions become questions: the same ones each time."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from eval.synth_offline import offline
from eval.synth_passages import Passage
from eval.synth_question import Made

PASSAGE = Passage("a.md", "Handbook", (), "en", "A drip tray is a bowl below the pump.", 100)


async def made(*passages: Passage, seed: int = 0) -> list[Made]:
    async def each() -> AsyncIterator[Passage]:
        for one in passages:
            yield one

    return await offline(each(), seed)


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("en", "Pump it. A drip tray is a bowl below the pump.", "What is drip tray?"),
        ("en", "Reserve cells are the ones that nobody uses.", "What are Reserve cells?"),
        ("de", "Die Tropfschale ist eine Schale unter der Pumpe.", "Was ist Tropfschale?"),
        ("fr", "La cuvette est un bol sous la pompe.", "Qu’est-ce que cuvette ?"),
        ("es", "La bandeja es un recipiente bajo la bomba.", "¿Qué es bandeja?"),
    ],
)
async def test_a_defining_sentence_answers_what_the_thing_is(
    language: str, text: str, question: str
) -> None:
    (one,) = await made(replace(PASSAGE, language=language, text=text))
    assert one.question == question
    assert one.made_by == "definition"


async def test_the_sentence_is_the_gold_span() -> None:
    text = "Mind the pump. A drip tray is a bowl below it. Empty it daily."
    (one,) = await made(replace(PASSAGE, text=text))
    assert one.quote == "A drip tray is a bowl below it."


@pytest.mark.parametrize("text", ["It is a bowl below the pump.", "Empty the tray each day."])
async def test_a_sentence_that_names_nothing_defines_nothing(text: str) -> None:
    assert await made(replace(PASSAGE, text=text)) == []


async def test_a_heading_is_asked_as_people_type_it() -> None:
    (one,) = await made(replace(PASSAGE, text="Empty it.", headings=("Emptying the drip tray",)))
    assert (one.question, one.quote) == ("Emptying the drip tray", "Empty it.")
    assert one.made_by == "heading"


async def test_what_two_passages_answer_is_not_asked() -> None:
    assert await made(PASSAGE, replace(PASSAGE, source="b.md")) == []


async def test_each_document_is_asked_about_before_one_is_again() -> None:
    def about(source: str, start: int, thing: str) -> Passage:
        text = f"A {thing} is a bowl below the pump."
        return replace(PASSAGE, source=source, start=start, text=text)

    found = await made(about("a", 0, "tray"), about("a", 9, "cup"), about("b", 0, "vat"))
    assert {one.passage.source for one in found[:2]} == {"a", "b"}


async def test_a_seed_gives_the_same_order_again_and_another_one_another() -> None:
    def about(number: int) -> Passage:
        return replace(PASSAGE, source=str(number), text=f"A tray{number} is a bowl below.")

    passages = [about(number) for number in range(20)]
    assert await made(*passages, seed=1) == await made(*reversed(passages), seed=1)
    assert await made(*passages, seed=1) != await made(*passages, seed=2)
