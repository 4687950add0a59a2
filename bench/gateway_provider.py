"""The provider of `bench.gateway`: one streamed answer, written down once, in the wire format.

Says its address on a line and serves until it is ended. Takes any question.
"""

import asyncio
import json
import sys

from tests.provider import responses
from tests.provider.script import Reply

BODY = {"model": "gpt-5.4-mini", "input": "How long are backups kept?"}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def frames(words: int) -> list[bytes]:
    text = " ".join(["kept"] * words)
    events = responses.events(BODY, Reply(text))
    said = (f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events)
    return [b"%x\r\n%s\r\n" % (len(frame), frame) for frame in said]


async def serve(words: int) -> None:
    answer = [HEAD, *frames(words), b"0\r\n\r\n"]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                for piece in answer:
                    writer.write(piece)
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
