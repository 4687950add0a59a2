"""A real service on loopback over the sample handbook, for tests of what stands above it.

The handbook is ingested once a test process; services and commands get copies of the result.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

HANDBOOK = Path(__file__).parent.parent / "sample" / "handbook"


@pytest.fixture(scope="session")
def handbook_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that holds the handbook. Not to be written to: see `data`."""
    data = tmp_path_factory.mktemp("handbook") / "data"
    done = forebay("ingest", str(HANDBOOK), data=data)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def data(handbook_data: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(handbook_data, tmp_path / "data"))


@pytest.fixture(scope="module")
def service(
    handbook_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """One for all tests of a module: they ask, they do not change what is ingested."""
    own = tmp_path_factory.mktemp("service") / "data"
    with running(Path(shutil.copytree(handbook_data, own))) as client:
        yield client


@contextmanager
def running(data: Path, **environ: str) -> Iterator[httpx2.Client]:
    """`forebay serve` as a process of its own, ended by SIGTERM. Its log lies beside its data."""
    log = (data.parent / "service.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "forebay", "serve", "--json"],
        env=environment(data, FOREBAY_API__PORT="0", **environ),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the service did not start: {(data.parent / 'service.log').read_text()}"
    url = json.loads(line)["url"]
    try:
        with httpx2.Client(base_url=url, timeout=30, trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        log.close()


def forebay(*arguments: str, data: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The command as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "forebay", *arguments],
        env=environment(data, **environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment(data: Path, **more: str) -> dict[str, str]:
    ours = ("FOREBAY_", "OPENAI_", "ANTHROPIC_", "GEMINI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "FOREBAY_DATA": str(data), "COLUMNS": "160", **more}
