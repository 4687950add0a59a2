"""Answers in the background, and clients that are called back with them."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest

from tests.api.modelled import modelled, provider, shared
from tests.provider.script import Reply
from tests.provider.server import Provider

__all__ = ["modelled", "provider", "shared"]

QUESTION = {"question": "How long are backups kept?"}
SAID = "Kept for 35 days [1]. Ask the duty engineer [2]."


def test_an_answer_in_the_background_is_there_later(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.say(SAID)
    response = modelled.post("/v1/ask", json={**QUESTION, "background": True})
    assert response.status_code == 202
    kept = _over(modelled, response.headers["location"])
    assert kept["state"] == "done"
    assert (kept["answer"]["id"], kept["answer"]["text"]) == (kept["id"], SAID)


def test_one_that_fails_in_the_background_says_why(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.answer(Reply(status=401, error="bad key"))
    response = modelled.post("/v1/ask", json={**QUESTION, "background": True})
    kept = _over(modelled, response.headers["location"])
    assert (kept["state"], kept["error"]["status"]) == ("failed", 502)


def test_an_answer_that_is_deleted_is_gone(modelled: httpx2.Client, provider: Provider) -> None:
    response = modelled.post("/v1/ask", json={**QUESTION, "background": True})
    where = response.headers["location"]
    _over(modelled, where)
    assert modelled.delete(where).status_code == 204
    assert modelled.get(where).status_code == 404
    del provider


def test_a_callback_is_sent_the_answer_signed(modelled: httpx2.Client, provider: Provider) -> None:
    provider.say(SAID)
    with _receiver() as (url, received):
        asked = {**QUESTION, "background": True, "callback": url}
        where = modelled.post("/v1/ask", json=asked).headers["location"]
        _over(modelled, where)
        _until(lambda: bool(received))
    headers, body = received[0]
    secret = modelled.get("/v1/webhook-secret").json()["secret"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert json.loads(body)["answer"]["text"] == SAID


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://93.184.215.14/hook", "in the clear"),
        ("https://10.0.0.8/hook", "not public"),
        ("https://169.254.169.254/latest", "not public"),
        ("ftp://93.184.215.14/", "no https"),
    ],
    ids=["http", "private", "metadata", "ftp"],
)
def test_an_address_that_may_not_be_called_is_refused(
    modelled: httpx2.Client, url: str, words: str
) -> None:
    asked = {**QUESTION, "background": True, "callback": url}
    response = modelled.post("/v1/ask", json=asked)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def _over(client: httpx2.Client, where: str) -> Any:
    def kept() -> Any:
        return client.get(where).json()

    _until(lambda: kept()["state"] in {"done", "failed"})
    return kept()


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.05)


@contextmanager
def _receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    received: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
