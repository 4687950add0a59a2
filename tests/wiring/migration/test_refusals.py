"""What must not be moved or overwritten is refused, with what to do."""

from pathlib import Path

import pytest

from domain.errors import DataDirectoryBusy, ForebayError, InvalidInput, Misconfigured, NotFound
from tests.wiring.migration.installation import SPACE, Qdrant, migrated, server, settings_of
from wiring.owner import own
from wiring.settings import Settings
from wiring.state.database import open_state


async def test_another_s_collection_is_in_the_way(chunks: Settings, qdrant: Qdrant) -> None:
    async with server(qdrant) as store:
        await store.open_collection("theirs", SPACE)
    with pytest.raises(InvalidInput, match="holds collections already: theirs"):
        await migrated(chunks)


async def test_nothing_moves_while_the_directory_is_held(chunks: Settings, data: Path) -> None:
    with own(data, "forebay serve"), pytest.raises(DataDirectoryBusy, match="forebay serve"):
        await migrated(chunks)


async def test_nothing_moves_while_the_state_alone_is_in_use(
    data: Path,
) -> None:
    settings = settings_of(data, None, "postgresql://nowhere.invalid/forebay")
    async with open_state(f"sqlite:///{data}/state.db") as state:
        await state.ping()
        with pytest.raises(DataDirectoryBusy, match="End the service"):
            await migrated(settings)


@pytest.mark.parametrize(
    ("place", "refusal"),
    [
        pytest.param("data", Misconfigured, id="no-servers"),
        pytest.param("nowhere", NotFound, id="no-source"),
    ],
)
async def test_without_a_source_or_a_target_it_says_what_to_set(
    data: Path, place: str, refusal: type[ForebayError]
) -> None:
    url = None if place == "data" else "http://127.0.0.1:1"
    with pytest.raises(refusal, match="Set FOREBAY_"):
        await migrated(settings_of(data.with_name(place), url))


async def test_a_database_that_is_in_use_already_is_in_the_way(
    everything: Settings, qdrant: Qdrant
) -> None:
    async with open_state(everything.database_url) as state:
        await state.secret("marks")
    with pytest.raises(InvalidInput, match="it has rows in installation"):
        await migrated(everything)
    assert not [one for one in qdrant.requests if "points" in one]
