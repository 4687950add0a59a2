"""Connections to a provider: with TLS, and where it has several addresses."""

import asyncio
import ssl
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
from tests.gateway.wire.served import CHUNKED, OK, WORDS, answering, asked, client, server, silent


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
