"""What is worth pinning, from what was shown and from when questions came."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.completion import CacheOutcome, Usage
from domain.documents import Chunk, EmbeddedChunk
from domain.errors import Misconfigured, NotFound
from retrieval.edge import EdgeStore
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT
from tests.contracts.state_ledger import a_row
from tests.provider.tokens import counter
from tests.values import a_chunk
from wiring.planning import Planned, Seen, planned
from wiring.settings import Settings
from wiring.settings_cache import CacheSettings
from wiring.state.database import State, open_state

TEXT = "The gate is closed at night and opened in the morning, except on Sundays. " * 15
NOW = datetime.now(UTC)


@dataclass
class Traffic:
    seen: Seen
    state: State
    chunks: list[Chunk]

    async def day(self, ago: int, questions: int, *times: int) -> None:
        """So many questions, which were shown the passages so often each."""
        day = f"{NOW - timedelta(days=ago):%Y-%m-%d}"
        counts = {(TENANT, NAME, day, ""): questions}
        for chunk, number in zip(self.chunks, times, strict=False):
            counts[TENANT, NAME, day, chunk.id] = number
        await self.state.shown.add(counts)

    async def questions(self, number: int, minutes: float, *, ago: int = 0) -> None:
        """In the ledger, so far apart; the last so many days ago."""
        times = (NOW - timedelta(days=ago, minutes=minutes * n) for n in range(number))
        rows = [replace(a_row(), tenant=TENANT, at=at.isoformat()) for at in times]
        await self.state.ledger.book(*rows)

    async def plan(self, **settings: object) -> Planned:
        here = replace(self.seen, settings=self.seen.settings.model_copy(update=settings))
        return await planned(here, TENANT, NAME, (), days=30)


@pytest.fixture
async def traffic(tmp_path: Path) -> AsyncIterator[Traffic]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    chunks = [
        a_chunk(id=f"c{n}", document_id=f"d{n}", source=f"{n}.md", text=f"Gate {n}. {TEXT}")
        for n in range(8)
    ]
    await store.upsert(TENANT, NAME, [EmbeddedChunk(chunk, EAST) for chunk in chunks])
    settings = Settings(data=tmp_path, openai_api_key=SecretStr("sk-test"))
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield Traffic(Seen(settings, state, store, counter()), state, chunks)
    await store.close()


async def test_what_nearly_every_question_shows_is_worth_pinning(traffic: Traffic) -> None:
    await traffic.day(2, 300, *[280] * 6, 3, 3)
    await traffic.questions(200, minutes=1)
    found = await traffic.plan()
    assert [one.source for one in found.passages] == [f"{n}.md" for n in range(6)]
    assert 0 < found.surely < found.saves < 1
    assert found.microdollars > 0


async def test_what_is_shown_seldom_is_not(traffic: Traffic) -> None:
    await traffic.day(2, 300, *[6] * 8)
    await traffic.questions(200, minutes=1)
    assert (await traffic.plan()).passages == ()


async def test_nothing_is_where_questions_come_so_seldom_that_no_cache_lasts(
    traffic: Traffic,
) -> None:
    await traffic.day(2, 30, *[28] * 8)
    await traffic.questions(20, minutes=2 * 24 * 60)
    assert (await traffic.plan()).passages == ()


@pytest.mark.parametrize(("shared", "worth"), [(False, 6), (True, 0)])
async def test_what_others_keep_in_the_cache_says_nothing_of_what_is_pinned(
    traffic: Traffic, shared: bool, worth: int
) -> None:
    """One question in ten is this collection's, every two days or so. All find the prompt set: in
    the tenant's own cache, or in one that others keep warm.
    """
    await traffic.day(2, 10, *[10] * 6)
    read = CacheOutcome(prefix=2_000, cacheable=2_000, why="hit", says="")
    times = (NOW - timedelta(hours=6 * n) for n in range(100))
    rows = [replace(a_row(), tenant=TENANT, at=at.isoformat(), cache=read) for at in times]
    await traffic.state.ledger.book(*rows)
    found = await traffic.plan(cache=CacheSettings(shared=shared))
    assert (found.hit, found.measured) == (1.0, True)
    assert len(found.passages) == worth


@pytest.mark.parametrize(
    ("cached", "hit"), [((1_408,), 1.0), ((0, 4_000), 0.5)], ids=["steps", "conversations"]
)
async def test_what_is_found_is_the_prefix_as_far_as_it_can_be(
    traffic: Traffic, cached: tuple[int, ...], hit: float
) -> None:
    """Read in steps of 128, and with a conversation behind it."""
    await traffic.day(2, 100, *[90] * 6)
    did = CacheOutcome(prefix=1_500, cacheable=1_408, why="hit", says="")
    rows = [
        replace(a_row(), tenant=TENANT, at=NOW.isoformat(), usage=Usage(5_000, of), cache=did)
        for of in cached * 50
    ]
    await traffic.state.ledger.book(*rows)
    found = await traffic.plan()
    assert found.hit == pytest.approx(hit)


async def test_a_plan_is_tried_on_the_newer_half(traffic: Traffic) -> None:
    await traffic.day(3, 300, *[280] * 6)
    await traffic.day(2, 300, *[270] * 6)
    await traffic.questions(200, minutes=1)
    found = await traffic.plan()
    assert found.held_out_questions == 300
    assert found.held_out is not None
    assert found.held_out > 0.3


async def test_a_plan_is_tried_at_the_times_of_the_newer_half(traffic: Traffic) -> None:
    """Its questions come so seldom that no cache lasts from one to the next."""
    await traffic.day(20, 300, *[280] * 6)
    for ago in (18, 16, 14, 12):
        await traffic.day(ago, 75, *[70] * 6)
    await traffic.questions(300, minutes=1, ago=20)
    await traffic.questions(4, minutes=2 * 24 * 60, ago=12)
    found = await traffic.plan()
    assert found.saves > 0.5
    assert found.held_out is not None
    assert found.held_out < 0


async def test_a_habit_that_ended_shows_on_the_newer_half(traffic: Traffic) -> None:
    await traffic.day(3, 300, *[280] * 6)
    await traffic.day(2, 300, *[0] * 6, 290)
    await traffic.questions(200, minutes=1)
    found = await traffic.plan()
    assert found.held_out is not None
    assert found.held_out < found.saves / 2


async def test_one_day_is_not_divided(traffic: Traffic) -> None:
    await traffic.day(2, 300, *[280] * 6)
    assert (await traffic.plan()).held_out is None


async def test_a_passage_that_is_gone_is_not_planned(traffic: Traffic) -> None:
    await traffic.day(2, 300, *[280] * 6)
    await traffic.state.shown.add({(TENANT, NAME, f"{NOW:%Y-%m-%d}", "gone"): 290})
    await traffic.questions(200, minutes=1)
    assert {one.id for one in (await traffic.plan()).passages} == {f"c{n}" for n in range(6)}


async def test_no_more_is_planned_than_may_be_pinned(traffic: Traffic) -> None:
    await traffic.day(2, 300, *[280] * 8)
    await traffic.questions(200, minutes=1)
    prompt = traffic.seen.settings.prompt.model_copy(update={"pinned_tokens": 1_000})
    assert (await traffic.plan(prompt=prompt)).pinned_tokens <= 1_000


async def test_without_questions_there_is_no_plan(traffic: Traffic) -> None:
    with pytest.raises(NotFound, match="Nothing was asked"):
        await traffic.plan()


async def test_without_a_known_cache_there_is_no_plan(traffic: Traffic) -> None:
    with pytest.raises(Misconfigured, match="No rules of a prompt cache"):
        await traffic.plan(openai_api_key=None)
