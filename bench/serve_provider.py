"""The provider of `bench.serve`: streams that take their time, as those of a hosted model do.

Says its address on a line and serves until it is ended. Takes any question. Every answer has an id
of its own, and its first word is the time, in microseconds, that passed here between the end of
the request and that word. Knows nothing of who asks.
"""

import asyncio
import itertools
import json
import random
import sys
from collections.abc import Iterator
from time import perf_counter

import uvloop

from bench.gateway_provider import HEAD
from tests.provider import responses
from tests.provider.script import Reply

WORDS = 60  # of an answer, where nobody says another number; each is an event
FIRST = (0.3, 0.8)  # seconds until the first of them, each answer its own
GAP = 0.08  # seconds between two
DELTA = "response.output_text.delta"
_TOOK = b"0000000"
_NUMBER = 10_000_000  # all that follow are as long
_BODY = {"model": "gpt-5.4-mini", "input": "kept " * 2_000}


def main() -> None:
    words = int(sys.argv[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(words))


async def _serve(length: int) -> None:
    head, words, end = _parts(length)
    numbers, drawn = itertools.count(_NUMBER), random.Random(7)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _read(reader)
                number = str(next(numbers)).encode()
                await _answer(writer, number, drawn.uniform(*FIRST))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(writer: asyncio.StreamWriter, number: bytes, first: float) -> None:
        asked = perf_counter()
        writer.write(_named(head, number))
        await asyncio.sleep(first)
        took = b"%07d" % ((perf_counter() - asked) * 1e6)
        writer.write(_named(words[0], number).replace(_TOOK, took))
        for word in words[1:]:
            await asyncio.sleep(GAP)
            writer.write(_named(word, number))
        writer.write(_named(end, number).replace(_TOOK, took))
        await writer.drain()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


async def _read(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    await reader.readexactly(int(length))


def _parts(length: int) -> tuple[bytes, list[bytes], bytes]:
    """What is sent at once, each word, and what follows the last."""
    found = list(_frames(length))
    said = [place for place, (kind, _) in enumerate(found) if kind == DELTA]
    frames = [frame for _, frame in found]
    first, after = said[0], said[-1] + 1
    assert after - first == length
    return HEAD + b"".join(frames[:first]), frames[first:after], b"".join(frames[after:]) + _LAST


_LAST = b"0\r\n\r\n"


def _frames(length: int) -> Iterator[tuple[str, bytes]]:
    text = " ".join(["The", *["kept"] * (length - 4), "[1]."])  # these end in three events
    for event in responses.events(_BODY, Reply(text), _NUMBER):
        written = json.dumps(event).replace('"The', f'"{_TOOK.decode()}')
        frame = f"event: {event['type']}\ndata: {written}\n\n".encode()
        yield event["type"], b"%x\r\n%s\r\n" % (len(frame), frame)


def _named(frame: bytes, number: bytes) -> bytes:
    return frame.replace(b"%d" % _NUMBER, number)


if __name__ == "__main__":
    main()
