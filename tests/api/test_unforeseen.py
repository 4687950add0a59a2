"""What nobody foresaw reaches the log without a word of question or document, at every level."""

import asyncio
import io
import logging
import shutil
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import uvicorn

from api.app import create_app
from domain.completion import ChatRequest, Completion, Delta
from domain.errors import ModelRejected
from wiring.answers import serving
from wiring.jobs import open_jobs
from wiring.logs import set_up_log
from wiring.services import open_services
from wiring.settings import Settings

CANARY = "zq-canary"  # in the question, in a document and in a key
QUESTION = f"How long are {CANARY} backups kept?"
NOTE = f"# Backups\n\nThe {CANARY} backups are kept for 35 days."


class Rude:
    """Implements domain.ports.ChatModel: fails with all that it was shown among its words."""

    name = "rude"

    async def complete(self, request: ChatRequest) -> Completion:
        shown = " ".join(message.text for message in request.prompt.messages)
        try:
            raise KeyError(shown)
        except KeyError as error:
            if "provider" in request.prompt.question:
                raise ModelRejected(f"rude answered 400: {shown}") from error
            raise ValueError(shown) from error

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        yield Delta("It is ")
        yield await self.complete(request)

    async def check(self) -> None:
        return


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is written, of whomever, at the lowest level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_log("json", stream)
    root.setLevel(logging.DEBUG)
    for name in ("api", "wiring", "forebay", "gateway", "openai", "httpx2", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.handlers = before
    root.setLevel(level)
    for name in ("openai", "httpx2", "asyncio"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
async def service(
    log: io.StringIO, handbook_data: Path, tmp_path: Path
) -> AsyncIterator[httpx2.AsyncClient]:
    data = Path(shutil.copytree(handbook_data, tmp_path / "data"))
    async with (
        open_services(Settings(data=data)) as opened,
        open_jobs(opened.state.jobs, data / "uploads", opened) as jobs,
    ):
        app = create_app(replace(opened, chat=Rude()), jobs)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            running = asyncio.create_task(server.serve(sockets=[listener]))
            async with (
                serving(app.state.answers),
                httpx2.AsyncClient(base_url=url, trust_env=False) as client,
            ):
                yield client
                jobs.close()
            server.should_exit = True
            await running


async def test_the_log_has_kinds_and_places_and_no_words(
    service: httpx2.AsyncClient, log: io.StringIO
) -> None:
    upload = {"files": (f"{CANARY}.md", NOTE.encode())}
    job = await service.post("/v1/documents", files=upload)
    await service.get(job.headers["location"], headers={"accept": "text/event-stream"})
    asked = [
        await service.post("/v1/ask", json={"question": QUESTION}),
        await service.post("/v1/ask", json={"question": f"{QUESTION} provider"}),
        await service.post("/v1/ask", json={"question": QUESTION, "stream": True}),
        await service.post("/v1/search", json={"question": QUESTION}),
        await service.post("/v1/documents", files={"files": ("x.pdf", NOTE.encode())}),
    ]
    assert [one.status_code for one in asked[:4]] == [500, 502, 200, 200]
    await service.get(asked[4].headers["location"], headers={"accept": "text/event-stream"})
    written = log.getvalue()
    assert "unforeseen error at /v1/ask" in written
    assert "tests.api.test_unforeseen:" in written
    assert "KeyError" in written
    assert CANARY not in written
    assert "35 days" not in written
