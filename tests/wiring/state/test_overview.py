"""Counts of a tenant's collections, conversations and days, over both databases."""

from dataclasses import replace

import pytest

from domain.completion import Usage
from domain.documents import DocumentRecord
from domain.records import LedgerRow, Turn
from wiring.state.database import State
from wiring.state.overview import Overview

A_DOCUMENT = DocumentRecord(
    id="d1",
    tenant="acme",
    collection="handbook",
    source="a.md",
    title="A",
    version="v1",
    content_hash="h",
    media_type="text/markdown",
    size=100,
    chunks=3,
    ingested_at="2026-11-03T09:30:00+00:00",
)
A_CALL = LedgerRow(
    at="2026-11-03T23:30:00+00:00",
    tenant="acme",
    endpoint="ask",
    model="mini",
    prompt_version="answer/v1",
    prefix_fingerprint="f",
    usage=Usage(input=1000, cached=600, output=50),
    cost_microdollars=700,
    seconds=1.0,
    finish="stop",
)
SINCE = "2026-11-01T00:00:00+00:00"


@pytest.fixture
def overview(state: State) -> Overview:
    return Overview(state.database)


async def test_a_collection_counts_its_current_documents(state: State, overview: Overview) -> None:
    second = replace(A_DOCUMENT, id="d2", source="b.md")
    await state.documents.save([A_DOCUMENT, second])
    await state.documents.save([replace(A_DOCUMENT, version="v2", chunks=5, size=200)])
    [found] = await overview.collections("acme")
    assert (found.name, found.documents, found.chunks, found.size) == ("handbook", 2, 8, 300)


async def test_collections_of_others_are_not_counted(state: State, overview: Overview) -> None:
    await state.documents.save([A_DOCUMENT])
    assert await overview.collections("evil") == []


async def test_the_last_conversation_comes_first(state: State, overview: Overview) -> None:
    for session, minute in (("s1", "00"), ("s2", "10"), ("s1", "20")):
        turn = Turn(f"Question at {minute}", "Answer.", f"2026-11-03T09:{minute}:00+00:00")
        await state.sessions.append("acme", session, turn)
    found = await overview.conversations("acme", offset=0, limit=10)
    assert [(one.id, one.turns, one.question) for one in found.sessions] == [
        ("s1", 2, "Question at 00"),
        ("s2", 1, "Question at 10"),
    ]
    assert found.total == 2


async def test_a_day_is_added_up_by_model(state: State, overview: Overview) -> None:
    for call in (A_CALL, A_CALL, replace(A_CALL, model="nano", cost_microdollars=10)):
        await state.ledger.book(call)
    mini, nano = await overview.days("acme", SINCE)
    assert (mini.day, mini.calls, mini.input, mini.cached) == ("2026-11-03", 2, 2000, 1200)
    assert (mini.cost_microdollars, nano.cost_microdollars) == (1400, 10)


async def test_days_are_utc_s(state: State, overview: Overview) -> None:
    await state.ledger.book(replace(A_CALL, at="2026-11-04T00:30:00+01:00"))
    [found] = await overview.days("acme", SINCE)
    assert found.day == "2026-11-03"


async def test_times_are_what_half_and_nearly_all_calls_kept_to(
    state: State, overview: Overview
) -> None:
    for tenth in range(1, 11):
        await state.ledger.book(replace(A_CALL, seconds=float(tenth)))
    [found] = await overview.times("acme", SINCE)
    assert (found.day, found.p50, found.p95) == ("2026-11-03", 5.0, 10.0)


async def test_calls_of_others_and_before_are_left_out(state: State, overview: Overview) -> None:
    await state.ledger.book(replace(A_CALL, tenant="evil"))
    await state.ledger.book(replace(A_CALL, at="2026-10-03T09:30:00+00:00"))
    assert await overview.days("acme", SINCE) == []
    assert await overview.times("acme", SINCE) == []
