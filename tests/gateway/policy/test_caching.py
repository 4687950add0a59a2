"""What the provider's cache is told for each call, and what is said of it afterwards."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from openai import AsyncOpenAI

from domain.completion import Account, CachePlan, ChatRequest, Completion
from domain.ports import ChatModel
from domain.prompt import Message
from domain.records import Turn
from gateway.caching.measured import Finding
from gateway.caching.outcome import Reckoner
from gateway.caching.plan import Planner
from gateway.chat.anthropic import AnthropicMessages
from gateway.chat.openai_responses import OpenAIResponses
from gateway.gateway import Gateway, GatewayConfig
from gateway.policy.caching import Caching
from gateway.retry import RetryConfig
from prompts.compose import compose
from prompts.prefix import prefix
from prompts.sets import PromptSet
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import Clock, MemoryLedger
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

STATIC = Message("system", " rule" * 1_500)
QUICK = GatewayConfig(retry=RetryConfig(first_wait=0.0))


def asking(question: str, *, tenant: str = "acme", **more: object) -> ChatRequest:
    prompt = compose(question, [])
    prompt = replace(prompt, prefix=(STATIC, *prompt.prefix))
    return ChatRequest(prompt, 64, account=Account(tenant), **more)  # type: ignore[arg-type]


class Place:
    def __init__(self, findings: dict[str, Finding] | None = None) -> None:
        self.clock, self.ledger = Clock(), MemoryLedger()
        self.caching = Caching(Planner(), Reckoner(counter()), findings or {}, self.clock)

    def gateway(self, model: ChatModel, provider: str = "openai") -> Gateway:
        lane = a_lane(model, f"{provider}/{model.name}")
        return a_gateway(lane, ledger=self.ledger, config=QUICK, caching=self.caching)

    async def ask(self, gateway: Gateway, *questions: str, every: float = 10.0) -> list[Completion]:
        found = []
        for question in questions:
            found.append(await gateway.complete(asking(question)))
            self.clock.now += every
        return found


@pytest.fixture
def place(provider: Provider) -> Place:
    place = Place()
    provider.caches.clock = place.clock
    return place


@pytest.fixture
def openai(client: AsyncOpenAI) -> Callable[[str], ChatModel]:
    return lambda model: OpenAIResponses(client, model)


async def test_the_second_question_reads_what_the_first_sent(
    place: Place, openai: Callable[[str], ChatModel]
) -> None:
    first, second = await place.ask(place.gateway(openai("gpt-5.4")), "Why?", "How?")
    assert first.cache
    assert second.cache
    assert (first.cache.why, second.cache.why) == ("cold", "hit")
    assert second.cache.efficiency(second.usage) == pytest.approx(1.0, abs=0.01)
    assert second.cache.saved_microdollars > 0


async def test_the_ledger_has_what_the_cache_did(
    place: Place, openai: Callable[[str], ChatModel]
) -> None:
    answers = await place.ask(place.gateway(openai("gpt-5.4")), "Why?", "How?")
    assert [row.cache for row in place.ledger.rows] == [one.cache for one in answers]


async def test_a_request_s_key_and_retention_are_sent(
    place: Place, provider: Provider, openai: Callable[[str], ChatModel]
) -> None:
    await place.ask(place.gateway(openai("gpt-5.4")), "Why?", "How?")
    keys = {received.body["prompt_cache_key"] for received in provider.received}
    assert len(keys) == 1
    assert provider.received[0].body["prompt_cache_retention"] == "24h"


@pytest.mark.parametrize("model", ["gpt-5.4", "gpt-5.6-sol"])
async def test_tenants_read_the_prompt_set_of_each_other_and_not_a_token_more(
    place: Place, provider: Provider, openai: Callable[[str], ChatModel], model: str
) -> None:
    """Another tenant asks, word for word, what one has asked again and again."""
    rules = PromptSet("answer/v9", (Message("system", "Rules. " * 1_200),))
    said = [Turn("long " * 800, "ago " * 800, "")]
    prompt = compose("why " * 1_500, [], prefix=prefix(rules), history=said)
    gateway, answers = place.gateway(openai(model)), list[Completion]()
    for tenant in [*["one"] * 6, "two"]:
        request = ChatRequest(prompt, 64, account=Account(tenant, session="talk"))
        answers.append(await gateway.complete(request))
        place.clock.now += 30.0
    own, other = answers[-2:]
    assert other.cache
    assert other.cache.prefix - 128 < other.usage.cached <= other.cache.prefix
    assert own.usage.cached > other.cache.prefix + 500
    assert other.cache.why == "hit"
    bodies = [received.body for received in provider.received]
    assert len({body["prompt_cache_key"] for body in bodies}) == 1
    assert bodies[-2]["input"][0] == bodies[-1]["input"][0]
    assert bodies[-2]["input"][1] != bodies[-1]["input"][1]


async def test_a_retry_is_no_further_traffic(
    place: Place, provider: Provider, openai: Callable[[str], ChatModel]
) -> None:
    for _ in range(20):
        provider.answer(Reply(status=500), Reply(status=500), Reply())
        await place.gateway(openai("gpt-5.6-sol")).complete(asking("Why?"))
        place.clock.now += 86_400.0
    options = [received.body["prompt_cache_options"] for received in provider.received]
    assert options == [{"mode": "explicit"}] * 60  # nothing is marked that comes once a day


async def test_a_busy_prefix_is_written_once_and_read_from_then_on(
    place: Place, openai: Callable[[str], ChatModel]
) -> None:
    answers = await place.ask(place.gateway(openai("gpt-5.6-sol")), *map(str, range(20)))
    assert sum(answer.usage.written > 0 for answer in answers) == 1
    assert all(answer.usage.cached > 1_500 for answer in answers[-10:])


async def test_claude_is_told_by_marks(
    place: Place, provider: Provider, claude: Callable[[str], AnthropicMessages]
) -> None:
    gateway = place.gateway(claude("claude-sonnet-5"), "anthropic")
    answers = await place.ask(gateway, *map(str, range(20)))
    assert answers[-1].usage.cached > 1_500
    marked = [block for block in provider.received[-1].body["system"] if "cache_control" in block]
    assert [block["cache_control"]["type"] for block in marked] == ["ephemeral"]


async def test_a_warming_prepares_and_says_nothing_where_the_api_can(
    place: Place, provider: Provider, openai: Callable[[str], ChatModel]
) -> None:
    gateway = place.gateway(openai("gpt-5.6-sol"))
    ready = await gateway.complete(asking("OK?", warms=True))
    assert provider.received[0].body["prompt_cache_options"]["prewarm"] is True
    assert (ready.text, ready.usage.output) == ("", 0)
    (first,) = await place.ask(gateway, "Why?")
    assert first.usage.cached == ready.usage.written > 1_500


async def test_a_warming_of_claude_writes_whatever_the_traffic_was(
    place: Place, claude: Callable[[str], AnthropicMessages]
) -> None:
    gateway = place.gateway(claude("claude-sonnet-5"), "anthropic")
    ready = await gateway.complete(asking("OK?", warms=True))
    (first,) = await place.ask(gateway, "Why?")
    assert first.usage.cached == ready.usage.written > 1_500


async def test_what_was_measured_counts(
    provider: Provider, openai: Callable[[str], ChatModel]
) -> None:
    place = Place({"openai/gpt-5.6-sol": Finding("", hits=False)})
    answers = await place.ask(place.gateway(openai("gpt-5.6-sol")), *map(str, range(20)))
    assert not any(answer.usage.written for answer in answers)
    assert answers[-1].cache
    assert answers[-1].cache.why == "tail"


async def test_a_plan_that_a_request_brings_is_kept(
    place: Place, provider: Provider, openai: Callable[[str], ChatModel]
) -> None:
    own = replace(asking("Why?"), cache=CachePlan("own"))
    await place.gateway(openai("gpt-5.4")).complete(own)
    assert provider.received[0].body["prompt_cache_key"] == "own"
