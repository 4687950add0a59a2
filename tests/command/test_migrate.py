"""`forebay migrate` as an operator runs it, and what works on the servers afterwards."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from forebay.migrate_progress import Lines
from tests.service import HANDBOOK, environment, forebay, running
from tests.wiring.migration import installation
from tests.wiring.migration.installation import Qdrant
from tests.wiring.state.conftest import a_postgresql_database
from wiring.migrate_stores_tally import Step

QUESTIONS = ("How long are backups kept?", "Who approves travel?", "holidays in the first year")
Places = dict[str, str]


@pytest.fixture
def qdrant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Qdrant]:
    with installation.running(monkeypatch) as server:
        yield server


@pytest.fixture
def chunks(qdrant: Qdrant) -> Places:
    return {"FOREBAY_QDRANT__URL": qdrant.url}


@pytest.fixture
async def servers(chunks: Places) -> AsyncIterator[Places]:
    async with a_postgresql_database() as url:
        yield {**chunks, "FOREBAY_DATABASE__URL": url}


def found(data: Path, question: str, **places: str) -> list[tuple[str, object]]:
    done = forebay("search", question, "--json", data=data, **places)
    assert done.returncode == 0, done.stderr
    hits = json.loads(done.stdout)["hits"]
    return [(hit["chunk"]["id"], pytest.approx(hit["score"], abs=1e-3)) for hit in hits]


def test_afterwards_the_servers_answer_and_know_all_that_was_known(
    data: Path, servers: Places
) -> None:
    assert forebay("keys", "create", "app", data=data).returncode == 0
    keys = forebay("keys", "list", "--json", data=data).stdout
    before = [found(data, question) for question in QUESTIONS]
    done = forebay("migrate", "--json", data=data, **servers)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["same"]
    assert [found(data, question, **servers) for question in QUESTIONS] == before
    assert forebay("keys", "list", "--json", data=data, **servers).stdout == keys
    again = forebay("ingest", str(HANDBOOK), data=data, **servers)
    assert "21 unchanged" in again.stderr


def test_a_table_shows_each_part_here_and_there(data: Path, chunks: Places) -> None:
    done = forebay("migrate", data=data, **chunks)
    (row,) = [line.split() for line in done.stdout.splitlines() if "collection " in line]
    assert row[:4] == ["collection", "default", "90", "90"]
    assert (row[4], row[-1]) == (row[5], "same")
    assert "All of it is there" in done.stderr


def test_what_differs_fails_and_is_named(data: Path, chunks: Places) -> None:
    done = forebay("migrate", "--verify", data=data, **chunks)
    assert done.returncode == 1
    assert "Not the same: collection default." in done.stderr


def test_a_dry_run_copies_nothing(data: Path, chunks: Places, qdrant: Qdrant) -> None:
    done = forebay("migrate", "--dry-run", data=data, **chunks)
    assert done.returncode == 0, done.stderr
    assert "Would be copied: chunks, " in done.stdout
    assert qdrant.shown() == []


def test_a_service_that_holds_the_source_is_named(data: Path, chunks: Places) -> None:
    with running(data):
        done = forebay("migrate", data=data, **chunks)
    assert done.returncode == 1
    assert "(forebay serve)" in done.stderr


def test_ctrl_c_ends_it_and_the_same_command_goes_on(
    data: Path, chunks: Places, qdrant: Qdrant
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "forebay", "migrate"],
        env=environment(data, **chunks),
        stderr=subprocess.PIPE,
        text=True,
    )
    qdrant.before = lambda request: (
        child.send_signal(signal.SIGINT) if "points" in request else None
    )
    assert "Run the same command again" in child.communicate(timeout=60)[1]
    assert child.returncode == 130
    qdrant.before = lambda _: None
    assert forebay("migrate", data=data, **chunks).returncode == 0


def test_a_terminal_sees_where_it_is(data: Path, chunks: Places, qdrant: Qdrant) -> None:
    qdrant.before = lambda request: time.sleep(0.3 if "points" in request else 0)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "forebay", "migrate"],
        env=environment(data, **chunks, TERM="xterm"),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # Linux ends a terminal so
        os.close(ours)
    assert child.wait(60) == 0
    assert b"comparing collection default" in seen
    assert b"90/90" in seen or b"0/90" in seen


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(record=True, width=200)
    times = iter([0.0, 1.0, 7.0, 8.0])
    tell = Lines(console, clock=lambda: next(times))
    for done in (0, 600, 700):
        tell(Step("copying collection handbook", done, 1200))
    assert console.export_text() == (
        "copying collection handbook: 600 of 1,200 chunks; 100 chunks/s, about 6 s left\n"
    )
