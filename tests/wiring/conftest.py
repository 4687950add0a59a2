"""A state database and a data directory of a test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.wiring.directory import Directory
from tests.wiring.scripted import ScriptedIngestion
from wiring.state.database import open_state


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Directory]:
    async with open_state(f"sqlite:///{tmp_path}/state.db") as state:
        yield Directory(state, tmp_path / "uploads", ScriptedIngestion(state.documents))
