"""Parsing in a process of its own, so that no file can hang, kill or bloat the run.

The process starts with the first document, is replaced when one ends it or has bloated it, and
gives its memory back at the end. Knows nothing of formats; its limits stand in `ingest/worker.py`.
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
from ingest.wire import ANSWER, LENGTH, Answer, Refused, decode_answer, encode_source
from ingest.worker import MAY_HOLD, MEMORY, seconds_for


class Sandbox:
    def __init__(self, *, may_hold: int = MAY_HOLD) -> None:
        self._may_hold = may_hold  # bytes, between two documents
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
        await self._end()
        self._errors.close()

    async def parse(self, source: Source) -> Parsed:
        process = self._process = self._process or await self._start()
        self._forget_errors()
        frame = encode_source(source)
        try:
            answer = await self._asked(process, LENGTH.pack(len(frame)) + frame)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self._process = None
            raise self._failure(await process.wait(), source) from error
        except asyncio.CancelledError:
            await self._end()  # or its answer would be taken for the next document's
            raise
        if isinstance(answer, Refused):
            raise ParseFailed(answer.reason, kind=answer.kind)
        return answer

    async def _asked(self, process: asyncio.subprocess.Process, request: bytes) -> Answer:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request)
        await process.stdin.drain()
        size, is_last = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
        answer = decode_answer(await process.stdout.readexactly(size))
        if is_last:
            await self._end()
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        # -P: the folder that a user happens to stand in is no place to import from.
        # A session of its own: Ctrl-C is for the run, which ends the worker itself.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "ingest.worker", str(self._may_hold)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def _failure(self, code: int, source: Source) -> ParseFailed:
        if code == -signal.SIGALRM:
            limit = seconds_for(len(source.data))
            return ParseFailed(
                f"Parsing took longer than {limit} s and was ended.", kind="too_large"
            )
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        last = lines[-1] if lines and code > 0 else ended
        if last.startswith("MemoryError"):
            gigabytes = MEMORY / 2**30
            return ParseFailed(
                f"Parsing needed more than {gigabytes:.0f} GB of memory and was ended.",
                kind="too_large",
            )
        return ParseFailed(f"Parsing ended unexpectedly ({last[:200]}).")

    def _forget_errors(self) -> None:
        """Libraries warn; only the last words of one that ends matter."""
        self._errors.seek(0)
        self._errors.truncate()
