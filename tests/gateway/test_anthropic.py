"""What Anthropic's adapter says in Anthropic's words, and what it makes of the answers."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from domain import errors
from domain.completion import ChatRequest
from domain.prompt import Image, Message, OutputSchema, Prompt, Tool
from gateway.chat.anthropic import AnthropicMessages
from tests.contracts.chat_model import a_round, answered, streamed
from tests.gateway.billed import billed
from tests.provider.script import Call, Reply
from tests.provider.server import Provider

PROMPT = Prompt(
    version="test/v1",
    prefix=(Message("system", "Be exact."), Message("developer", "Answer in a sentence.")),
    history=(),
    tail=(Message("user", "How long?"),),
    question="How long?",
    evidence=(),
)
TOOL = Tool("find_order", "Finds an order.", '{"properties":{},"type":"object"}')
THOUGHTFUL = Reply(calls=(Call("find_order"),), reasoning=9, summary="One.\n\nTwo.")


Make = Callable[[str], AnthropicMessages]


def asked(**parts: Any) -> ChatRequest:
    return ChatRequest(replace(PROMPT, **parts))


async def test_system_and_developer_become_blocks_in_their_order(
    claude: Make, provider: Provider
) -> None:
    await claude("claude-opus-4-7").complete(asked())
    body = provider.received[0].body
    assert [block["text"] for block in body["system"]] == ["Be exact.", "Answer in a sentence."]
    assert [message["role"] for message in body["messages"]] == ["user"]


async def test_turns_of_one_speaker_become_one_and_empty_ones_none(
    claude: Make, provider: Provider
) -> None:
    history = (Message("assistant", "Yes?"), Message("user", "Hm."), Message("assistant", " "))
    await claude("claude-opus-4-7").complete(asked(history=history))
    messages = provider.received[0].body["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert [block["text"] for block in messages[2]["content"]] == ["Hm.", "How long?"]


async def test_only_what_was_asked_for_is_sent(claude: Make, provider: Provider) -> None:
    await claude("claude-opus-4-7").complete(asked())
    assert set(provider.received[0].body) == {"model", "max_tokens", "messages", "system"}


async def test_a_known_prefix_is_sent_to_the_byte_alike(claude: Make, provider: Provider) -> None:
    for question in ("How long?", "Who decides?"):
        await claude("claude-opus-4-7").complete(asked(tail=(Message("user", question),)))
    first, second = (json.dumps(received.body["system"]) for received in provider.received)
    assert first == second


SILENT = {"type": "adaptive", "display": "omitted"}
EFFORTS: dict[str, tuple[str, str, Any, Any]] = {
    "a level": ("claude-opus-4-7", "high", SILENT, "high"),
    "a level nearby": ("claude-opus-4-6", "xhigh", SILENT, "high"),
    "a budget": (
        "claude-haiku-4-5",
        "low",
        {"type": "enabled", "budget_tokens": 2048, "display": "omitted"},
        None,
    ),
    "off, which is usual": ("claude-opus-4-7", "none", None, None),
    "off": ("claude-opus-5", "none", {"type": "disabled"}, None),
    "off but between tools": ("claude-sonnet-5-5", "none", {"type": "between_tools"}, None),
    "never off": ("claude-opus-5-5", "none", SILENT, "low"),
}


@pytest.mark.parametrize(("model", "effort", "thinking", "level"), EFFORTS.values(), ids=EFFORTS)
async def test_an_effort_is_said_as_the_model_takes_it(
    claude: Make, provider: Provider, model: str, effort: Any, thinking: Any, level: Any
) -> None:
    request = replace(asked(), effort=effort, max_output_tokens=8_000)
    await claude(model).complete(request)
    body = provider.received[0].body
    assert body.get("thinking") == thinking
    assert body.get("output_config", {}).get("effort") == level


async def test_thinking_without_room_is_left_out_with_a_note(
    claude: Make, provider: Provider
) -> None:
    request = replace(asked(), effort="high", max_output_tokens=1_000)
    completion = await claude("claude-haiku-4-5").complete(request)
    assert "thinking" not in provider.received[0].body
    assert "leave no room" in completion.notes[0]


async def test_a_summary_streams_beside_the_text(claude: Make, provider: Provider) -> None:
    provider.answer(Reply("Kept.", summary="One.\n\nTwo.", reasoning=9))
    request = replace(asked(), effort="low", summary=True)
    deltas, completion = await streamed(claude("claude-opus-4-7").stream(request))
    assert completion.summary == "One.\n\nTwo."
    assert "".join(d.text for d in deltas if d.kind == "summary") == completion.summary
    assert "".join(d.text for d in deltas if d.kind == "text") == completion.text == "Kept."


@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_what_it_thought_before_a_call_goes_back_as_it_was_signed(
    claude: Make, provider: Provider, how: str
) -> None:
    provider.answer(THOUGHTFUL)
    request = replace(asked(tools=(TOOL,)), effort="low", summary=True, max_output_tokens=4_096)
    model = claude("claude-haiku-4-5")
    first = await answered(model, request, how)
    prompt = replace(request.prompt, rounds=(a_round(first),))
    await model.complete(replace(request, prompt=prompt))
    sent = provider.received[1].body["messages"][1]["content"]
    assert [block["type"] for block in sent] == ["thinking", "thinking", "tool_use"]
    assert [block.get("thinking") for block in sent[:2]] == ["One.", "Two."]


async def test_another_model_is_told_of_the_calls_without_the_thoughts(
    claude: Make, provider: Provider
) -> None:
    provider.answer(THOUGHTFUL)
    request = replace(asked(tools=(TOOL,)), effort="low", max_output_tokens=4_096)
    first = await claude("claude-opus-4-7").complete(request)
    prompt = replace(request.prompt, rounds=(a_round(first),))
    second = await claude("claude-haiku-4-5").complete(replace(request, prompt=prompt))
    sent = provider.received[1].body["messages"][1]["content"]
    assert [block["type"] for block in sent] == ["tool_use"]
    assert "another model" in second.notes[0]


async def test_what_is_written_for_an_hour_is_told_apart(claude: Make, provider: Provider) -> None:
    provider.answer(Reply("Kept.", written=9, written_long=4))
    usage = (await claude("claude-opus-4-7").complete(asked())).usage
    assert (usage.written, usage.written_long) == (9, 4)


async def test_tokens_of_the_cache_are_part_of_the_input(claude: Make, provider: Provider) -> None:
    provider.answer(Reply("Kept."), Reply("Kept.", cached=3, written=2))
    model = claude("claude-opus-4-7")
    plain, cached = [(await model.complete(asked())) for _ in range(2)]
    assert cached.usage == replace(plain.usage, cached=3, written=2)


async def test_what_was_thought_is_counted_as_part_of_the_output(
    claude: Make, provider: Provider
) -> None:
    provider.answer(Reply("Kept.", reasoning=90))
    _, completion = await streamed(claude("claude-opus-5-5").stream(asked()))
    assert completion.usage.reasoning == 90
    assert completion.usage.output > 90


async def test_what_the_api_lacks_is_left_out_with_a_note(claude: Make, provider: Provider) -> None:
    request = replace(
        asked(images=(Image(url="https://example.org/a.png", detail="high"),)),
        temperature=0.2, verbosity="low", metadata={"user_id": "u1", "topic": "x"},
    )  # fmt: skip
    notes = " ".join((await claude("claude-opus-4-7").complete(request)).notes)
    assert all(word in notes for word in ("temperature", "verbosity", "detail", "topic"))
    assert provider.received[0].body["metadata"] == {"user_id": "u1"}


async def test_limits_in_a_schema_are_said_in_words(claude: Make, provider: Provider) -> None:
    schema = OutputSchema(
        "days", '{"properties":{"n":{"maximum":9,"type":"integer"}},"type":"object"}'
    )
    await claude("claude-opus-4-7").complete(asked(schema=schema))
    sent = provider.received[0].body["output_config"]["format"]["schema"]
    assert "maximum: 9" in sent["properties"]["n"]["description"]


async def test_a_schema_that_cannot_be_sent_is_refused_unsent(
    claude: Make, provider: Provider
) -> None:
    with pytest.raises(errors.InvalidInput, match="schema"):
        await claude("claude-opus-4-7").complete(asked(schema=OutputSchema("any", "{}")))
    assert provider.received == []


@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_a_refusal_says_why(claude: Make, provider: Provider, how: str) -> None:
    provider.answer(Reply("I", refusal=True))
    completion = await answered(claude("claude-opus-4-7"), asked(), how)
    assert completion.finish == "refusal"
    assert completion.notes == ("Refused: It could do harm.",)


async def test_calls_of_a_cut_answer_are_not_made(claude: Make, provider: Provider) -> None:
    provider.answer(Reply(calls=(Call("find_order"),), cut=True))
    completion = await claude("claude-opus-4-7").complete(asked(tools=(TOOL,)))
    assert (completion.finish, completion.calls, completion.carry) == ("length", (), None)


async def test_an_answer_used_what_the_provider_counts(claude: Make, provider: Provider) -> None:
    provider.answer(Reply("Kept.", reasoning=9))
    start = monotonic()
    _, completion = await streamed(claude("claude-opus-5-5").stream(asked()))
    bill = await billed(provider, start)
    assert (bill.input, bill.output) == (completion.usage.input, completion.usage.output)


def test_no_vendor_is_imported_before_it_is_asked() -> None:
    script = (
        "import sys, forebay.__main__, wiring.lanes, gateway.gateway\n"
        "assert not {'anthropic', 'google.genai', 'google.auth'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
