"""Joins a Ray cluster, or starts one on this machine for as long as it is needed.

The only importer of `ray`; its errors become ours here. A Ray that is started here listens on
loopback alone and calls nobody: no dashboard, no usage statistics, no question to a cloud.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from threading import Thread, current_thread, main_thread
from typing import Any, TypeVar

from domain.errors import InvalidInput, Misconfigured, Unavailable
from wiring.cluster.worker import Worker

T = TypeVar("T")

LOCAL = "local"  # as an address, which is Ray's own word for it

_STORE = 256 * 2**20  # bytes for what passes between processes; more goes to disk
_PORT = 9  # where nobody listens
_ANSWER = 5.0  # seconds

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # under `uv run` Ray would upload the working directory
}
_JOINED = {
    # Ray would end this process, whatever it does by then, when a cluster is away for so long.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "1000000000",
}
_ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's word for: listen on loopback
    "RAY_AUTH_MODE": "token",
    # With statistics off it still asks which cloud it is in: this way it asks in vain, at once.
    **dict.fromkeys(("http_proxy", "https_proxy"), f"http://127.0.0.1:{_PORT}"),
    "no_proxy": "127.0.0.1,localhost",
}


class Lost(Exception):
    """A worker is gone, or did not do as it should; why, in one line."""


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    address: str
    cores: int


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One worker, somewhere in the cluster."""

    node: Node
    actor: Any


class Joined:
    """A cluster that was joined."""

    def __init__(self, where: str) -> None:
        import ray

        self.where = where
        self._ray = ray
        self._worker = ray.remote(Worker)

    async def nodes(self) -> list[Node] | None:
        """Those that are alive. Waits for as long as the cluster does not answer."""
        return await _in_thread(self._table)

    def _table(self) -> list[Node] | None:
        try:
            table = self._ray.nodes()
        except (self._ray.exceptions.RayError, RuntimeError, OSError):
            return None
        return [
            Node(row["NodeID"], row["NodeManagerAddress"], int(row["Resources"].get("CPU", 0)))
            for row in table
            if row["Alive"]
        ]

    def start(self, node: Node, embed: str | None) -> Member:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(node.id, soft=False)
        actor = self._worker.options(num_cpus=1, scheduling_strategy=there).remote(embed)
        return Member(node, actor)

    async def call(self, member: Member, method: str, *arguments: object) -> Any:
        try:
            return await getattr(member.actor, method).remote(*arguments)
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            raise Lost(_last_line(cause or error)) from error

    def end(self, member: Member) -> asyncio.Future[None]:
        """It may take as long as the cluster does not answer; nobody has to wait for it."""
        return _in_thread(lambda: self._kill(member))

    def _kill(self, member: Member) -> None:
        with suppress(self._ray.exceptions.RayError, RuntimeError, OSError):
            self._ray.kill(member.actor)


@asynccontextmanager
async def join(address: str, cores: int) -> AsyncIterator[Joined]:
    """LOCAL for an address: a Ray of so many cores on this machine, which ends with this."""
    check_installed()
    if address == LOCAL:
        with _started(cores):
            yield Joined("on this machine")
    else:
        with _joined(address):
            yield Joined(f"at {address}")


def check_installed() -> None:
    if find_spec("ray") is None:
        raise Misconfigured(
            "The engine 'ray' needs Ray, which is not installed: pip install 'forebay[ray]'."
        )


@contextmanager
def _joined(address: str) -> Iterator[None]:
    if address.startswith("ray://"):
        raise InvalidInput(
            f"--address {address}: Ray's client protocol is not spoken here. Make this machine a "
            "node of the cluster (`ray start --address=HOST:6379 --num-cpus=0`), then give "
            "--address auto.",
            field="address",
        )
    _check_answers(address)
    with _environment(_QUIET | _JOINED):
        _init(
            lambda error: Unavailable(
                f"The Ray cluster at {address} cannot be joined: {_last_line(error)} "
                "This machine has to be a node of it: "
                f"`ray start --address={address} --num-cpus=0`."
            ),
            address=address,
        )
    try:
        yield
    finally:
        _shutdown()


@contextmanager
def _started(cores: int) -> Iterator[None]:
    folder = tempfile.mkdtemp(prefix="forebay-ray-")
    try:
        with _environment(_QUIET | _ALONE | {"RAY_AUTH_TOKEN": _token()}):
            _init(
                lambda error: Unavailable(
                    f"Ray cannot be started on this machine: {_last_line(error)}"
                ),
                address=LOCAL,
                num_cpus=cores,
                include_dashboard=False,
                object_store_memory=_STORE,
                _node_ip_address="127.0.0.1",
                _temp_dir=folder,
            )
        try:
            yield
        finally:
            _shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_answers(address: str) -> None:
    """Ray itself would try for a quarter of an hour, in words of its own."""
    if address == "auto":
        return  # Ray looks it up
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InvalidInput(
            f"--address {address}: HOST:PORT is expected, or auto on a node of the cluster.",
            field="address",
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER).close()
    except OSError as error:
        raise Unavailable(
            f"No Ray cluster answers at {address} ({error.strerror or error}). --address is what "
            "`ray start --head` printed there, HOST:6379 as a rule."
        ) from error


def _init(translated: Callable[[Exception], Unavailable], **options: object) -> None:
    """In the main thread, though it takes seconds: what Ray starts ends with the thread."""
    import ray

    try:
        ray.init(log_to_driver=False, configure_logging=False, **options)
    except Exception as error:  # Ray raises nothing narrower
        raise translated(error) from error
    # It prints what the cluster reports to standard output, which may be JSON of ours.
    ray._private.worker._worker_logs_enabled = False  # noqa: SLF001 - it has no other switch
    if current_thread() is main_thread():
        # Its own way with SIGTERM cuts an event loop off; what Ctrl-C does closes everything.
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def _shutdown() -> None:
    import ray

    ray.shutdown()
    if current_thread() is main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@cache
def _token() -> str:
    """Only this process may use the Ray that it starts. Ray remembers the first one it sees."""
    return os.environ.get("RAY_AUTH_TOKEN") or secrets.token_hex(32)


@contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    """Ray is set up by the environment, which the processes inherit that it starts."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _in_thread(work: Callable[[], T]) -> asyncio.Future[T]:
    """Not one that the program waits for at its end: the call may never return."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def tell(value: T) -> None:
        if not result.done():
            result.set_result(value)

    def run() -> None:
        value = work()
        with suppress(RuntimeError):  # the loop has ended since
            loop.call_soon_threadsafe(tell, value)

    Thread(target=run, daemon=True, name="forebay-ray").start()
    return result


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
