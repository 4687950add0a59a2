"""`forebay` without its start: one process has loaded all of it, and forks for every command.

Loading takes a second, and the pages have a hundred commands. `shim` writes an executable that
hands its arguments, folder, environment and streams over, and ends with the code that it is told.
What forks has run nothing: a command begins as in a process of its own.
"""

import json
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, Popen

from tests.layout.checkout import ROOT

_SHIM = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(asked)
    sys.exit(int.from_bytes(server.recv(1), "big"))
"""
_MOST = 1 << 20
_LOADED = (
    "api.app", "eval.answers", "eval.compare", "eval.report", "eval.run", "eval.sweep",
    "eval.synth", "forebay.__main__", "forebay.remote", "onnxruntime", "openai", "rich.table",
    "tokenizers", "wiring.examiner", "wiring.services",
)  # fmt: skip


@contextmanager
def warm(folder: Path) -> Iterator[Path]:
    """A folder for PATH whose `forebay` is quick to start."""
    address = folder / "socket"
    process = Popen([sys.executable, "-m", __name__, address], cwd=ROOT, stdout=PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    (folder / "bin").mkdir()
    shim = folder / "bin" / "forebay"
    shim.write_text(_SHIM.format(python=sys.executable, address=str(address)))
    shim.chmod(0o755)
    try:
        yield folder / "bin"
    finally:
        process.terminate()
        process.communicate()


def _serve(address: str) -> None:
    for module in _LOADED:
        import_module(module)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:  # waits for the command, so that this process need not
                server.close()
                _answer(connection)
            connection.close()
            _reap()


def _answer(connection: socket.socket) -> None:
    length, streams, _, _ = socket.recv_fds(connection, 4, 3)
    asked = b""
    while len(asked) < int.from_bytes(length, "big"):
        asked += connection.recv(_MOST)
    arguments, folder, environ = json.loads(asked)
    command = os.fork()
    if command == 0:
        connection.close()
        _become(streams, folder, environ)
        os._exit(_run(arguments))
    _, status = os.waitpid(command, 0)
    connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
    os._exit(0)


def _become(streams: list[int], folder: str, environ: dict[str, str]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)


def _run(arguments: list[str]) -> int:
    from forebay.__main__ import main

    try:
        code = main(arguments)
    except BaseException:  # noqa: BLE001  a fork must not go on as its parent
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _reap() -> None:
    """Those of earlier commands."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                return
        except ChildProcessError:
            return


if __name__ == "__main__":
    _serve(sys.argv[1])
