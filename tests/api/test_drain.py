"""SIGTERM while answers are told: they have their time, and are then ended with an error."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.provider.faults import Fault
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running_provider
from tests.service import running
from wiring.owner import read_owner

QUESTION = "How long are backups kept?"
WORDS = "They are kept for 35 days [1]."
SLOW = Reply(text=WORDS, fault=Fault("trickle", seconds=0.2))
STUCK = Reply(text=WORDS, fault=Fault("stall", after=4, seconds=60))
CHAT = {"model": "forebay/default", "messages": [{"role": "user", "content": QUESTION}]}
ASKED = {
    "a stream": ("/v1/ask", {"question": QUESTION, "stream": True}),
    "a stream in OpenAI's format": ("/v1/chat/completions", {**CHAT, "stream": True}),
    "a whole answer": ("/v1/ask", {"question": QUESTION}),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture(scope="module")
def cut_off(
    handbook_data: Path, tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> dict[str, httpx2.Response]:
    """What each was told whose model fell silent before the service had to end."""
    data = Path(shutil.copytree(handbook_data, tmp_path_factory.mktemp("cut") / "data"))
    provider.answer(*[STUCK] * len(ASKED))
    with (
        running(data, OPENAI_BASE_URL=provider.url, FOREBAY_API__DRAIN_SECONDS="1") as client,
        ThreadPoolExecutor() as pool,
    ):
        asked = {name: pool.submit(client.post, p, json=b) for name, (p, b) in ASKED.items()}
        until_asked(provider, len(ASKED))
        stop(data)
        return {name: one.result() for name, one in asked.items()}


def until_asked(provider: Provider, times: int) -> None:
    while len(provider.received) < times:
        time.sleep(0.02)
    time.sleep(0.3)  # the first words


def stop(data: Path) -> None:
    owner = read_owner(data)
    assert owner
    os.kill(owner.pid, signal.SIGTERM)


def test_a_stream_is_told_to_its_end(data: Path, provider: Provider) -> None:
    provider.replies.clear()
    provider.received.clear()
    provider.answer(SLOW)
    with running(data, OPENAI_BASE_URL=provider.url) as client:
        path, body = ASKED["a stream"]
        with client.stream("POST", path, json=body) as response:
            until_asked(provider, 1)
            stop(data)
            text = response.read().decode()
        with pytest.raises(httpx2.TransportError):
            client.get("/readyz")
    assert "event: done" in text


@pytest.mark.parametrize("kind", ["a stream", "a stream in OpenAI's format"])
def test_a_stream_that_takes_too_long_ends_with_an_error(
    cut_off: dict[str, httpx2.Response], kind: str
) -> None:
    last = cut_off[kind].text.rstrip().rpartition("\n\n")[2]
    assert "error" in last
    assert "Ask again" in last


def test_an_answer_that_is_not_begun_is_refused_with_the_reason(
    cut_off: dict[str, httpx2.Response],
) -> None:
    response = cut_off["a whole answer"]
    assert response.status_code == 503
    assert "The service ends here" in response.json()["detail"]


def test_told_twice_it_does_not_wait(data: Path, provider: Provider) -> None:
    provider.replies.clear()
    provider.received.clear()
    provider.answer(STUCK)
    with running(data, OPENAI_BASE_URL=provider.url) as client:
        path, body = ASKED["a stream"]
        with client.stream("POST", path, json=body) as response:
            until_asked(provider, 1)
            stop(data)
            time.sleep(0.3)
            start = time.monotonic()
            stop(data)
            text = response.read().decode()
    assert "event: error" in text
    assert time.monotonic() - start < 5  # where 20 s were to be had
