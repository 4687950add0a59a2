"""Several processes that serve one address, where chunks lie on a server: they are started
together, replaced when one dies, and ended together.

This process takes the port and watches; it answers nobody. A connection goes to whichever worker
takes it first, so one that is still starting gets none, and `/readyz` is that of any. `/metrics` is
of all (`wiring/counts.py`). Uploads are done by one of them at a time, what happens by the clock by
the first alone. Events of a stream and, without Redis, limits are each worker's own. One that
hangs is not noticed here: that is the liveness probe's business.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import uvloop

from api.serve import listening, serve_on, url_of
from domain.errors import ForebayError, Misconfigured
from wiring.counts import forget_gauges, shared_counts
from wiring.logs import set_up_log
from wiring.settings import Settings

_SPAWN = multiprocessing.get_context("spawn")  # threads and event loops do not survive a fork
_PAUSE = 1.0  # seconds before another one takes the place of one that died
_log = logging.getLogger("forebay.workers")


async def serve_by_several(settings: Settings, on_ready: Callable[[str, bool], None]) -> None:
    """`on_ready` is told when all of them listen."""
    check(settings)
    set_up_log(settings.log)
    if settings.redis.url is None:
        _log.warning("Each worker counts limits for itself: FOREBAY_REDIS__URL counts for all.")
    with shared_counts(), listening(settings.api) as listener:
        url = url_of(settings.api.host, listener)
        crew = _Crew(settings, listener, lambda keyless: on_ready(url, keyless))
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, crew.told)
        await crew.run()


def check(settings: Settings) -> None:
    if settings.qdrant.url is None:
        raise Misconfigured(
            f"FOREBAY_API__WORKERS is {settings.api.workers}, and the embedded store in "
            f"{settings.data} belongs to one process. Set FOREBAY_QDRANT__URL to a Qdrant server "
            "(`forebay migrate` takes everything there), or have one worker."
        )


@dataclass(eq=False, slots=True)
class _Worker:
    number: int
    process: SpawnProcess
    line: Connection
    why: str = ""  # it could not start


class _Crew:
    def __init__(
        self, settings: Settings, listener: socket.socket, on_ready: Callable[[bool], None]
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._on_ready = on_ready
        self._workers: set[_Worker] = set()
        self._awaited = set(range(settings.api.workers))  # numbers that never listened yet
        self._stopping = False
        self._failed = ""
        self._over = asyncio.Event()

    async def run(self) -> None:
        for number in sorted(self._awaited):
            self._start(number)
        await self._over.wait()
        if self._failed:
            raise Misconfigured(self._failed)

    def told(self) -> None:
        """To stop. Told again, so are they."""
        self._stopping = True
        self._listener.close()  # or who comes now would wait for nobody
        for worker in self._workers:
            worker.process.terminate()
        self._done()

    def _start(self, number: int) -> None:
        if self._stopping:
            return
        ours, its = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=_work,
            args=(self._settings, self._listener, number, its),
            name=f"worker-{number}",
        )
        with _uninterrupted():
            process.start()
        its.close()
        worker = _Worker(number, process, ours)
        self._workers.add(worker)
        loop = asyncio.get_running_loop()
        loop.add_reader(ours.fileno(), self._hear, worker)
        loop.add_reader(process.sentinel, self._ended, worker)

    def _hear(self, worker: _Worker) -> bool:
        """Whether it asks for no key, once it listens; or why it cannot. False: it says no more."""
        try:
            said: bool | str = worker.line.recv()
        except EOFError:
            asyncio.get_running_loop().remove_reader(worker.line.fileno())
            return False
        if isinstance(said, str):
            worker.why = said
        elif worker.number in self._awaited:
            self._awaited.discard(worker.number)
            if not self._awaited and not self._stopping:
                self._on_ready(said)
        return True

    def _ended(self, worker: _Worker) -> None:
        loop, process = asyncio.get_running_loop(), worker.process
        loop.remove_reader(process.sentinel)
        while worker.line.poll() and self._hear(worker):
            pass
        loop.remove_reader(worker.line.fileno())
        worker.line.close()
        process.join()
        assert process.pid is not None
        forget_gauges(process.pid)
        self._workers.discard(worker)
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        how = worker.why or f"it ended with {worker.process.exitcode}; the log says more"
        if self._stopping:
            self._done()
        elif self._awaited:  # the service has not begun
            self._failed = worker.why or f"Worker {worker.number} did not start: {how}."
            self.told()
        else:
            _log.error("worker %d is gone: %s. Another one starts", worker.number, how)
            asyncio.get_running_loop().call_later(_PAUSE, self._start, worker.number)

    def _done(self) -> None:
        if not self._workers:
            self._over.set()


def _work(settings: Settings, listener: socket.socket, number: int, line: Connection) -> None:
    """All that a worker's process does."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings, listener, number, line))
        except ForebayError as error:
            line.send(str(error))
            sys.exit(1)


async def _serve(
    settings: Settings, listener: socket.socket, number: int, line: Connection
) -> None:
    loop = asyncio.get_running_loop()

    def alone() -> None:
        """Who started it is gone without a word."""
        loop.remove_reader(line.fileno())
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(line.fileno(), alone)
    await serve_on(listener, settings, lambda _, keyless: line.send(keyless), first=number == 0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What starts here hears no Ctrl-C: a terminal tells every process, and we tell them too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
