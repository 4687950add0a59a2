"""A backup brings everything back, says when it is damaged, and replaces nothing."""

import json
import shutil
from pathlib import Path

import httpx2
import pytest

from domain.errors import InvalidInput, Misconfigured, NotFound, Unavailable
from tests.service import forebay, running
from wiring.owner import read_owner
from wiring.restore import restore, verify
from wiring.settings import Settings
from wiring.settings_places import DatabaseSettings, QdrantSettings

QUESTION = "How long are backups kept?"


@pytest.fixture(scope="module")
def made(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By a running service. Not to be changed: see `copied`."""
    place = tmp_path_factory.mktemp("backup")
    data = Path(shutil.copytree(handbook_data, place / "data"))
    with running(data):
        done = forebay("backup", str(place / "made"), "--json", data=data)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] > 2
    return place / "made"


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "made"))


def found(data: Path) -> object:
    done = forebay("search", QUESTION, "--json", data=data)
    assert done.returncode == 0, done.stderr
    return [(hit["chunk"]["id"], hit["score"]) for hit in json.loads(done.stdout)["hits"]]


def test_what_is_restored_finds_what_was_found(
    made: Path, handbook_data: Path, tmp_path: Path
) -> None:
    before = found(Path(shutil.copytree(handbook_data, tmp_path / "before")))
    restore(made, Settings(data=tmp_path / "data"))
    assert found(tmp_path / "data") == before


def test_without_a_service_the_command_makes_it_itself(data: Path, tmp_path: Path) -> None:
    done = forebay("backup", str(tmp_path / "made"), data=data)
    assert done.returncode == 0, done.stderr
    assert verify(tmp_path / "made").files
    assert read_owner(data) is None


def test_it_is_whole_as_it_was_made(made: Path) -> None:
    assert verify(made).size > 0


def test_it_takes_no_more_room_than_what_it_holds(made: Path) -> None:
    assert 512 * sum(path.stat().st_blocks for path in made.rglob("*")) < verify(made).size / 4


def test_others_of_the_machine_cannot_read_it(made: Path) -> None:
    assert made.stat().st_mode & 0o077 == 0


def test_a_byte_that_changed_is_named_with_its_file(copied: Path) -> None:
    path = copied / "collections" / "default" / "collection.json"
    path.write_text(path.read_text().replace("default", "defauld"))
    with pytest.raises(Unavailable, match=r"collections/default/collection\.json"):
        verify(copied)


def test_a_file_that_is_gone_is_named(copied: Path) -> None:
    (copied / "state.db").unlink()
    with pytest.raises(Unavailable, match=r"state\.db"):
        verify(copied)


def test_a_backup_that_was_not_ended_is_none(copied: Path) -> None:
    (copied / "manifest.json").unlink()
    with pytest.raises(NotFound, match=r"manifest\.json"):
        verify(copied)


def test_nothing_is_restored_from_a_damaged_one(copied: Path, tmp_path: Path) -> None:
    (copied / "state.db").write_bytes(b"else")
    with pytest.raises(Unavailable):
        restore(copied, Settings(data=tmp_path / "data"))
    assert not (tmp_path / "data" / "collections").exists()


def test_after_a_restore_that_failed_the_next_one_works(
    copied: Path, made: Path, tmp_path: Path
) -> None:
    (copied / "state.db").write_bytes(b"else")
    settings = Settings(data=tmp_path / "data")
    with pytest.raises(Unavailable):
        restore(copied, settings)
    restore(made, settings)
    assert not (tmp_path / "data" / "restoring").exists()


def test_a_restore_replaces_nothing(made: Path, data: Path) -> None:
    with pytest.raises(InvalidInput, match="replaces nothing"):
        restore(made, Settings(data=data))


def test_a_backup_replaces_nothing(data: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine").touch()
    done = forebay("backup", str(tmp_path / "made"), data=data)
    assert done.returncode == 2
    assert "not empty" in done.stderr


@pytest.mark.parametrize(
    ("servers", "command"),
    [
        pytest.param({"qdrant": QdrantSettings(url="http://q:6333")}, "/snapshots", id="qdrant"),
        pytest.param(
            {"database": DatabaseSettings.model_validate({"url": "postgresql://p/forebay"})},
            "pg_dump",
            id="postgresql",
        ),
    ],
)
def test_with_servers_their_own_commands_are_named(
    made: Path, tmp_path: Path, servers: dict[str, QdrantSettings | DatabaseSettings], command: str
) -> None:
    settings = Settings(data=tmp_path / "data").model_copy(update=servers)
    with pytest.raises(Misconfigured, match=command):
        restore(made, settings)


def test_a_waiting_upload_is_kept(data: Path, tmp_path: Path) -> None:
    folder = data / "uploads" / "a-job" / "docs"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("words")
    assert forebay("backup", str(tmp_path / "made"), data=data).returncode == 0
    assert (tmp_path / "made" / "uploads" / "a-job" / "docs" / "a.md").read_text() == "words"


def test_only_the_user_s_own_commands_may_ask_the_service_for_one(data: Path) -> None:
    with running(data) as client:
        response = client.post("/v1/local/backup", json={"folder": "/tmp/x"})
    assert response.status_code == httpx2.codes.UNAUTHORIZED
