"""The health checks are run here as they stand, against servers on loopback."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.deploy.files import SERVICES, said, stages


def of_the_image() -> list[str]:
    _, _, command = said(stages()[-1], "HEALTHCHECK")[0].partition("CMD ")
    parsed: list[str] = json.loads(command)
    return parsed


def of_compose(service: str) -> list[str]:
    kind, *command = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    return [word.replace("$$", "$") for word in command]


CHECKS: dict[str, tuple[list[str], str, int]] = {
    "the image": (of_the_image(), "/healthz", 8420),
    "forebay": (of_compose("forebay"), "/readyz", 8420),
    "qdrant": (of_compose("qdrant"), "/readyz", 6333),
}


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    """A server's port, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


def run(command: list[str], written: int, port: int) -> int:
    program, *words = (word.replace(str(written), str(port)) for word in command)
    path = sys.executable if program == "python" else shutil.which(program)
    assert path
    return subprocess.run([path, *words], capture_output=True, timeout=10, check=False).returncode


every_check = pytest.mark.parametrize(("command", "path", "port"), CHECKS.values(), ids=CHECKS)


@every_check
def test_it_is_well_when_the_server_says_so(command: list[str], path: str, port: int) -> None:
    with answering(200) as (actual, asked):
        assert run(command, port, actual) == 0
    assert asked == [path]


@every_check
def test_it_is_not_when_the_server_says_not(command: list[str], path: str, port: int) -> None:
    with answering(503) as (actual, asked):
        assert run(command, port, actual) != 0
    assert asked == [path]


@every_check
def test_it_is_not_when_nothing_listens(
    command: list[str], path: str, port: int, unused_tcp_port_factory: Callable[[], int]
) -> None:
    assert run(command, port, unused_tcp_port_factory()) != 0
