"""What stands before the cache boundary is the same bytes, as the provider receives them.

Every prompt set has one whole request of each format in `golden/`. Written anew, where that is
meant, with FOREBAY_TEST_GOLDEN=write.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from openai import AsyncOpenAI

from domain.completion import Account, CacheMark, CachePlan, ChatRequest
from domain.documents import Chunk
from domain.ports import ChatModel
from domain.prompt import Evidence
from domain.records import Turn
from gateway.chat.anthropic import AnthropicMessages
from gateway.chat.gemini import GeminiGenerate
from gateway.chat.openai_chat import OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from prompts.compose import compose
from prompts.prefix import Prefix, prefix
from prompts.sets import Library
from tests.contracts.chat_model import SCHEMA, TOOL
from tests.provider.server import Provider
from tests.provider.tokens import counter

GOLDEN = Path(__file__).parent / "golden"
MODELS = {
    "responses": "gpt-5.6-sol",
    "chat": "gpt-5.6-sol",
    "anthropic": "claude-sonnet-5",
    "gemini": "gemini-3.1-pro",
}
LIVES = {"responses": "30m", "chat": "30m", "anthropic": "5m"}
ASKED = "How long are backups kept?"
Model = Callable[[str], ChatModel]


@pytest.fixture
def models(
    client: AsyncOpenAI,
    claude: Callable[[str], AnthropicMessages],
    gemini: Callable[[str], GeminiGenerate],
) -> dict[str, Model]:
    return {
        "responses": lambda name: OpenAIResponses(client, name),
        "chat": lambda name: OpenAIChat(client, name, counter()),
        "anthropic": claude,
        "gemini": gemini,
    }


def a_chunk(text: str, number: int) -> Chunk:
    return Chunk(
        id=f"c{number}", document_id="d", version="1", source="backup.md", position=number,
        title="Backups", text=text, start=0, end=len(text),
    )  # fmt: skip


def planned(vendor: str, before: Prefix) -> CachePlan | None:
    if vendor not in LIVES:
        return None
    return CachePlan(marks=(CacheMark(len(before.messages), LIVES[vendor]),), explicit=True)


async def sent(vendor: str, model: Model, request: ChatRequest, provider: Provider) -> bytes:
    await model(MODELS[vendor]).complete(request)
    return provider.received[-1].raw


@pytest.mark.parametrize("vendor", MODELS)
async def test_every_prompt_set_is_sent_as_it_always_was(
    vendor: str, models: dict[str, Model], provider: Provider
) -> None:
    evidence = [Evidence(1, a_chunk("Backups are kept for 35 days.", 1))]
    for version in Library().versions():
        before = prefix(Library().read(version))
        prompt = compose(ASKED, evidence, prefix=before)
        request = ChatRequest(prompt, 100, cache=planned(vendor, before))
        compare(version, vendor, await sent(vendor, models[vendor], request, provider))


def compare(version: str, vendor: str, now: bytes) -> None:
    path = GOLDEN / f"{version.replace('/', '-')}.{vendor}.json"
    if os.environ.get("FOREBAY_TEST_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_bytes(now + b"\n")
    assert path.exists(), f"{path.name} is missing: FOREBAY_TEST_GOLDEN=write writes it."
    was = path.read_bytes().rstrip(b"\n")
    at = next((n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), len(was))
    assert now == was, (
        f"{version} is sent to {vendor} otherwise than before, from byte {at:,} on: "
        f"{now[max(0, at - 40) : at + 40]!r}. Who has it in production loses its cache. If its "
        "words are to change, make a new version beside it; if only the format did, and that is "
        "meant, write the files anew with FOREBAY_TEST_GOLDEN=write."
    )


def any_request(random: Random, before: Prefix, vendor: str) -> ChatRequest:
    """Of any tenant, in any conversation, at any time, with any passages and any question."""
    letters = 'aé数\n"\\{}<>[]$ \u2028😀'
    texts = ["".join(random.choices(letters, k=random.randint(1, 60))) + "x" for _ in range(40)]
    said = [
        Turn(random.choice(texts), random.choice(texts), "") for _ in range(random.randint(0, 5))
    ]
    shown = random.sample(texts, random.randint(0, 15))
    evidence = [Evidence(n, a_chunk(text, n)) for n, text in enumerate(shown, start=1)]
    prompt = compose(random.choice(texts), evidence, prefix=before, history=said)
    account = Account(random.choice(texts), key=random.choice(texts), session=random.choice(texts))
    return ChatRequest(prompt, 100, account=account, cache=planned(vendor, before))


def before_boundary(vendor: str, raw: bytes, messages: int) -> bytes:
    """All that the model reads before the history, in the bytes that came."""
    body = json.loads(raw)
    match vendor:
        case "responses":
            static = [body["input"][:messages], body.get("tools"), body.get("text")]
        case "chat":
            static = [body["messages"][:messages], body.get("tools"), body.get("response_format")]
        case "anthropic":
            static = [body.get("tools"), body["system"], body.get("output_config")]
        case _:
            static = [body["systemInstruction"], body.get("tools"), body.get("generationConfig")]
    return b"".join(as_it_came(part, raw) for part in static if part)


def as_it_came(part: object, raw: bytes) -> bytes:
    """SDKs write JSON in one of these two ways."""
    tight = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    texts = (tight, json.dumps(part))
    if isinstance(part, list):  # of which it may be the beginning
        texts = (tight[1:-1], json.dumps(part)[1:-1])
    return next(text.encode() for text in texts if text.encode() in raw)


@pytest.mark.parametrize("vendor", MODELS)
async def test_no_question_tenant_or_passage_reaches_what_stands_before_it(
    vendor: str, models: dict[str, Model], provider: Provider
) -> None:
    random, seen = Random(17), set()
    before = prefix(Library().read("answer/v1"))
    before = replace(before, tools=(TOOL,), schema=SCHEMA)
    for _ in range(30):
        request = any_request(random, before, vendor)
        raw = await sent(vendor, models[vendor], request, provider)
        seen.add(before_boundary(vendor, raw, len(before.messages)))
    assert len(seen) == 1


async def test_pinned_passages_stand_before_it_in_one_order_however_they_come(
    models: dict[str, Model], provider: Provider
) -> None:
    pinned = [a_chunk(f"Fact {n}.", n) for n in range(5)]
    seen = set()
    for seed in range(5):
        before = prefix(Library().read("answer/v1"), Random(seed).sample(pinned, 5))
        request = ChatRequest(compose(ASKED, [], prefix=before), 100)
        raw = await sent("anthropic", models["anthropic"], request, provider)
        seen.add(before_boundary("anthropic", raw, 3))
    assert len(seen) == 1
