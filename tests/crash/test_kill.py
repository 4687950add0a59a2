"""`kill -9` at random moments, then the same command again: as if nothing had happened.

After each kill, every document that the store holds is whole, in its old version or its new
one; at the end the store is, point for point, the one of a run that nobody disturbed.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import qdrant_edge as edge

from domain.ingestion import IngestRequest
from retrieval import shard_files
from tests.crash.victim import BATCH

_KILLS = 6  # a phase: 3 phases, 3 seeds
_IN_FLIGHT = 8 * BATCH  # texts whose vectors were made and not yet kept, when a kill comes
_TENANT, _COLLECTION = "acme", "handbook"

Versions = dict[str, dict[str, int]]  # document → version → chunks


@dataclass(frozen=True)
class Phase:
    name: str
    request: dict[str, bool]


PHASES = (Phase("new", {}), Phase("changed", {"prune": True}), Phase("rebuilt", {"rebuild": True}))


def write(folder: Path, phase: int) -> None:
    """48 documents of 1 to 12 chunks; each phase changes some, adds some, removes some."""
    folder.mkdir(exist_ok=True)
    drawn = random.Random(phase)
    for n in range(48):
        path = folder / f"{n:02}.md"
        if phase == 0 or drawn.random() < 0.4:
            parts = drawn.randint(1, 12)
            body = "\n\n".join(f"## {k}\n\n{f'word{phase}{n} ' * 250}" for k in range(parts))
            path.write_text(f"# Document {n}\n\n{body}\n")
    for n in range(phase * 4 - 4, phase * 4):
        (folder / f"{n:02}.md").unlink(missing_ok=True)
        (folder / f"new{n:02}.md").write_text(f"# New {n}\n\nfresh words {phase}\n")


def start(data: Path, docs: Path, phase: Phase) -> "subprocess.Popen[str]":
    request = IngestRequest((str(docs),), _TENANT, _COLLECTION, **phase.request)
    data.mkdir(exist_ok=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.victim", str(data), json.dumps(asdict(request))],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def finish(child: "subprocess.Popen[str]") -> None:
    with child:
        assert child.wait(60) == 0


def points(data: Path) -> dict[str, tuple[str, str]]:
    """Payload and vectors of every point, by id."""
    opened = shard_files.load(data / "collections" / _COLLECTION)
    try:
        request = edge.ScrollRequest(limit=100_000, with_payload=True, with_vector=True)
        records, _ = opened.engine.scroll(request)
        return {str(r.id): (json.dumps(r.payload, sort_keys=True), _vectors(r)) for r in records}
    finally:
        opened.close()


def _vectors(record: edge.Record) -> str:
    assert isinstance(record.vector, dict)
    return repr(sorted(record.vector.items()))


def versions(data: Path) -> Versions:
    if not shard_files.is_collection(data / "collections" / _COLLECTION):
        return {}
    found: Versions = defaultdict(Counter)
    for payload, _ in points(data).values():
        chunk = json.loads(payload)
        found[chunk["document_id"]][chunk["version"]] += 1
    return found


def check_whole(seen: Versions, allowed: list[Versions]) -> None:
    for document, by_version in seen.items():
        assert len(by_version) == 1, "two versions of one document"
        assert by_version in [one.get(document) for one in allowed], "half a document"


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_ingestion_leaves_every_document_whole_and_goes_on(
    tmp_path: Path, seed: int
) -> None:
    drawn = random.Random(seed)
    docs, calm, hurt = tmp_path / "docs", tmp_path / "calm", tmp_path / "hurt"
    before: Versions = {}
    kills = 0
    for number, phase in enumerate(PHASES):
        write(docs, number)
        child = start(calm, docs, phase)
        started = time.monotonic()
        finish(child)
        took = time.monotonic() - started
        after = versions(calm)
        for _ in range(_KILLS):
            child = start(hurt, docs, phase)
            time.sleep(drawn.uniform(0, 1.6 * took / _KILLS))
            with child:
                child.send_signal(signal.SIGKILL)
            kills += child.returncode == -signal.SIGKILL
            check_whole(versions(hurt), [before, after])
        finish(start(hurt, docs, phase))
        assert points(hurt) == points(calm)
        before = after
    assert kills >= len(PHASES) * _KILLS - 1
    made = Counter((hurt / "embedded.log").read_text().splitlines())
    assert sum(made.values()) - len(made) <= kills * _IN_FLIGHT
