"""Bodies that no client sends on purpose, as JSON and as forms, thousands of them.

`python -m tests.api.fuzz` sends 10,000 to a service of its own, has schemathesis go through the
OpenAPI document for ten minutes, with a key and without, and prints what came of it. What is sent
is decided by the seed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.api.keyed import ROOT, Keyed, bearer, serving_keys
from tests.service import HANDBOOK, forebay

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
_JSON_PATHS = ("/v1/ask", "/v1/search", "/v1/keys", "/v1/sessions", "/v1/chat/completions",
    "/v1/responses", "/v1/embeddings", "/mcp")  # fmt: skip
_WORDS = ("question", "questions", "collection", "filter", "limit", "model", "messages", "input",
    "scopes", "name", "id", "select", "boost", "images", "stream", "jsonrpc", "method")  # fmt: skip
_VALUES: tuple[object, ...] = (
    None, True, -1, 2**63, 10**400, 1e308, 0.1, "", "a",
    "\x00", "\ud800", "💧" * 50, "../../etc/passwd",
    "' OR 1=1 --", "${jndi:x}", [], {}, [[[[]]]], {"and": [{"or": []}]}, "a" * 9_000,
)  # fmt: skip
_RAW = (b"", b"{", b"null", b"[]", b"\xff\xfe", b"{}" * 100, b"[" * 50_000, b'{"a":' * 5_000,
    b'{"question": NaN}', b'{"question": "\\ud800"}', b"\x00" * 1_000)  # fmt: skip
_NAMES = (
    "a.md",
    "",
    "../../x",
    "/etc/passwd",
    ".hidden",
    "a" * 300,
    "a\x00b",
    "ü.md",
    "con",
    "a/b/c.txt",
)


@dataclass
class Found:
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    grown_mb: float = 0.0


def bodies(keyed: Keyed, number: int, seed: int) -> Found:
    """Every answer is a clear one, and the service does not grow."""
    rng, found, process = random.Random(seed), Found(), _process(keyed)
    _use(keyed)
    before = _mb(process)
    for _ in range(number):
        path, kind, body = _form(rng) if rng.random() < 0.4 else _json(rng)
        headers = {
            **bearer(ROOT),
            "content-type": kind,
            "accept": "application/json, text/event-stream",
        }
        response = keyed.client.post(path, content=body, headers=headers)
        found.statuses[response.status_code] += 1
        if response.status_code >= 500 or (response.is_error and not response.content):
            found.wrong.append(f"{path} {response.status_code}: {body[:200]!r}")
    found.grown_mb = _mb(process) - before
    return found


def schema(url: str, seconds: int, seed: int, key: str = "") -> "subprocess.CompletedProcess[str]":
    """What schemathesis has to say."""
    headers = ["-H", f"Authorization: Bearer {key}"] if key else []
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json",
             *headers, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
             "--max-examples", "8", "--max-time", str(seconds), "--seed", str(seed),
             "--request-timeout", "60", "--no-color", "--generation-database", "none"],
            cwd=folder, capture_output=True, text=True, timeout=seconds + 300, check=False,
        )  # fmt: skip


def _json(rng: random.Random) -> tuple[str, str, bytes]:
    path = rng.choice(_JSON_PATHS)
    if rng.random() < 0.2:
        return path, rng.choice(["application/json", "text/plain", ""]), rng.choice(_RAW)
    said = json.dumps(_object(rng, 0)).encode()
    if rng.random() < 0.2:
        at = rng.randrange(len(said))
        said = said[:at] + rng.randbytes(3) + said[at + 1 :]
    return path, "application/json", said


def _object(rng: random.Random, depth: int) -> dict[str, object]:
    names = rng.sample(_WORDS, rng.randint(0, 5))
    return {name: _value(rng, depth) for name in names}


def _value(rng: random.Random, depth: int) -> object:
    if depth < 3 and rng.random() < 0.3:
        return _object(rng, depth + 1)
    if depth < 3 and rng.random() < 0.2:
        return [_value(rng, depth + 1) for _ in range(rng.randint(0, 4))]
    return rng.choice(_VALUES)


def _form(rng: random.Random) -> tuple[str, str, bytes]:
    edge = rng.choice(["edge", "e" * 70, "e\x7f"])
    body = b"".join(_parts(rng, edge.encode())) + b"--" + edge.encode() + b"--\r\n"
    if rng.random() < 0.3:
        body = body[: rng.randrange(len(body))]
    if rng.random() < 0.2:
        at = rng.randrange(len(body) + 1)
        body = body[:at] + rng.randbytes(rng.randint(1, 20)) + body[at:]
    said = rng.choice([edge, edge, edge, "other", ""])
    return "/v1/documents", f"multipart/form-data; boundary={said}", body


def _parts(rng: random.Random, edge: bytes) -> Iterator[bytes]:
    for _ in range(rng.randint(0, 4)):
        name = rng.choice(["files", "file", "collection", "adopt", "x", ""])
        filename = f'; filename="{rng.choice(_NAMES)}"' if rng.random() < 0.5 else ""
        said = f'Content-Disposition: form-data; name="{name}"{filename}'
        said = rng.choice([said, said, said, said.upper(), "X: y", said + "\r\n" + "Y: z" * 500])
        # No file has a word: a job that ends at once, not a document that has to be embedded.
        content = b"" if filename else rng.randbytes(rng.choice([0, 1, 40, 20_000]))
        yield b"--" + edge + b"\r\n" + said.encode() + b"\r\n\r\n" + content + b"\r\n"


def _use(keyed: Keyed) -> None:
    """Its model takes its memory at the first question and at the first document."""
    keyed.client.post("/v1/ask", json={"question": "Who?"}, headers=bearer(ROOT))
    files = [("files", (f"{n}.md", f"Number {n}. ".encode() * 500)) for n in range(20)]
    sent = keyed.client.post("/v1/documents", files=files, headers=bearer(ROOT))
    watching = {**bearer(ROOT), "accept": "text/event-stream"}
    keyed.client.get(sent.headers["location"], headers=watching)  # to its end


def _process(keyed: Keyed) -> psutil.Process:
    port = keyed.client.base_url.port
    ours = psutil.Process(os.getpid()).children(recursive=True)
    return next(
        child for child in ours if any(c.laddr.port == port for c in child.net_connections())
    )


def _mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "handbook"
        forebay("ingest", str(HANDBOOK), data=data)
        with serving_keys(data, Path(folder)) as keyed:
            found = bodies(keyed, wanted.bodies, wanted.seed)
            print(f"{wanted.bodies:,} bodies: {dict(sorted(found.statuses.items()))}")
            print(f"grown by {found.grown_mb:.1f} MB; wrong: {found.wrong or 'none'}")
            url = str(keyed.client.base_url)
            said = [schema(url, wanted.seconds, wanted.seed, key) for key in (ROOT, "")]
    for one in said:
        print(one.stdout[-3_000:])
    return int(bool(found.wrong) or any(one.returncode for one in said))


if __name__ == "__main__":
    sys.exit(main())
