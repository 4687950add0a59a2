"""The service is ended in the middle of its streams, told or killed: `bench.serve` in small."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.serve import settings_of
from bench.serve_end import killed, told
from bench.serve_load import Questions
from bench.serve_process import provider

ASKERS, WORDS = 8, 12
BUSY = 5  # seconds: other tests may hold the disk; `bench.serve` has the bar
TEXTS = ("How long are backups kept?", "Who may restore one?", "What is kept for ten years?")


@pytest.fixture
async def settings() -> AsyncIterator[dict[str, str]]:
    async with provider(WORDS) as (url, _):
        yield settings_of(url)


async def test_told_to_end_it_ends_every_stream_with_its_last_event(
    data: Path, settings: dict[str, str]
) -> None:
    found = await told(data, settings, Questions(TEXTS), ASKERS)
    assert found.whole + found.with_error > 0
    assert not found.missed, asdict(found)


async def test_killed_it_has_booked_and_kept_what_was_heard(
    data: Path, settings: dict[str, str]
) -> None:
    found = await killed(data, settings, TEXTS, ASKERS)
    assert found.answered >= ASKERS
    assert not found.kept.wrong, asdict(found)
    assert found.again
    assert found.late < BUSY
