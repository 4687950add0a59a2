"""The server itself, with each vendor's routes. Runs in a thread, on a free port."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from tests.provider import anthropic_routes, gemini_routes, openai_routes
from tests.provider.faults import OverWire, Wire
from tests.provider.script import Script


class Provider(Script):
    """A running provider: script it, point a client at `url`, look at `received`."""

    url: str = ""  # OpenAI's format

    @property
    def anthropic_url(self) -> str:
        return self.url.removesuffix("v1") + "anthropic"

    @property
    def gemini_url(self) -> str:
        return self.url.removesuffix("v1") + "gemini"


@contextmanager
def provider() -> Iterator[Provider]:
    running = Provider()
    wired = Wire(_app(running), running)
    config = uvicorn.Config(wired, port=0, log_config=None, lifespan="off", http=OverWire)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the provider did not start")
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    running.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(10)


def _app(script: Script) -> Starlette:
    vendors = (openai_routes, anthropic_routes, gemini_routes)
    return Starlette(routes=[route for v in vendors for route in v.Routes(script).all()])
