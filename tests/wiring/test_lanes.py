"""From the environment to the models: who is asked, where, and with which key."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from domain.completion import Account, ChatRequest
from domain.errors import Misconfigured
from domain.ports import ChatModel
from gateway.books import Books
from gateway.policy.budget import Budget, BudgetConfig
from prompts.compose import compose
from tests.gateway.policy.purse import MemoryPurse
from tests.gateway.policy.scripted import MemoryLedger
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.provider.tokens import counter
from tests.retrieval.test_search import Compass
from wiring.accounts import Accounts
from wiring.models import open_chat
from wiring.settings import read_settings
from wiring.telemetry_gateway import GatewayMetrics

REQUEST = ChatRequest(compose("How long?", []))
BUSY = Reply(status=501)


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@asynccontextmanager
async def opened(
    monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str], ledger: MemoryLedger | None = None
) -> AsyncIterator[ChatModel]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    books, metrics = Books(ledger or MemoryLedger()), GatewayMetrics(CollectorRegistry())
    accounts = Accounts(books, Budget(MemoryPurse(), BudgetConfig(), books), metrics)
    async with open_chat(read_settings(), Compass(), counter(), accounts) as chat:
        yield chat
        await books.flush()


async def test_without_a_key_the_documents_answer_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened(monkeypatch, {}) as chat:
        assert chat.name == "extractive"


async def test_a_base_url_alone_is_a_server_that_speaks_chat_completions(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    environ = {"OPENAI_BASE_URL": provider.url, "FOREBAY_CHAT__MODEL": "openai/gpt-oss-20b"}
    async with opened(monkeypatch, environ) as chat:
        await chat.complete(REQUEST)
    assert provider.received[0].path == "/v1/chat/completions"
    assert provider.received[0].body["model"] == "openai/gpt-oss-20b"


async def test_a_chain_goes_from_provider_to_provider(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    ledger = MemoryLedger()
    environ = {
        "OPENAI_API_KEY": "sk-ours",
        "FOREBAY_PROVIDERS__OPENAI__BASE_URL": provider.url,
        "FOREBAY_PROVIDERS__OPENAI__API": "responses",
        "FOREBAY_PROVIDERS__OUR_OWN__BASE_URL": provider.url,
        "FOREBAY_TIERS__MINI": "openai/gpt-5.4-mini, our_own/meta-llama/Llama-4",
        "FOREBAY_CHAT__TIER": "mini",
    }
    async with opened(monkeypatch, environ, ledger) as chat:
        provider.answer(BUSY)
        completion = await chat.complete(REQUEST)
    assert [one.path for one in provider.received] == ["/v1/responses", "/v1/chat/completions"]
    assert (completion.provider, completion.model) == ("our_own", "meta-llama/Llama-4")
    assert [row.model for row in ledger.rows] == ["meta-llama/Llama-4"]


async def test_the_other_vendors_are_reached_by_their_usual_variables(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    environ = {
        "ANTHROPIC_API_KEY": "sk-ant",
        "ANTHROPIC_BASE_URL": provider.anthropic_url,
        "GEMINI_API_KEY": "g",
        "GEMINI_BASE_URL": provider.gemini_url,
        "FOREBAY_TIERS__PRO": "anthropic/claude-haiku-4-5,gemini/gemini-2.5-flash",
        "FOREBAY_CHAT__TIER": "pro",
    }
    async with opened(monkeypatch, environ) as chat:
        assert (await chat.complete(REQUEST)).provider == "anthropic"
        provider.answer(Reply(status=402))
        completion = await chat.complete(REQUEST)
    assert completion.provider == "gemini"
    assert completion.cost_microdollars > 0


async def test_a_business_line_has_its_own_key(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    environ = {
        "OPENAI_API_KEY": "sk-ours",
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_PROVIDERS__OPENAI__KEYS__MARKETING": "sk-marketing",
    }
    async with opened(monkeypatch, environ) as chat:
        await chat.complete(REQUEST)
        await chat.complete(replace(REQUEST, account=Account(feature="marketing")))
    keys = [one.headers["authorization"] for one in provider.received]
    assert keys == ["Bearer sk-ours", "Bearer sk-marketing"]


async def test_a_tier_without_models_is_answered_by_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    async with opened(monkeypatch, {"OPENAI_BASE_URL": provider.url}) as chat:
        assert (await chat.complete(replace(REQUEST, tier="nano"))).model == "gpt-5.4-mini"


WRONG = {
    "provider": (
        {"FOREBAY_TIERS__MINI": "opnai/gpt-5.4-mini"},
        r"FOREBAY_TIERS__MINI names 'opnai/gpt-5\.4-mini'.*openai, anthropic, gemini",
    ),
    "no model": ({"FOREBAY_TIERS__MINI": "openai/"}, "FOREBAY_TIERS__MINI names 'openai/'"),
    "no key": ({"FOREBAY_TIERS__MINI": "anthropic/claude-haiku-4-5"}, "Set ANTHROPIC_API_KEY"),
    "no address": (
        {"FOREBAY_TIERS__MINI": "azure/x", "FOREBAY_PROVIDERS__AZURE__API_KEY": "k"},
        "Set FOREBAY_PROVIDERS__AZURE__BASE_URL",
    ),
    "no price": ({"FOREBAY_TIERS__MINI": "openai/gpt-99"}, "no price for the model 'gpt-99'"),
    "no such tier": ({"FOREBAY_CHAT__TIER": "pro"}, "Set FOREBAY_TIERS__PRO=provider/model"),
}


@pytest.mark.parametrize(("environ", "says"), WRONG.values(), ids=WRONG)
async def test_what_cannot_work_is_said_at_start(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        async with opened(monkeypatch, {"OPENAI_API_KEY": "sk-ours", **environ}):
            pass


async def test_a_limit_holds_for_each_model_and_key(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    environ = {
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_PROVIDERS__OPENAI__REQUESTS_PER_MINUTE": "1",
        "FOREBAY_PROVIDERS__OPENAI__KEYS__MARKETING": "sk-marketing",
        "FOREBAY_CHAT__SECONDS": "5",
    }
    async with opened(monkeypatch, environ) as chat:
        await chat.complete(REQUEST)
        await chat.complete(replace(REQUEST, account=Account(feature="marketing")))
        with pytest.raises(Exception, match=r"next turn at openai/gpt-5\.4-mini is in"):
            await chat.complete(REQUEST)
