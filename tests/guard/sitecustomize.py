"""Refuses whatever would leave this machine, in the test process and in every Python it starts.

Python imports a module of this name by itself from where PYTHONPATH points, and tests/conftest.py
lets that be here. An audit hook sees every connection and look-up through Python's sockets, whoever
makes it; it does not see the sockets of compiled code (gRPC's, an engine's).
"""

import ipaddress
import socket
import sys

_CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class OutsideReached(BaseException):
    """Not an Exception: no library shall take it for a failed attempt and swallow it."""


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False  # a name, which somebody outside would have to resolve
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTIONS:
        connection, address = arguments
        assert isinstance(connection, socket.socket)
        if connection.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        host = address[0] if isinstance(address, tuple) else None
    elif event in _LOOKUPS:
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        raise OutsideReached(
            f"{event} of {host!r}: tests do not reach beyond loopback. "
            "Start a server on 127.0.0.1, as tests/provider does, and talk to that."
        )


sys.addaudithook(_refuse)
