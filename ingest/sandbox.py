"""Parsing in a process of its own, so that no file can hang, kill or bloat the run.

The process starts with the first document, is replaced when one ends it, and gives its
memory back at the end. Knows nothing of formats; its limits stand in `ingest/worker.py`.
"""

import asyncio
import signal
import sys
import tempfile
from types import TracebackType
from typing import IO, Self

from domain.errors import ParseFailed
from ingest.draft import Parsed
from ingest.source import Source
from ingest.wire import LENGTH, Refused, decode_answer, encode_source
from ingest.worker import MEMORY, seconds_for


class Sandbox:
    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __aexit__

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
        self._errors.close()

    async def parse(self, source: Source) -> Parsed:
        process = self._process = self._process or await self._start()
        frame = encode_source(source)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(LENGTH.pack(len(frame)) + frame)
            await process.stdin.drain()
            size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
            answer = decode_answer(await process.stdout.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self._process = None
            raise ParseFailed(self._reason(await process.wait(), source)) from error
        if isinstance(answer, Refused):
            raise ParseFailed(answer.reason)
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        # -P: the folder that a user happens to stand in is no place to import from.
        # A session of its own: Ctrl-C is for the run, which ends the worker itself.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "ingest.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def _reason(self, code: int, source: Source) -> str:
        if code == -signal.SIGALRM:
            return f"Parsing took longer than {seconds_for(len(source.data))} s and was ended."
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        self._errors.truncate(0)
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        last = lines[-1] if lines and code > 0 else ended
        if last.startswith("MemoryError"):
            return f"Parsing needed more than {MEMORY / 2**30:.0f} GB of memory and was ended."
        return f"Parsing ended unexpectedly ({last[:200]})."
