"""Connections to a provider: with and without TLS, to an end, in time, at several addresses."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import wire as wire_module
from gateway.wire import Wires

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MEGABYTES = 5_000_000


@asynccontextmanager
async def server(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def talked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(talked, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[httpcore2.AsyncNetworkStream]:
    stream = await Wires().connect_tcp("127.0.0.1", port, timeout=5)
    try:
        yield stream
    finally:
        await stream.aclose()


async def all_of(stream: httpcore2.AsyncNetworkStream) -> bytes:
    data = bytearray()  # bytes would be copied with each piece
    while piece := await stream.read(65_536, timeout=5):
        data += piece
    return bytes(data)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
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
    pem, secret = tmp_path / "server.pem", tmp_path / "server.key"
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


async def test_what_is_sent_comes_back_and_the_end_is_nothing() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(100))

    async with server(once) as port, wire(port) as stream:
        await stream.write(b"hello", timeout=5)
        assert await all_of(stream) == b"hello"
        assert stream.get_extra_info("is_readable")


async def test_much_at_once_comes_whole_either_way() -> None:
    sent = bytes(range(250)) * (MEGABYTES // 250)
    async with server(echo) as port, wire(port) as stream:
        writing = asyncio.create_task(stream.write(sent))
        came = bytearray()
        while len(came) < len(sent):
            came += await stream.read(10_000)
        await writing
    assert came == sent


async def test_a_slow_reader_holds_the_sender_back() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while sent < 20 * MEGABYTES:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    async with server(pour) as port, wire(port) as stream:
        await asyncio.sleep(0.3)
        assert sent < 10 * MEGABYTES
        assert len(await all_of(stream)) == sent


async def test_tls_is_spoken_and_the_name_checked(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    served, trusting = certified
    async with server(echo, served) as port:
        async with wire(port) as stream:
            secure = await stream.start_tls(trusting, "127.0.0.1", timeout=5)
            assert secure.get_extra_info("ssl_object").version() == "TLSv1.3"
            await secure.write(b"x" * MEGABYTES)
            came = 0
            while came < MEGABYTES:
                came += len(await secure.read(65_536, timeout=5))
        async with wire(port) as stream:
            with pytest.raises(httpcore2.ConnectError, match="certificate verify failed"):
                await stream.start_tls(trusting, "api.example.org", timeout=5)


async def test_a_stream_that_is_left_ends_for_the_provider_at_once(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    served, trusting = certified
    left = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"word ")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            left.set()

    async with server(speak, served) as port, asyncio.timeout(5):
        async with wire(port) as stream:
            secure = await stream.start_tls(trusting, "127.0.0.1")
            await secure.read(100)
        await left.wait()


async def test_who_says_nothing_is_not_waited_for() -> None:
    async with server(silent) as port, wire(port) as stream:
        assert not stream.get_extra_info("is_readable")
        with pytest.raises(httpcore2.ReadTimeout):
            await stream.read(100, timeout=0.05)


async def test_a_handshake_that_is_not_answered_is_not_waited_for(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    async with server(silent) as port, wire(port) as stream:
        with pytest.raises(httpcore2.ConnectTimeout):
            await stream.start_tls(certified[1], "127.0.0.1", timeout=0.1)


async def test_nobody_there_is_an_error_of_connecting() -> None:
    with pytest.raises(httpcore2.ConnectError):
        await Wires().connect_tcp("127.0.0.1", 9, timeout=5)


async def test_what_is_sent_to_who_has_left_is_an_error() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with server(leave) as port, wire(port) as stream:
        await asyncio.sleep(0.05)
        with pytest.raises(httpcore2.WriteError):
            await stream.write(b"x")


async def test_an_address_that_does_not_answer_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither one that refuses, nor one where all that is sent vanishes."""
    connect, given_up = wire_module._to, asyncio.Event()

    async def found(host: str, port: int) -> list[str]:
        return ["127.0.0.3", "127.0.0.2", "127.0.0.1"]

    async def connected(address: str, port: int) -> object:
        if address == "127.0.0.2":
            try:
                await asyncio.sleep(30)
            finally:
                given_up.set()
        return await connect(address, port)

    monkeypatch.setattr(wire_module, "_addresses", found)
    monkeypatch.setattr(wire_module, "_to", connected)
    async with server(echo) as port, asyncio.timeout(2):
        stream = await Wires().connect_tcp("api.example.org", port)
        await stream.write(b"hello")
        assert await stream.read(100) == b"hello"
        await given_up.wait()
        await stream.aclose()
