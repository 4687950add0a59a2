"""At the times that are set, every tenant's prefixes are made ready, each once, where that pays."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from answering.pinned import Prefixes
from domain.completion import CacheOutcome, Usage
from domain.documents import DocumentRecord
from domain.errors import Misconfigured, ModelUnreachable
from domain.ids import document_id
from tests.contracts.state_ledger import a_row
from tests.gateway.policy.scripted import DONE, Scripted
from tests.provider.tokens import counter
from tests.wiring.scripted import AT
from wiring.settings import Settings
from wiring.settings_cache import CacheSettings
from wiring.settings_models import ChatSettings
from wiring.settings_prompts import PromptSettings
from wiring.state.database import State, open_state
from wiring.warm import Warmer, on_schedule, request_of

NOW = datetime(2026, 11, 23, 7, 55, tzinfo=UTC)


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    own = tmp_path / "sets" / "answer" / "v9"
    own.mkdir(parents=True)
    (own / "system.md").write_text("Keep to the passages. " * 500)
    return Settings(
        data=tmp_path,
        openai_api_key=SecretStr("sk-test"),
        chat=ChatSettings(model="gpt-5.6-sol"),
        prompt=PromptSettings(version="answer/v9", folder=tmp_path / "sets"),
    )


def a_warmer(state: State, settings: Settings, chat: Scripted) -> Warmer:
    return Warmer(chat, Prefixes(settings.prompt.library), state, counter(), settings)


async def asked(
    state: State, warmer: Warmer, tenant: str, *, each: int = 4, prompt: str = "answer/v9"
) -> None:
    """So many questions at this time on five days, none of which found anything."""
    prefix = await warmer.prefixes.of(prompt, tenant, "handbook")
    fingerprint = request_of(prefix, tenant).prompt.prefix_fingerprint
    cold = CacheOutcome(2_500, 0, "cold", "")
    await state.ledger.book(
        *(
            replace(
                a_row(tenant=tenant, at=(NOW - timedelta(days=day, seconds=-n - 1)).isoformat()),
                prefix_fingerprint=fingerprint,
                usage=Usage(input=4_000),
                cache=cold,
            )
            for day in range(1, 6)
            for n in range(each)
        )
    )


async def holds(state: State, tenant: str, *collections: str) -> None:
    for name in collections:
        record = DocumentRecord(
            id=document_id(tenant, name, "a.md"), tenant=tenant, collection=name, source="a.md",
            title="A", version="1", content_hash="x", media_type="text/plain", size=1, chunks=1,
            ingested_at=AT, root="",
        )  # fmt: skip
        await state.documents.save([record])


async def test_a_prefix_that_several_collections_share_is_made_ready_once(
    state: State, settings: Settings
) -> None:
    chat = Scripted([DONE], [DONE])
    warmer = a_warmer(state, settings, chat)
    await holds(state, "acme", "handbook", "contracts")
    await asked(state, warmer, "acme")
    await warmer.warm_all(NOW)
    (request,) = chat.asked
    assert (request.account.tenant, request.account.endpoint) == ("acme", "warm")
    assert request.warms


async def test_a_tenant_that_asks_little_costs_nothing(state: State, settings: Settings) -> None:
    chat = Scripted()
    warmer = a_warmer(state, settings, chat)
    await holds(state, "acme", "handbook")
    await asked(state, warmer, "acme", each=1)
    await warmer.warm_all(NOW)
    assert chat.asked == []


async def test_one_that_fails_does_not_keep_the_next_from_it(
    state: State, settings: Settings
) -> None:
    chat = Scripted([ModelUnreachable("away")], [DONE])
    warmer = a_warmer(state, settings, chat)
    for tenant in ("acme", "globex"):
        await holds(state, tenant, "handbook")
        await asked(state, warmer, tenant)
    await warmer.warm_all(NOW)
    assert [request.account.tenant for request in chat.asked] == ["acme", "globex"]


async def test_what_does_not_pay_is_done_by_force(state: State, settings: Settings) -> None:
    chat = Scripted([DONE])
    found = await a_warmer(state, settings, chat).warm("acme", "handbook", NOW, force=True)
    assert found.done
    assert found.cost_microdollars == DONE.cost_microdollars


async def test_a_wrong_time_is_said_at_the_start(state: State, settings: Settings) -> None:
    warmer = a_warmer(state, settings, Scripted())
    with pytest.raises(Misconfigured, match="FOREBAY_CACHE__WARM is 'soon'"):
        async with on_schedule(warmer, CacheSettings(warm="soon")):
            pass


async def test_without_a_time_nothing_waits(state: State, settings: Settings) -> None:
    before = len(asyncio.all_tasks())
    async with on_schedule(a_warmer(state, settings, Scripted()), CacheSettings()):
        assert len(asyncio.all_tasks()) == before


async def test_with_one_it_waits_until_the_service_ends(state: State, settings: Settings) -> None:
    before = len(asyncio.all_tasks())
    async with on_schedule(a_warmer(state, settings, Scripted()), CacheSettings(warm="07:55")):
        assert len(asyncio.all_tasks()) == before + 1
    assert len(asyncio.all_tasks()) == before
