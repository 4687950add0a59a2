"""One process owns an embedded data directory, and the others can find it."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import DataDirectoryBusy, Misconfigured
from wiring.owner import announce, own, read_owner, service_of

HOLD = """
import sys
from pathlib import Path
from wiring.owner import announce, own
with own(Path(sys.argv[1]), "forebay serve"):
    announce(Path(sys.argv[1]), "http://127.0.0.1:1")
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_owner_is_told_who_holds_the_directory_and_what_to_do(tmp_path: Path) -> None:
    with (
        own(tmp_path, "forebay ingest"),
        pytest.raises(DataDirectoryBusy, match=r"forebay ingest.*FOREBAY_DATA"),
        own(tmp_path, "forebay ask"),
    ):
        pass


def test_the_directory_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with own(tmp_path, "forebay ingest"):
            pass
    assert read_owner(tmp_path) is None


def test_only_a_process_that_announced_itself_is_a_service(tmp_path: Path) -> None:
    with own(tmp_path, "forebay serve"):
        assert service_of(tmp_path) is None
        token = announce(tmp_path, "http://127.0.0.1:9")
        found = service_of(tmp_path)
    assert found is not None
    assert (found.url, found.token) == ("http://127.0.0.1:9", token)


def test_the_token_is_readable_by_its_user_alone_and_never_printed(tmp_path: Path) -> None:
    with own(tmp_path, "forebay serve"):
        token = announce(tmp_path, "http://127.0.0.1:9")
        assert (tmp_path / "owner.json").stat().st_mode & 0o077 == 0
        assert token not in repr(service_of(tmp_path))


def test_an_owner_that_was_killed_leaves_the_directory_free(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    assert service_of(tmp_path) is not None
    process.kill()
    process.wait()
    assert service_of(tmp_path) is None
    with own(tmp_path, "forebay ask"):
        pass


def test_a_directory_that_is_made_is_its_user_s_alone(tmp_path: Path) -> None:
    with own(tmp_path / "data", "ingest"):
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(Misconfigured, match="FOREBAY_DATA"),
        own(tmp_path / "file" / "data", "forebay ask"),
    ):
        pass
