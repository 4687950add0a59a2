"""Tests reach loopback and nothing else, and do not see the developer's settings."""

import asyncio
import os
import socket
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.conftest import forget_settings

refused = pytest.raises(BaseException, match="beyond loopback")


def test_an_address_outside_is_refused_at_once() -> None:
    with socket.socket() as connection, refused:
        connection.connect(("192.0.2.1", 80))


def test_so_it_is_when_errors_would_come_as_numbers() -> None:
    with socket.socket() as connection, refused:
        connection.connect_ex(("192.0.2.1", 80))


def test_so_it_is_over_udp() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as connection, refused:
        connection.sendto(b"?", ("192.0.2.1", 53))


def test_an_ipv6_address_outside_is_refused() -> None:
    with socket.socket(socket.AF_INET6) as connection, refused:
        connection.connect(("2001:db8::1", 80))


def test_a_name_is_not_looked_up() -> None:
    with refused:
        socket.getaddrinfo("example.org", 443)


async def test_an_event_loop_does_not_get_out_either() -> None:
    with refused:
        await asyncio.open_connection("example.org", 443)


def test_a_python_that_a_test_starts_does_not_get_out_either() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "OutsideReached" in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_reached(host: str) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(urllib.error.HTTPError, match="501"):
            urllib.request.urlopen(f"http://{host}:{server.server_port}/", timeout=5)


def test_a_unix_socket_is_reached() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"


def test_settings_and_proxies_of_the_developer_are_forgotten() -> None:
    environ = dict.fromkeys(["FOREBAY_DATA", "OPENAI_API_KEY", "https_proxy"], "x")
    forget_settings(environ)
    assert environ == {}


def test_what_is_meant_for_tests_is_kept() -> None:
    environ = {"FOREBAY_TEST_DATABASE_URL": "postgresql://…", "PATH": "/bin"}
    forget_settings(environ)
    assert set(environ) == {"FOREBAY_TEST_DATABASE_URL", "PATH"}


def test_this_process_has_no_settings() -> None:
    left = [name for name in os.environ if name.startswith(("FOREBAY_", "OPENAI_"))]
    assert all(name.startswith("FOREBAY_TEST_") for name in left)
