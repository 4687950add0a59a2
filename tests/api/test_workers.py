"""Several workers on one address: real processes, with a Qdrant server's wire on loopback."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.retrieval.qdrant_on_loopback import running as running_qdrant
from tests.service import forebay, running

ASKED = 8


@dataclass(frozen=True)
class Several:
    client: httpx2.Client
    parent: psutil.Process

    def workers(self) -> list[psutil.Process]:
        return [one for one in self.parent.children() if _works(one)]

    def ask(self) -> httpx2.Response:
        """On a connection of its own, so that any of them may take it."""
        with httpx2.Client(base_url=self.client.base_url, timeout=30, trust_env=False) as client:
            return client.get("/v1/documents")


@contextmanager
def two(folder: Path) -> Iterator[Several]:
    before = {one.pid for one in psutil.Process().children()}
    with running_qdrant() as qdrant:
        server = {
            "FOREBAY_QDRANT__URL": qdrant.url,
            "FOREBAY_API__WORKERS": "2",
            "TMPDIR": str(folder),  # who is killed leaves its counts
        }
        with running(folder / "data", **server) as client:
            children = psutil.Process().children()
            (parent,) = [one for one in children if one.pid not in before and _serves(one)]
            yield Several(client, parent)


def _works(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except (psutil.ZombieProcess, psutil.NoSuchProcess):  # ends as we look
        return False


def _serves(process: psutil.Process) -> bool:
    return "serve" in process.cmdline()


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    with two(tmp_path_factory.mktemp("several")) as found:
        yield found


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_embedded_store_has_one(tmp_path: Path) -> None:
    done = forebay("serve", "--workers", "2", data=tmp_path)
    assert done.returncode == 1
    assert "FOREBAY_QDRANT__URL" in done.stderr


def test_what_keeps_all_from_starting_is_said(tmp_path: Path) -> None:
    away = {"FOREBAY_QDRANT__URL": "http://127.0.0.1:9", "FOREBAY_API__HOST": "0.0.0.0"}
    done = forebay("serve", "--workers", "2", data=tmp_path, FOREBAY_API__PORT="0", **away)
    assert done.returncode == 1
    assert "there is no key" in done.stderr


def test_counts_are_of_all_of_them(several: Several) -> None:
    for _ in range(ASKED):
        assert several.ask().status_code == 200
    text = several.client.get("/metrics").text
    assert f'forebay_requests_total{{route="/v1/documents",status="200"}} {ASKED}.0' in text


def test_another_takes_the_place_of_one_that_dies(several: Several) -> None:
    first, second = several.workers()
    first.kill()
    until(lambda: len(several.workers()) == 2 and first not in several.workers())
    assert second in several.workers()
    assert several.ask().status_code == 200


def test_told_to_end_all_of_them_do(several: Several) -> None:
    workers = several.workers()
    several.parent.terminate()
    until(lambda: not any(one.is_running() for one in workers))


def test_they_end_when_who_started_them_is_killed(tmp_path: Path) -> None:
    with two(tmp_path) as several:
        workers = several.workers()
        several.parent.send_signal(signal.SIGKILL)
        until(lambda: not any(one.is_running() for one in workers))
