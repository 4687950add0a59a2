"""Tokens before the call: counted once, exactly, and not in the way of others."""

import tracemalloc
from dataclasses import replace
from time import thread_time

import pytest

from domain.completion import ChatRequest
from domain.prompt import (
    Evidence,
    Image,
    Message,
    OutputSchema,
    Prompt,
    Tool,
    ToolCall,
    ToolResult,
    ToolRound,
)
from gateway.counting import IMAGE, OVERHEAD, Asked, Counting
from prompts.compose import compose
from prompts.prefix import prefix
from prompts.sets import Library
from tests.provider.tokens import count, counter
from tests.values import a_chunk

PROMPT = compose("How long are backups kept?", [])
PLAIN = sum(count(message.text) + OVERHEAD for message in PROMPT.messages)
TOOL = Tool("find_order", "Finds an order.", '{"properties":{},"type":"object"}')
SCHEMA = OutputSchema("answer", '{"properties":{"n":{"type":"integer"}},"type":"object"}')
ROUND = ToolRound((ToolCall("1", "find_order", '{"id":7}'),), (ToolResult("1", "Sent."),))


def test_messages_count_with_what_stands_around_them() -> None:
    assert Counting(counter()).prompt(PROMPT) == PLAIN


@pytest.mark.parametrize(
    ("prompt", "more"),
    [
        (replace(PROMPT, tools=(TOOL,)), 32),
        (replace(PROMPT, schema=SCHEMA), count(SCHEMA.schema)),
        (replace(PROMPT, images=(Image(url="x", detail="low"), Image(url="y"))), 85 + 765),
        (
            replace(PROMPT, rounds=(ROUND,)),
            count("find_order") + count('{"id":7}') + count("Sent.") + 2 * OVERHEAD,
        ),
    ],
    ids=["tools", "schema", "images", "rounds"],
)
def test_what_else_is_sent_counts_too(prompt: Prompt, more: int) -> None:
    assert Counting(counter()).prompt(prompt) == PLAIN + more


class Noting:
    """A real counter that remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def count(self, text: str) -> int:
        self.texts.append(text)
        return count(text)

    def offsets(self, text: str) -> list[int]:
        return list(counter().offsets(text))


def test_what_stands_before_the_boundary_is_counted_once() -> None:
    noting = Noting()
    counting = Counting(noting)
    for _ in range(3):
        counting.prompt(PROMPT)
    assert [noting.texts.count(message.text) for message in PROMPT.prefix] == [1, 1]


class Length:
    """Counts at once, so that only what is remembered takes room."""

    def count(self, text: str) -> int:
        return len(text)

    def offsets(self, text: str) -> list[int]:
        return list(range(len(text)))


def test_long_texts_are_remembered_by_their_hashes_alone() -> None:
    counting, tail = Counting(Length()), PROMPT.tail
    tracemalloc.start()
    for number in range(6_000):  # 60 MB of text
        long = Message("system", f"{number}".ljust(10_000))
        counting.prompt(replace(PROMPT, prefix=(long,), tail=tail))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1_000_000


def test_composing_and_counting_fifteen_passages_takes_under_two_milliseconds() -> None:
    texts = [" ".join(f"policy {n} backup" for n in range(60)) for _ in range(60)]
    chunks = [a_chunk(id=str(n), text=text) for n, text in enumerate(texts)]
    before = prefix(Library().read("answer/v1"), chunks[15:])
    shown = [Evidence(n, chunk) for n, chunk in enumerate(chunks[:15], start=46)]
    counting, spent = Counting(counter()), []
    for number in range(20):
        start = thread_time()
        counting.prompt(compose(f"How long are backups kept? {number}", shown, prefix=before))
        spent.append(thread_time() - start)
    assert min(spent) < 0.002


@pytest.mark.parametrize("words", [1, 5_000], ids=["short", "long"])
async def test_a_prompt_is_counted_once_whoever_asks(words: int) -> None:
    noting = Noting()
    prompt = compose("How long? " * words, [])
    asked = Asked(prompt, Counting(noting))
    asked.begin()
    assert await asked.tokens() == await asked.tokens() == asked.now()
    assert noting.texts.count(prompt.tail[-1].text) == 1


def test_the_bound_is_never_below_the_count() -> None:
    prompt = replace(PROMPT, tools=(TOOL,), rounds=(ROUND,), images=(Image(url="x"),))
    counting = Counting(counter())
    assert Asked(prompt, counting).bound() >= counting.prompt(prompt)
    assert ChatRequest(prompt).max_output_tokens
    assert IMAGE["auto"] == IMAGE["high"]
