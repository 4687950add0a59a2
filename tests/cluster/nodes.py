"""A real Ray cluster of several nodes on loopback, each of one core, with little memory."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

RAY = find_spec("ray") is not None

needs_ray = [
    pytest.mark.ray,
    pytest.mark.skipif(not RAY, reason="Ray is not installed: `make test-ray` installs it"),
]

# As Ray is set up where Forebay starts it: on loopback, with a token of its own, calling nobody.
# The processes that join it need the same.
_SURROUNDINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1,localhost",
}


class RayNodes:
    """The nodes as processes of this machine, started and killed by a process of their own: Ray
    ends a process that knew a cluster which is no more.
    """

    def __init__(self, host: "subprocess.Popen[str]", folder: Path) -> None:
        self._host = host
        self.folder = folder
        self.address = self._answer()

    def add(self) -> None:
        self._ask("add")

    def kill(self) -> None:
        """One that is not the head, at once, as a power cut would."""
        self._ask("kill")

    def kill_all(self) -> None:
        self._ask("kill all")

    def _ask(self, wish: str) -> None:
        assert self._host.stdin is not None
        print(wish, file=self._host.stdin, flush=True)
        assert self._answer() == wish

    def _answer(self) -> str:
        assert self._host.stdout is not None
        line = self._host.stdout.readline().strip()
        assert line, f"the nodes did not start: {self._host.communicate()[1]}"
        return line


@contextmanager
def ray_nodes(count: int = 2, **environ: str) -> Iterator[RayNodes]:
    """`environ`: what the nodes have in their environment beside ours."""
    folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: sockets lie in it
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _SURROUNDINGS.items():
            patch.setenv(name, value)
        host = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster.host", str(count)],
            env={**os.environ, "RAY_TMPDIR": str(folder), **environ},
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield RayNodes(host, folder)
        finally:
            host.communicate(timeout=30)  # it ends with its input
            shutil.rmtree(folder, ignore_errors=True)


def processes(folder: Path) -> list[str]:
    """What runs on this machine and has something open in that folder, or names it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text("utf-8").replace("\0", " ").strip()
            opened = [str(fd.readlink()) for fd in (process / "fd").iterdir()]
        except OSError:
            continue  # it has ended, or is another user's
        if any(str(folder) in name for name in [command, *opened]):
            found.append(command)
    return found
