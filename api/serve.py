"""Runs the service: take the port, say where it is, serve until told to stop."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from api.access import needs_key
from api.app import create_app
from domain.errors import Misconfigured
from wiring.jobs import open_jobs
from wiring.owner import announce
from wiring.services import open_services
from wiring.settings import ApiSettings, Settings

_DRAIN_SECONDS = 10  # open streams may finish


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to us: uvicorn's own handling of them would end
    the process before the services are closed."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, on_ready: Callable[[str, bool], None]) -> None:
    """`on_ready` is told the address, and whether anyone on this machine may ask."""
    with _listen(settings.api) as listener:
        url = _url(settings.api.host, listener)
        async with (
            open_services(settings, f"forebay serve at {url}") as services,
            open_jobs(services.state.jobs, settings.data / "uploads", services) as jobs,
        ):
            if settings.embed.provider == "local":
                await services.embedder.embed_query("")  # loads the model before the first question
            keyless = not await needs_key(services)
            embedded = settings.qdrant.url is None
            token = announce(settings.data, url) if embedded else None
            config = uvicorn.Config(
                create_app(services, jobs, token),
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=_DRAIN_SECONDS,
            )
            server = _Server(config, lambda: on_ready(url, keyless), jobs.close)
            for name in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(name, server.handle_exit, name, None)
            await server.serve(sockets=[listener])


def _listen(api: ApiSettings) -> socket.socket:
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


def _url(host: str, listener: socket.socket) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{listener.getsockname()[1]}"
