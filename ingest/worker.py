"""The worker process: sources come in on standard input, what was parsed goes out.

It ends itself when a document takes too long or too much memory: also when nobody is left
to end it. An unforeseen error ends it as well; its last line on standard error is the reason.
One that has grown says so with its answer, and is replaced.
"""

import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from domain.errors import ParseFailed
from ingest.parse import parse
from ingest.source import Source
from ingest.wire import ANSWER, LENGTH, Answer, Refused, decode_source, encode_answer

SECONDS = 30
SECONDS_PER_MB = 15
MEMORY = 3 * 2**30  # address space, of which libraries take more than they use
MAY_HOLD = 600 * 2**20  # bytes, between two documents


def seconds_for(size: int) -> int:
    return SECONDS + SECONDS_PER_MB * size // 2**20


def main(may_hold: int) -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while (frame := _read(sys.stdin.buffer)) is not None:
        source = decode_source(frame)
        signal.alarm(seconds_for(len(source.data)))  # its default action ends the process
        answer = encode_answer(_answer(source))
        signal.alarm(0)
        answers.write(ANSWER.pack(len(answer), _resident() > may_hold))
        answers.write(answer)
        answers.flush()


def _answer(source: Source) -> Answer:
    try:
        return parse(source)
    except ParseFailed as error:
        return Refused(str(error), error.kind)


def _resident() -> int:
    """Bytes that it holds now; what Linux says, and nothing where it is not Linux."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _read(requests: BinaryIO) -> bytes | None:
    head = requests.read(LENGTH.size)
    return requests.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


if __name__ == "__main__":
    main(int(sys.argv[1]))
