"""What a model writes is kept only when it passes every check."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.examine import Examiner
from eval.labels import queries, spans
from eval.synth import Sieve, from_model, passages_for, save
from eval.synth_passages import Passage, drawn, whole_lines
from tests.answering.test_understand import Scripted

TEXT = "Ask IT first. Backups are kept for 35 days and then deleted."
QUOTE = "Backups are kept for 35 days and then deleted."
PASSAGE = Passage("a.md", "Handbook", ("Copies",), "en", TEXT, 100)
QUESTION = "When is an old copy of my files removed?"
AGAIN = json.dumps({"quote": "kept for 35 days"})


def draft(question: str = QUESTION, quote: str = QUOTE) -> str:
    one = {"question": question, "quote": quote, "answer": "after 35 days"}
    return json.dumps({"questions": [one]})


async def sieved(*says: str, number: int = 5) -> Sieve:
    """The passages: one, as often as the model is asked to write about it."""
    sieve = Sieve(number)
    written = sum('"questions"' in said for said in says)
    passages = [replace(PASSAGE, start=place) for place in range(written)]
    examiner = Examiner(Scripted(*says), "acme")
    for passage in passages:
        await from_model([passage], sieve, examiner, lambda _: None)
    return sieve


async def test_a_question_that_is_answered_by_its_quote_is_kept() -> None:
    (one,) = (await sieved(draft(), AGAIN)).kept
    assert (one.question, one.quote, one.answer) == (QUESTION, QUOTE, "after 35 days")
    assert one.made_by == "scripted synth/questions-v1"


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ((draft(quote="Backups are kept for 36 days."),), "misquoted"),
        ((draft("What does this passage say about copies?"),), "leaks"),
        ((draft("Are backups kept for 35 days and then deleted?"),), "copied"),
        ((draft(), '{"quote": ""}'), "unanswered"),
        ((draft(), '{"quote": "Ask IT first."}'), "unanswered"),
        ((draft(), AGAIN, draft("When is my old copy of the files removed?"), AGAIN), "twice"),
    ],
    ids=["made up", "leaks", "copied", "not answered", "answered elsewhere", "twice"],
)
async def test_a_question_that_fails_a_check_is_counted_by_it(
    says: tuple[str, ...], why: str
) -> None:
    assert (await sieved(*says)).dropped == {why: 1}


async def test_no_more_is_asked_when_there_are_enough() -> None:
    chat = Scripted(*[draft()] * 4, *[AGAIN] * 4)  # four at once are written, then checked
    examiner = Examiner(chat, "acme")
    passages = [replace(PASSAGE, start=place) for place in range(9)]
    sieve = Sieve(1)
    await from_model(passages, sieve, examiner, lambda _: None)
    assert (len(sieve.kept), len(chat.asked)) == (1, 8)


async def test_what_is_saved_is_a_data_set_with_gold_spans(tmp_path: Path) -> None:
    sieve = await sieved(draft(), AGAIN)
    done = save(tmp_path, sieve, documents=1, seed=3)
    (query,) = queries(tmp_path / "questions.jsonl")
    (span,) = spans(tmp_path / "questions.jsonl")[query]
    assert (span.source, span.text) == ("a.md", QUOTE)
    assert TEXT[span.start : span.end] == QUOTE
    assert (done.questions, done.seed) == (1, 3)


async def test_passages_are_drawn_from_every_document_first() -> None:
    async def found() -> AsyncIterator[Passage]:
        for place in range(50):
            yield replace(PASSAGE, start=place)
        yield replace(PASSAGE, source="b.md")

    assert {one.source for one in (await drawn(found(), 2, seed=0))[:2]} == {"a.md", "b.md"}


async def test_lines_are_put_together_wherever_they_were_torn() -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for block in (b'{"a"', b": 1}\n", b'{"b": 2}\n{"c', b'": 3}\n'):
            yield block

    assert [json.loads(line) async for line in whole_lines(blocks())] == [
        {"a": 1},
        {"b": 2},
        {"c": 3},
    ]


def test_what_is_paid_for_has_a_limit() -> None:
    assert passages_for(100) == 104
