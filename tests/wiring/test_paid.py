"""Whatever a question or a document costs is in the ledger, on its tenant and key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.question import Question
from domain.asking import asking
from domain.completion import Account
from domain.errors import CapReached
from domain.ingestion import IngestRequest
from domain.jobs import Job
from domain.keys import ApiKey
from domain.records import LedgerRow
from tests.provider.rerank_server import rerank_provider
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.wiring.directory import over, uploaded
from wiring.jobs import open_jobs
from wiring.services import open_services
from wiring.settings import Settings, read_settings
from wiring.state.database import open_state

PRICES = """
[openai."text-embedding-3-small"]
input = 20
[openai."gpt-5.4-mini"]
input = 1
output = 1
[jina."jina-reranker-v3"]
input = 1000
"""
ASKED = Question("How long are backups kept?", "acme", "notes", key="wiki")
EVER = "2020-01-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
def settings(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "prices.toml").write_text(PRICES)
    environ = {
        "FOREBAY_DATA": str(tmp_path / "data"),
        "OPENAI_API_KEY": "sk",
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_CHAT__API": "responses",
        "FOREBAY_EMBED__PROVIDER": "openai",
        "FOREBAY_EMBED__MODEL": "text-embedding-3-small",
        "FOREBAY_RERANK__PROVIDER": "llm",
        "FOREBAY_UNDERSTAND__PASSAGE": "true",
        "FOREBAY_PRICES": str(tmp_path / "prices.toml"),
        "FOREBAY_BUDGET__TENANTS__POOR": "0",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return read_settings()


def notes(tmp_path: Path, tenant: str) -> IngestRequest:
    (tmp_path / "note.md").write_text("# Backups\n\nBackups are kept for 35 days.\n")
    return IngestRequest((str(tmp_path / "note.md"),), tenant, "notes")


async def booked(settings: Settings, tenant: str) -> list[LedgerRow]:
    async with open_state(settings.database_url) as state:
        return list(await state.ledger.rows(tenant, EVER))


async def test_each_call_for_a_question_is_on_its_asker(
    settings: Settings, provider: Provider, tmp_path: Path
) -> None:
    async with open_services(settings) as services:
        await services.ingest(notes(tmp_path, "acme"))
        embedded = ["", ""]  # they take a reply each
        provider.say("They are kept for 35 days.", *embedded, '{"1": 9}', "For 35 days [1].")
        await services.ask(ASKED)
    ingested, *asked = await booked(settings, "acme")
    assert (ingested.endpoint, ingested.key) == ("embed", "")
    found = [(row.endpoint, row.key) for row in asked]
    assert sorted(found) == [(e, "wiki") for e in ("ask", "embed", "embed", "rerank", "understand")]
    assert all(row.cost_microdollars for row in (ingested, *asked))
    assert await booked(settings, "default") == []


async def test_a_question_that_was_embedded_before_is_not_paid_again(
    settings: Settings, tmp_path: Path
) -> None:
    async with open_services(settings) as services:
        await services.ingest(notes(tmp_path, "acme"))
        for _ in range(2):
            await services.search(ASKED)
    rows = await booked(settings, "acme")
    assert [row.key for row in rows if row.endpoint == "embed"] == ["", "wiki"]


async def test_documents_are_not_embedded_beyond_the_cap(
    settings: Settings, provider: Provider, tmp_path: Path
) -> None:
    async with open_services(settings) as services:
        with pytest.raises(CapReached, match="Tenant 'poor'"):
            await services.ingest(notes(tmp_path, "poor"))
    assert provider.received == []


async def job_of(settings: Settings, key: ApiKey) -> Job:
    async with (
        open_services(settings) as services,
        open_jobs(services.state.jobs, settings.data / "uploads", services) as jobs,
    ):
        return await over(jobs, await uploaded(jobs, key.tenant, key, note="Kept for 35 days."))


async def test_an_upload_is_on_the_key_that_sent_it(settings: Settings) -> None:
    assert (await job_of(settings, ApiKey("acme", "wiki"))).state == "done"
    (row,) = await booked(settings, "acme")
    assert (row.endpoint, row.key) == ("embed", "wiki")
    assert row.cost_microdollars > 0


async def test_an_upload_beyond_the_cap_of_its_key_fails(
    settings: Settings, provider: Provider
) -> None:
    job = await job_of(settings, ApiKey("acme", "wiki", monthly_microdollars=0))
    assert job.state == "failed"
    assert job.error.startswith("The key 'wiki'")
    assert provider.received == []


async def test_what_a_hosted_reranker_does_not_say_is_counted_in_tokens(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rerank_provider() as hosted:
        hosted.answer(Reply(verbatim=json.dumps({"results": [{"index": 0, "relevance_score": 1}]})))
        monkeypatch.setenv("FOREBAY_RERANK__PROVIDER", "jina")
        monkeypatch.setenv("FOREBAY_RERANK__BASE_URL", hosted.url("jina"))
        async with open_services(read_settings()) as services:
            assert services.reranker
            with asking(Account("acme", "wiki")):
                await services.reranker.rerank("How long?", ["Backups are kept."])
    (row,) = await booked(settings, "acme")
    assert (row.endpoint, row.key, row.usage.input) == ("rerank", "wiki", 3 + 5)
    assert row.cost_microdollars == 8_000
