"""Calls a client back: signed, to an address that may be called, at the address that was checked.

Signed as `standardwebhooks` says: HMAC-SHA256 over id, time and body. Knows nothing of answers, nor
of when to try again.
"""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx2

from domain.errors import InvalidInput, Unavailable

FIELD = "callback"
_SECONDS = 10
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Installation = Callable[[str], Awaitable[bytes]]  # a key that it made for itself, by its name

_PORTS = {"https": 443, "http": 80}


def secret_of(installation: bytes, tenant: str) -> str:
    """Each tenant's own, so that none can sign for another."""
    made = hmac.new(installation, f"webhook:{tenant}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(made).decode()


def signature(secret: str, id_: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


class Webhook:
    """`private`: addresses that only this machine's network knows may be called, too."""

    def __init__(self, installation: Installation, *, private: bool, loopback: bool) -> None:
        self._installation = installation
        self._private = private
        self._loopback = loopback or private

    async def secret(self, tenant: str) -> str:
        return secret_of(await self._installation("webhooks"), tenant)

    async def check(self, url: str) -> str:
        """The address of its host. InvalidInput says why it is not called."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.username:
            raise InvalidInput(f"'{url}' is no https:// address without a user.", field=FIELD)
        addresses = await _resolved(parts.hostname)
        for address in addresses:
            self._refuse(url, address)
        if parts.scheme == "http" and not all(one.is_loopback for one in addresses):
            raise InvalidInput(f"'{url}' would be called in the clear. Use https://.", field=FIELD)
        return str(addresses[0])

    async def call(self, url: str, tenant: str, id_: str, body: bytes) -> None:
        """Unavailable, where it does not answer with a 2xx. Redirects are not followed."""
        address = await self.check(url)
        parts = urlsplit(url)
        secret = await self.secret(tenant)
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "host": parts.netloc,
            "content-type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(secret, id_, timestamp, body),
        }
        where = httpx2.URL(url).copy_with(host=address)
        try:
            async with httpx2.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
                response = await client.post(
                    where,
                    content=body,
                    headers=headers,
                    extensions={"sni_hostname": parts.hostname},
                )
        except httpx2.HTTPError as error:
            raise Unavailable(f"{url} does not answer ({error}).", transient=True) from error
        if not response.is_success:
            raise Unavailable(f"{url} answered {response.status_code}.", transient=True)

    def _refuse(self, url: str, address: _Address) -> None:
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        allowed = self._loopback if address.is_loopback else self._private
        if address.is_multicast or not (address.is_global or allowed):
            raise InvalidInput(
                f"'{url}' leads to {address}, an address that is not public. "
                "FOREBAY_WEBHOOK__PRIVATE=true allows such ones.",
                field=FIELD,
            )


async def _resolved(host: str) -> list[_Address]:
    with suppress(ValueError):
        return [ipaddress.ip_address(host)]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InvalidInput(f"The host '{host}' is not known ({error}).", field=FIELD) from error
    return [ipaddress.ip_address(entry[4][0]) for entry in found]
