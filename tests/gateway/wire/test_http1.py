"""HTTP with a provider over real connections: what it answers, breaks, holds back and leaves."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import wire
from gateway.http1 import Transport

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MEGABYTES = 5_000_000
LIMITS = httpx2.Timeout(5)


class Served:
    """A server of bytes, and how many have come to it."""

    def __init__(self, talk: Talk) -> None:
        self.port = 0
        self.came = 0
        self._talk = talk

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        try:
            await self._talk(reader, writer)
        except asyncio.IncompleteReadError:
            pass  # who asked has left
        finally:
            writer.close()


@asynccontextmanager
async def server(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    served = Served(talk)
    async with await asyncio.start_server(served, "127.0.0.1", 0, ssl=context) as listening:
        served.port = listening.sockets[0].getsockname()[1]
        yield served


@asynccontextmanager
async def client(
    port: int, *, trusting: ssl.SSLContext | None = None, most: int = 10, kept: float = 30
) -> AsyncIterator[httpx2.AsyncClient]:
    context = trusting or ssl.create_default_context()
    scheme = "https" if trusting else "http"
    async with httpx2.AsyncClient(
        transport=Transport(context, most=most, kept=kept),
        base_url=f"{scheme}://127.0.0.1:{port}",
        timeout=LIMITS,
    ) as made:
        yield made


async def asked(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        return head, await reader.readuntil(b"0\r\n\r\n")
    _, measured, rest = head.lower().partition(b"content-length: ")
    return head, await reader.readexactly(int(rest.split(b"\r\n")[0]) if measured else 0)


def answering(*answers: bytes, ends: bool = False) -> Talk:
    """Each question with the next one, and the last with the last."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = list(answers)
        while True:
            await asked(reader)
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            await writer.drain()
            if ends:
                return

    return talk


def silent(after: bytes = b"") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if after:
            await asked(reader)
            writer.write(after)
        await asyncio.sleep(30)

    return talk


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
WORDS = CHUNKED + b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nafter: all\r\n\r\n"


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


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder: Path = tmp_path_factory.mktemp("tls")
    pem, secret = folder / "server.pem", folder / "server.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(pem, secret)
    return served, ssl.create_default_context(cafile=pem)


async def test_tls_is_spoken_and_the_name_checked(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    served, trusting = certified
    async with server(answering(WORDS), served) as one, client(one.port, trusting=trusting) as http:
        for _ in range(2):
            assert (await http.get("/")).text == "hello world"
        assert one.came == 1
        with pytest.raises(httpx2.ConnectError, match="certificate"):
            await http.get(f"https://localhost:{one.port}/")
    async with server(answering(OK), served) as one, client(one.port) as http:
        with pytest.raises(httpx2.ConnectError, match="certificate verify failed"):
            await http.get(f"https://127.0.0.1:{one.port}/")


async def test_a_handshake_that_is_not_answered_is_not_waited_for(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    short = httpx2.Timeout(5, connect=0.1)
    async with server(silent()) as served, client(served.port, trusting=certified[1]) as http:
        with pytest.raises(httpx2.ConnectTimeout):
            await http.get("/", timeout=short)


async def test_a_stream_that_is_left_ends_for_the_provider_at_once(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    left = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(CHUNKED)
        try:
            while True:
                writer.write(b"5\r\nword \r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            left.set()

    async with (
        server(speak, certified[0]) as served,
        client(served.port, trusting=certified[1]) as http,
        asyncio.timeout(5),
    ):
        async with http.stream("GET", "/") as answer:
            async for _ in answer.aiter_bytes():
                break
        await left.wait()


async def test_who_is_cancelled_leaves_no_connection_in_use() -> None:
    async with server(silent()) as served, client(served.port, most=1) as http:
        for _ in range(3):
            asking = asyncio.create_task(http.get("/"))
            await asyncio.sleep(0.05)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
    assert served.came == 3


async def test_an_address_that_does_not_answer_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither one that refuses, nor one where all that is sent vanishes."""
    connect, given_up = wire._to, asyncio.Event()

    async def found(host: str, port: int) -> list[str]:
        return ["127.0.0.3", "127.0.0.2", "127.0.0.1"]

    async def connected(address: str, *rest: object) -> object:
        if address == "127.0.0.2":
            try:
                await asyncio.sleep(30)
            finally:
                given_up.set()
        return await connect(address, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(wire, "_addresses", found)
    monkeypatch.setattr(wire, "_to", connected)
    async with server(answering(OK)) as served, client(served.port) as http, asyncio.timeout(2):
        assert (await http.get(f"http://api.example.org:{served.port}/")).text == "ok"
        await given_up.wait()
