"""Runs the service: take the port, say where it is, serve until told to stop."""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

import jsonschema.validators  # noqa: F401 - or the first question with a schema stops all streams
import uvicorn
from fastapi import FastAPI

from api.access import needs_key
from api.app import create_app
from domain.errors import Misconfigured
from wiring.answers import serving
from wiring.jobs import Jobs, open_jobs
from wiring.limits import open_limits
from wiring.logs import set_up_log
from wiring.owner import announce
from wiring.retention import retaining
from wiring.services import open_services
from wiring.settings import Settings
from wiring.settings_api import ApiSettings
from wiring.short import too_short
from wiring.tracing import open_tracing
from wiring.warm import on_schedule

_log = logging.getLogger("forebay.serve")

# In seconds: to say why an answer is not whole.
LAST_WORDS = 5
_AT_ONCE = 0.5

# The collector of cycles stops all streams: by default 0.3 s at a time, every few seconds. So it
# looks at few objects often, and at all of them very seldom.
_COLLECT = (1000, 2, 2500)
# Seconds that a thread (one that embeds a question) may have to wait for the loop; 5 ms by default.
_SWITCH = 0.0005


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to us: uvicorn's own handling of them would end
    the process before the services are closed."""

    def __init__(self, app: FastAPI, drain: int, on_ready: Callable[[], None], jobs: Jobs) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=drain + LAST_WORDS,
        )
        super().__init__(config)
        self._app = app
        self._drain = drain  # seconds
        self._on_ready = on_ready
        self._jobs = jobs

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody is let in any more; who is in has its time, and is then told that it is over."""
        self._jobs.close()
        ending = asyncio.get_running_loop().call_later(self._drain, self._end)
        await super().shutdown(sockets)
        ending.cancel()

    def told(self, name: signal.Signals) -> None:
        """To stop; told twice, at once, and a third time the process is simply ended."""
        if self.should_exit:
            loop = asyncio.get_running_loop()
            loop.remove_signal_handler(name)
            self._end()
            loop.call_later(_AT_ONCE, self._give_up)
        self.should_exit = True

    def _end(self) -> None:
        state = self._app.state
        state.drain.end()
        self._closing = asyncio.create_task(state.answers.lives.close())

    def _give_up(self) -> None:
        """Who does not even read the last words is not waited for."""
        self.force_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, on_ready: Callable[[str, bool], None]) -> None:
    """`on_ready` is told the address, and whether anyone on this machine may ask."""
    set_up_log(settings.log)
    with listening(settings.api) as listener:
        await serve_on(listener, settings, on_ready)


async def serve_on(
    listener: socket.socket,
    settings: Settings,
    on_ready: Callable[[str, bool], None],
    *,
    first: bool = True,
) -> None:
    """`first`: of several processes on this listener, it does what is done by the clock."""
    url = url_of(settings.api.host, listener)
    async with AsyncExitStack() as stack:
        stack.enter_context(open_tracing(settings.tracing_url))
        enter = stack.enter_async_context
        services = await enter(open_services(settings, f"forebay serve at {url}"))
        jobs = await enter(open_jobs(services.state.jobs, settings.data / "uploads", services))
        limits = await enter(open_limits(settings))
        if first:
            await enter(on_schedule(services.warmer, settings.cache))
            await enter(retaining(settings.sessions, services.state))
        if settings.embed.provider == "local":
            await services.embedder.embed_documents([""])  # loads it before the first question
        if short := too_short(settings, services.tokens):
            _log.info("%s", short)
        keyless = not await needs_key(services)
        embedded = settings.qdrant.url is None
        token = announce(settings.data, url) if embedded else None
        app = create_app(services, jobs, token, limits)
        drain = settings.api.drain_seconds
        server = _Server(app, drain, lambda: on_ready(url, keyless), jobs)
        _without_pauses()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, server.told, name)
        await enter(serving(app.state.answers))
        await server.serve(sockets=[listener])


def _without_pauses() -> None:
    """What is there now stays, and is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    sys.setswitchinterval(_SWITCH)


def listening(api: ApiSettings) -> socket.socket:
    """Bound, and not let in yet; it closes with its block."""
    family = socket.AF_INET6 if ":" in api.host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only then.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((api.host, api.port))
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"Cannot listen on {api.host} port {api.port} ({error.strerror or error}). "
            "Set FOREBAY_API__PORT to a free port, or end what uses it."
        ) from error
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{listener.getsockname()[1]}"
