"""What Gemini's adapter says in Gemini's words, and what it makes of the answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from domain.completion import ChatRequest
from domain.prompt import Image, Message, OutputSchema, Prompt, Tool
from gateway.chat.gemini import GeminiGenerate
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
PRO = "gemini-3.1-pro-preview"
FLASH = "gemini-2.5-flash"


Make = Callable[[str], GeminiGenerate]


def asked(**parts: Any) -> ChatRequest:
    return ChatRequest(replace(PROMPT, **parts))


async def test_system_and_developer_become_the_instruction_in_their_order(
    gemini: Make, provider: Provider
) -> None:
    await gemini(PRO).complete(asked())
    body = provider.received[0].body
    texts = [part["text"] for part in body["systemInstruction"]["parts"]]
    assert texts == ["Be exact.", "Answer in a sentence."]
    assert [content["role"] for content in body["contents"]] == ["user"]


async def test_turns_of_one_speaker_become_one_and_empty_ones_none(
    gemini: Make, provider: Provider
) -> None:
    history = (Message("assistant", "Yes?"), Message("user", "Hm."), Message("assistant", " "))
    await gemini(PRO).complete(asked(history=history))
    contents = provider.received[0].body["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
    assert [part["text"] for part in contents[2]["parts"]] == ["Hm.", "How long?"]


async def test_only_what_was_asked_for_is_sent(gemini: Make, provider: Provider) -> None:
    await gemini(PRO).complete(asked())
    body = provider.received[0].body
    assert set(body) == {"contents", "systemInstruction", "generationConfig"}
    assert body["generationConfig"] == {"maxOutputTokens": 1024}


async def test_sampling_and_stops_are_sent(gemini: Make, provider: Provider) -> None:
    await gemini(PRO).complete(replace(asked(), temperature=0.0, top_p=0.5, stop=("END",)))
    sent = provider.received[0].body["generationConfig"]
    assert (sent["temperature"], sent["topP"], sent["stopSequences"]) == (0.0, 0.5, ["END"])


EFFORTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a level": (PRO, "medium", {"thinking_level": "MEDIUM"}),
    "the lowest level": (PRO, "none", {"thinking_level": "LOW"}),
    "the highest level": (PRO, "xhigh", {"thinking_level": "HIGH"}),
    "a budget": (FLASH, "medium", {"thinking_budget": 8192}),
    "no budget": (FLASH, "none", {"thinking_budget": 0}),
}


@pytest.mark.parametrize(("model", "effort", "thinking"), EFFORTS.values(), ids=EFFORTS)
async def test_an_effort_is_said_as_the_model_takes_it(
    gemini: Make, provider: Provider, model: str, effort: Any, thinking: dict[str, Any]
) -> None:
    await gemini(model).complete(replace(asked(), effort=effort))
    assert provider.received[0].body["generationConfig"]["thinkingConfig"] == thinking


async def test_a_summary_streams_beside_the_text(gemini: Make, provider: Provider) -> None:
    provider.answer(Reply("Kept.", summary="One. Two.", reasoning=9))
    deltas, completion = await streamed(gemini(PRO).stream(replace(asked(), summary=True)))
    assert completion.summary == "One. Two."
    assert "".join(d.text for d in deltas if d.kind == "summary") == completion.summary
    assert "".join(d.text for d in deltas if d.kind == "text") == completion.text == "Kept."


@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_what_it_said_before_a_call_goes_back_signed(
    gemini: Make, provider: Provider, how: str
) -> None:
    provider.answer(Reply("I look it up.", calls=(Call("find_order"), Call("find_order"))))
    request = asked(tools=(TOOL,))
    first = await answered(gemini(PRO), request, how)
    prompt = replace(request.prompt, rounds=(a_round(first),))
    await gemini(PRO).complete(replace(request, prompt=prompt))
    said, results = provider.received[1].body["contents"][1:]
    assert said["parts"][0] == {"text": "I look it up."}
    assert [len(said["parts"]), len(results["parts"])] == [3, 2]
    assert [part["functionResponse"]["id"] for part in results["parts"]] == [
        call.id for call in first.calls
    ]


async def test_calls_without_ids_get_some_that_no_other_answer_has(
    gemini: Make, provider: Provider
) -> None:
    reply = Reply(calls=(Call("find_order"), Call("find_order")))
    provider.answer(reply, reply)
    found = [await gemini(FLASH).complete(asked(tools=(TOOL,))) for _ in range(2)]
    assert len({call.id for completion in found for call in completion.calls}) == 4


async def test_a_result_of_a_call_without_an_id_has_none_either(
    gemini: Make, provider: Provider
) -> None:
    provider.answer(Reply(calls=(Call("find_order"),)))
    request = asked(tools=(TOOL,))
    first = await gemini(FLASH).complete(request)
    prompt = replace(request.prompt, rounds=(a_round(first),))
    await gemini(FLASH).complete(replace(request, prompt=prompt))
    (part,) = provider.received[1].body["contents"][2]["parts"]
    assert "id" not in part["functionResponse"]


async def test_thoughts_are_part_of_the_output_and_the_cache_of_the_input(
    gemini: Make, provider: Provider
) -> None:
    provider.answer(Reply("Kept.", reasoning=90, cached=3))
    _, completion = await streamed(gemini(PRO).stream(asked()))
    assert completion.usage.reasoning == 90
    assert completion.usage.output > 90
    assert completion.usage.cached == 3


async def test_a_schema_goes_as_it_is(gemini: Make, provider: Provider) -> None:
    schema = '{"properties":{"n":{"type":["integer","null"]}},"type":"object"}'
    await gemini(PRO).complete(asked(schema=OutputSchema("days", schema)))
    sent = provider.received[0].body["generationConfig"]
    assert sent["responseJsonSchema"] == json.loads(schema)
    assert sent["responseMimeType"] == "application/json"


async def test_the_highest_detail_of_its_images_is_that_of_the_request(
    gemini: Make, provider: Provider
) -> None:
    images = (
        Image(url="https://example.org/a.png", media_type="image/png", detail="low"),
        Image("image/png", b"PNG", detail="high"),
    )
    await gemini(PRO).complete(asked(images=images))
    body = provider.received[0].body
    assert body["generationConfig"]["mediaResolution"] == "MEDIA_RESOLUTION_HIGH"
    assert [*body["contents"][0]["parts"][2]] == ["text"]


async def test_what_the_api_lacks_is_left_out_with_a_note(gemini: Make, provider: Provider) -> None:
    request = replace(asked(), verbosity="low", metadata={"topic": "x"}, background=True)
    notes = " ".join((await gemini(PRO).complete(request)).notes)
    assert all(word in notes for word in ("verbosity", "metadata", "background"))


@pytest.mark.parametrize("how", ["whole", "streamed"])
@pytest.mark.parametrize(
    ("reply", "words"),
    [(Reply("I", refusal=True), "SAFETY"), (Reply(filtered=True), "PROHIBITED_CONTENT")],
    ids=["the answer", "the prompt"],
)
async def test_a_refusal_says_why(
    gemini: Make, provider: Provider, reply: Reply, words: str, how: str
) -> None:
    provider.answer(reply)
    completion = await answered(gemini(PRO), asked(), how)
    assert completion.finish == "refusal"
    assert words in completion.notes[0]


async def test_an_answer_used_what_the_provider_counts(gemini: Make, provider: Provider) -> None:
    provider.answer(Reply("Kept.", reasoning=9))
    start = monotonic()
    _, completion = await streamed(gemini(PRO).stream(asked()))
    bill = await billed(provider, start)
    assert (bill.input, bill.output) == (completion.usage.input, completion.usage.output)


@pytest.mark.parametrize(("model", "signed"), [(PRO, True), (FLASH, False)], ids=["3", "2.5"])
async def test_calls_of_another_model_are_signed_where_the_model_insists(
    gemini: Make, provider: Provider, model: str, signed: bool
) -> None:
    provider.answer(Reply(calls=(Call("find_order"), Call("find_order"))))
    request = asked(tools=(TOOL,))
    first = await gemini("gemini-3.8-flash").complete(request)
    prompt = replace(request.prompt, rounds=(a_round(first),))
    await gemini(model).complete(replace(request, prompt=prompt))
    parts = provider.received[1].body["contents"][1]["parts"]
    assert ["thoughtSignature" in part for part in parts] == [signed, False]
