"""HTTP with a provider over real connections: what it answers, breaks, holds back and leaves."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.gateway.wire.served import CHUNKED, OK, WORDS, answering, asked, client, server, silent

MEGABYTES = 5_000_000


async def test_what_is_sent_arrives_as_it_is() -> None:
    seen = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await asked(reader))
            writer.write(OK)

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one", b"", b"two"):
            yield piece

    async with server(talk) as served, client(served.port) as http:
        await http.post("/a b?q=é", json={"x": 1}, headers={"X-Key": "k"})
        await http.post("/", content=pieces())
        await http.get("/")
    (first, body), (_, chunks), (last, nothing) = seen
    assert first.startswith(b"POST /a%20b?q=%C3%A9 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nX-Key: k\r\n" in first
    assert (body, chunks, nothing) == (b'{"x":1}', b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n", b"")
    assert last.startswith(b"GET / HTTP/1.1\r\n")
    assert served.came == 1


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (OK, "ok"),
        (WORDS, "hello world"),
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + WORDS, "hello world"),
        (OK.replace(b"\r", b""), "ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""),
    ],
)
async def test_an_answer_is_the_same_however_it_is_cut(said: bytes, text: str) -> None:
    cuts = iter(range(1, len(said)))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for at in cuts:
            await asked(reader)
            writer.write(said[:at])
            await asyncio.sleep(0.001)
            writer.write(said[at:])

    async with server(talk) as served, client(served.port) as http:
        for _ in range(1, len(said)):
            answer = await http.post("/", json={})
            assert answer.text == text
            assert "link" not in answer.headers
            assert "after" not in answer.headers
    assert served.came == 1


async def test_the_end_of_a_connection_ends_an_answer_without_a_length() -> None:
    said = b"HTTP/1.1 200 OK\r\n\r\nall that there is"
    async with server(answering(said, ends=True)) as served, client(served.port) as http:
        for _ in range(2):
            assert (await http.get("/")).text == "all that there is"
    assert served.came == 2


async def test_to_a_question_for_the_head_no_body_is_awaited() -> None:
    said = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"
    async with server(answering(said, OK)) as served, client(served.port) as http:
        assert (await http.head("/")).headers["content-length"] == "100"
        assert (await http.get("/")).text == "ok"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\ncontent-", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "HTTP"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, "its head has no end"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal", "in the middle of its answer"),
        (CHUNKED + b"5\r\nhel", "in the middle of its answer"),
        (CHUNKED + b"what\r\n", "no HTTP"),
    ],
)
async def test_what_is_no_whole_answer_is_an_error(said: bytes, why: str) -> None:
    async with server(answering(said, ends=True)) as served, client(served.port) as http:
        with pytest.raises(httpx2.RemoteProtocolError, match=why):
            await http.get("/")


@pytest.mark.parametrize(
    "said",
    [
        OK.replace(b"OK\r\n", b"OK\r\nconnection: close\r\n"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        OK + b"and more",
        OK + OK,
    ],
)
async def test_a_connection_that_cannot_go_on_is_not_used_again(said: bytes) -> None:
    async with server(answering(said)) as served, client(served.port) as http:
        for _ in range(3):
            answer = await http.get("/")
            assert answer.text == "ok"
            assert len(answer.headers.get_list("content-length")) == 1
    assert served.came == 3


async def test_a_connection_that_was_closed_or_grew_old_is_not_used_again() -> None:
    async with server(answering(OK, ends=True)) as served, client(served.port) as http:
        for came in (1, 2):
            assert (await http.get("/")).text == "ok"
            assert served.came == came
            await asyncio.sleep(0.05)
    async with server(answering(OK)) as served, client(served.port, kept=0.02) as http:
        for came in (1, 1, 2):
            if came == 2:
                await asyncio.sleep(0.05)
            await http.get("/")
            assert served.came == came


async def test_an_answer_that_is_left_does_not_come_before_the_next() -> None:
    async with server(answering(WORDS)) as served, client(served.port) as http:
        async with http.stream("GET", "/") as answer:
            assert answer.status_code == 200
        assert (await http.get("/")).text == "hello world"
    assert served.came == 2


async def test_no_more_connections_are_used_than_there_may_be() -> None:
    short = httpx2.Timeout(5, pool=0.05)
    async with server(silent(CHUNKED)) as served, client(served.port, most=1) as http:
        async with http.stream("GET", "/"):
            with pytest.raises(httpx2.PoolTimeout):
                await http.get("/", timeout=short)
        async with http.stream("GET", "/", timeout=short) as answer:
            assert answer.status_code == 200
    assert served.came == 2


async def test_much_at_once_comes_whole_either_way() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, body = await asked(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    sent = bytes(range(250)) * (MEGABYTES // 250)
    async with server(echo) as served, client(served.port) as http:
        assert (await http.post("/", content=sent)).content == sent


async def test_a_slow_reader_holds_the_sender_back() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await asked(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (20 * MEGABYTES))
        while sent < 20 * MEGABYTES:
            writer.write(b"x" * 50_000)
            sent += 50_000
            await writer.drain()

    async with (
        server(pour) as served,
        client(served.port) as http,
        http.stream("GET", "/") as answer,
    ):
        await asyncio.sleep(0.3)
        assert sent < 10 * MEGABYTES
        came = sum([len(piece) async for piece in answer.aiter_bytes()])
    assert came == sent == 20 * MEGABYTES


async def test_who_says_nothing_is_not_waited_for() -> None:
    short = httpx2.Timeout(5, read=0.05)
    for talk in (silent(), silent(CHUNKED + b"5\r\nhello\r\n")):
        async with server(talk) as served, client(served.port) as http:
            with pytest.raises(httpx2.ReadTimeout):
                await http.get("/", timeout=short)


async def test_who_takes_nothing_is_not_waited_for() -> None:
    short = httpx2.Timeout(5, write=0.1)
    async with server(silent()) as served, client(served.port) as http:
        with pytest.raises(httpx2.WriteTimeout):
            await http.post("/", content=b"x" * 50 * MEGABYTES, timeout=short)


async def test_nobody_there_is_an_error_of_connecting() -> None:
    async with client(9) as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get("/")


async def test_what_cannot_be_sent_is_refused() -> None:
    async with client(9) as http:
        with pytest.raises(httpx2.LocalProtocolError, match="line end"):
            await http.get("/", headers={"x": "a\r\nb: c"})
        with pytest.raises(httpx2.UnsupportedProtocol, match="ftp://"):
            await http.get("ftp://example.org/x")


async def test_who_is_cancelled_leaves_no_connection_in_use() -> None:
    async with server(silent()) as served, client(served.port, most=1) as http:
        for _ in range(3):
            asking = asyncio.create_task(http.get("/"))
            await asyncio.sleep(0.05)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
    assert served.came == 3
