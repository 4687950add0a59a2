"""`forebay ingest --engine ray`, as a user runs it: the same as without, whatever happens."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from domain.documents import Chunk
from tests.cluster.nodes import needs_ray, processes, ray_nodes
from tests.service import environment, forebay
from wiring.services import open_services
from wiring.settings import Settings

pytestmark = needs_ray

DOCUMENTS = 40
SENTENCE = "The gate of the forebay is opened by hand when the water stands above mark {n}. "


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for n in range(DOCUMENTS):
        text = f"# Gate {n}\n\n" + SENTENCE.format(n=n) * (10 + n)
        (folder / f"{n}.md").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def alone(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was ingested into without a cluster."""
    data = tmp_path_factory.mktemp("alone") / "data"
    done = forebay("ingest", str(corpus), data=data)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def short() -> Iterator[Path]:
    """For what is temporary: Ray has its sockets there, whose names may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    yield folder
    shutil.rmtree(folder)


def started(*arguments: str, data: Path, **environ: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "forebay", "ingest", "--engine", "ray", "--json", *arguments],
        env=environment(data, **environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_embedding(folder: Path) -> None:
    end = monotonic() + 40
    while not any("Worker.embed" in command for command in processes(folder)):
        assert monotonic() < end, "nothing was embedded"
        sleep(0.05)


async def held(data: Path) -> tuple[list[Chunk], dict[str, bytes]]:
    """The chunks, and the vector of each text."""
    async with open_services(Settings(data=data)) as services:
        chunks = [chunk async for chunk in services.store.scroll("default", "default")]
        texts = [chunk.embedded_text for chunk in chunks]
        vectors = await services.vectors.find(services.embedder.space, texts)
    by_id = sorted(chunks, key=lambda chunk: chunk.id)
    return by_id, {text: vector.tobytes() for text, vector in vectors.items()}


async def test_a_run_during_which_a_node_dies_is_complete_and_equal(
    corpus: Path, alone: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with ray_nodes(2) as nodes:
        run = started(str(corpus), "--address", nodes.address, data=data)
        wait_for_embedding(nodes.folder)
        nodes.kill()
        output, errors = run.communicate(timeout=60)
    assert run.returncode == 0, errors
    assert json.loads(output)["counts"]["added"] == DOCUMENTS
    assert await held(data) == await held(alone)


def test_an_interrupted_run_leaves_no_process_and_goes_on_from_there(
    corpus: Path, tmp_path: Path, short: Path
) -> None:
    data = tmp_path / "data"
    run = started(str(corpus), data=data, TMPDIR=str(short))
    wait_for_embedding(short)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=30)
    left = list(short.glob("forebay-ray-*"))
    assert (run.returncode, processes(short), left) == (130, [], [])
    assert "Traceback" not in errors
    counts = json.loads(forebay("ingest", str(corpus), "--json", data=data).stdout)["counts"]
    assert counts["added"] + counts["unchanged"] == DOCUMENTS


def test_a_run_that_has_nothing_to_do_needs_no_cluster(corpus: Path, alone: Path) -> None:
    run = started(str(corpus), "--address", "127.0.0.1:9", data=alone)
    output, errors = run.communicate(timeout=60)
    assert run.returncode == 0, errors
    assert json.loads(output)["counts"]["unchanged"] == DOCUMENTS
