"""Spans reach a collector where one is named, over the real exporter, and nobody else."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from wiring.tracing import open_tracing

SEND = """
import sys
from opentelemetry import trace
from wiring.tracing import open_tracing
with open_tracing(sys.argv[1]):
    trace.get_tracer("t").start_span("chat gpt-5.4-mini").end()
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    received: list[tuple[str, bytes]] = []

    class Collects(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collects)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_span_is_sent_when_the_service_ends(
    collector: tuple[str, list[tuple[str, bytes]]],
) -> None:
    url, received = collector
    subprocess.run([sys.executable, "-c", SEND, url], check=True, timeout=60)
    ((path, body),) = received
    assert path == "/v1/traces"
    assert b"forebay" in body


def test_without_an_address_nothing_is_set_up() -> None:
    script = "import sys\nfrom wiring.tracing import open_tracing\nwith open_tracing(None):\n"
    script += "    assert 'opentelemetry.sdk' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert open_tracing(None)
