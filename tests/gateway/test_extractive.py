"""The answerer without a model: word for word, cited, and honest when there is nothing."""

from collections.abc import Iterator

import pytest

from domain.answers import NOT_FOUND
from domain.completion import ChatRequest, Completion, Delta
from domain.prompt import Evidence
from gateway.chat.extractive import Extractive
from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig
from prompts.compose import compose
from tests.values import a_chunk

BACKUPS = (
    "Copies are made at night. Backups are kept for 35 days. Only the duty engineer may restore "
    "one. The room is painted blue."
)
OTHERS = [
    "Contracts are kept for ten years. Pictures of the cameras are kept for 14 days.",
    "Leave is asked for four weeks ahead.",
]


@pytest.fixture(scope="module")
def model() -> Iterator[Extractive]:
    embedder = LocalEmbedder.open(LocalEmbedderConfig())
    yield Extractive(embedder)
    embedder.close()


def a_request(question: str, *texts: str) -> ChatRequest:
    evidence = [Evidence(n, a_chunk(text=text)) for n, text in enumerate(texts, start=1)]
    return ChatRequest(compose(question, evidence))


async def test_the_sentence_that_answers_is_quoted_with_its_passage(model: Extractive) -> None:
    completion = await model.complete(a_request("How long are backups kept?", *OTHERS, BACKUPS))
    assert completion.text.startswith("Backups are kept for 35 days.")
    assert "[3]" in completion.text


async def test_two_questions_in_one_are_both_answered(model: Extractive) -> None:
    question = "How long are backups kept, and who may restore one?"
    completion = await model.complete(a_request(question, *OTHERS, BACKUPS))
    assert "35 days" in completion.text
    assert "duty engineer" in completion.text


@pytest.mark.parametrize(
    "question",
    ["What is the boiling point of mercury?", "Who won the chess tournament of 1972?"],
)
async def test_what_the_passages_do_not_say_is_not_answered(
    model: Extractive, question: str
) -> None:
    completion = await model.complete(a_request(question, *OTHERS, BACKUPS))
    assert completion.text == NOT_FOUND


async def test_without_passages_there_is_no_answer(model: Extractive) -> None:
    assert (await model.complete(a_request("How long are backups kept?"))).text == NOT_FOUND


async def test_a_stream_says_the_same_as_a_whole_answer(model: Extractive) -> None:
    request = a_request("How long are backups kept?", BACKUPS)
    *deltas, last = [event async for event in model.stream(request)]
    assert isinstance(last, Completion)
    assert "".join(d.text for d in deltas if isinstance(d, Delta)) == last.text
    assert last == await model.complete(request)


async def test_it_costs_nothing(model: Extractive) -> None:
    completion = await model.complete(a_request("How long are backups kept?", BACKUPS))
    assert completion.cost_microdollars == 0
    assert completion.usage.input == completion.usage.output == 0


async def test_the_same_sentence_in_two_passages_is_said_once(model: Extractive) -> None:
    completion = await model.complete(a_request("How long are backups kept?", BACKUPS, BACKUPS))
    assert completion.text.count("35 days") == 1


async def test_a_number_in_brackets_of_a_document_is_no_marker(model: Extractive) -> None:
    said = "Backups are kept for 35 days [2]."
    completion = await model.complete(a_request("How long are backups kept?", said, OTHERS[0]))
    assert completion.text == "Backups are kept for 35 days [ 2 ]. [1]"


TARIFFS = "| Site | Price per pallet |\n| --- | --- |\n| Ellerholt | £12 |\n| Thornhaven | £9 |"


async def test_of_a_table_the_row_answers_and_not_its_head(model: Extractive) -> None:
    completion = await model.complete(a_request("What is the price at Thornhaven?", TARIFFS))
    assert "| Thornhaven | £9 | [1]" in completion.text
    assert "Price per pallet" not in completion.text


async def test_code_is_quoted_whole_with_its_lines(model: Extractive) -> None:
    code = "```sh\n# restore the backups of a night\nrestore --night 3\n```"
    text = f"The room is painted blue.\n{code}\nLeave is asked for four weeks ahead."
    completion = await model.complete(a_request("How do I restore the backups of a night?", text))
    assert completion.text == f"{code}\n[1]"
