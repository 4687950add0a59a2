"""A service that holds a data directory, answers what it was told to and keeps what it was asked.

Commands find it and talk to it as they do with the real one: over HTTP on loopback.
"""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from api import problems
from api.events import sse
from domain.errors import ForebayError
from domain.ingestion import IngestReport, Outcome, Progress, State
from tests.service import environment
from wiring.codec import to_json
from wiring.owner import announce, own

Answer = IngestReport | ForebayError


@dataclass
class Asked:
    path: str
    tenant: str
    body: dict[str, object]
    spooled: str = ""  # what the file held that was to be ingested


@dataclass
class Scripted:
    answers: list[Answer]  # the last one is repeated
    progress: Sequence[Progress] = ()
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(data: Path, *answers: Answer, progress: Sequence[Progress] = ()) -> Iterator[Scripted]:
    script = Scripted(list(answers), progress)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with own(data, "scripted"):
            announce(data, f"http://127.0.0.1:{server.server_address[1]}")
            yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def report(*outcomes: tuple[str, State] | Outcome, chunks: int = 0, cost: int = 0) -> IngestReport:
    return IngestReport(
        outcomes=tuple(o if isinstance(o, Outcome) else Outcome(*o) for o in outcomes),
        chunks=chunks,
        embedded=chunks // 2,
        tokens=chunks * 100,
        cost_microdollars=cost,
        seconds=1.25,
        times=(),
    )


def at_a_terminal(arguments: list[str], typed: str, data: Path) -> tuple[str, int]:
    """What a person sees who types that, and the exit code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "forebay", *arguments],
        env=environment(data, TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{typed}\n".encode())
    code = process.wait(20)
    said = os.read(ours, 1 << 16).decode()
    os.close(ours)
    return said, code


def _handler(script: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(self.path, self.headers["X-Forebay-Tenant"], body)
            if body.get("root"):
                asked.spooled = Path(body["paths"][0]).read_text()
            answer = script.answer(asked)
            if self.path == "/v1/local/ingest":
                told = b"".join(sse("progress", to_json(step)) for step in script.progress)
                self._send(200, "text/event-stream", told + _event(answer))
            elif isinstance(answer, ForebayError):
                problem = problems.of(answer)
                self._send(problem.status_code, "application/problem+json", bytes(problem.body))
            else:
                self._send(200, "application/json", to_json(answer))

        def _send(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _event(answer: Answer) -> bytes:
    if isinstance(answer, ForebayError):
        return sse("error", bytes(problems.of(answer).body))
    return sse("done", to_json(answer))
