"""What every request meets: limits of number, size and time, headers, origins."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import Response

from api.drain import Drain
from api.middleware import Bounds, Guard
from tests.api.keyed import ROOT, Keyed, bearer, serving_keys
from tests.service import running
from wiring.telemetry import Telemetry

WIKI = "https://wiki.example"
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def keyed(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("guard")
    more = {"FOREBAY_API__ORIGINS": f'["{WIKI}"]', "FOREBAY_API__HSTS": "true"}
    with serving_keys(handbook_data, folder, **more) as found:
        yield found


def test_a_limited_key_is_told_where_it_stands(keyed: Keyed) -> None:
    headers = bearer(keyed.key("told", requests_a_minute=10))
    found = keyed.client.get("/v1/about", headers=headers).headers
    assert (found["ratelimit-limit"], found["ratelimit-remaining"]) == ("10", "8")
    assert 1 <= int(found["ratelimit-reset"]) <= 60


def test_a_key_beyond_its_limit_is_told_when_to_come_back(keyed: Keyed) -> None:
    headers = bearer(keyed.key("beyond", requests_a_minute=2))
    answers = [keyed.client.get("/v1/about", headers=headers) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 429, 429]
    assert 1 <= int(answers[1].headers["retry-after"]) <= 60
    assert answers[1].headers["ratelimit-remaining"] == "0"


def test_openais_endpoints_keep_the_limit_in_their_own_shape(keyed: Keyed) -> None:
    headers = bearer(keyed.key("beyond-models", requests_a_minute=1))
    answers = [keyed.client.get("/v1/models", headers=headers) for _ in range(2)]
    assert answers[1].status_code == 429
    assert answers[1].json()["error"]["type"] == "rate_limit_error"


def test_a_key_without_a_limit_gets_no_such_headers(keyed: Keyed) -> None:
    assert "ratelimit-limit" not in keyed.client.get("/v1/about", headers=bearer(ROOT)).headers


@pytest.mark.parametrize("path", ["/", "/v1/about", "/v1/none", "/healthz", "/openapi.json"])
def test_every_answer_is_closed_to_frames_and_guesses(keyed: Keyed, path: str) -> None:
    headers = keyed.client.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=31536000")


def test_answers_are_not_kept_by_caches(keyed: Keyed) -> None:
    assert (
        keyed.client.get("/v1/about", headers=bearer(ROOT)).headers["cache-control"] == "no-store"
    )


def test_a_page_of_a_named_site_may_ask(keyed: Keyed) -> None:
    assert preflight(keyed, WIKI).headers["access-control-allow-origin"] == WIKI


def test_a_page_of_another_site_may_not(keyed: Keyed) -> None:
    assert "access-control-allow-origin" not in preflight(keyed, EVIL).headers


def preflight(keyed: Keyed, origin: str) -> httpx2.Response:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return keyed.client.options("/v1/ask", headers={"Origin": origin, **asked})


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    with running(tmp_path_factory.mktemp("keyless") / "data") as client:
        yield client


@pytest.mark.parametrize(
    "headers",
    [{"Origin": EVIL}, {"Origin": "null"}, {"Host": "evil.example"}],
    ids=["another site", "a sandbox", "a name that points here"],
)
@pytest.mark.parametrize("path", ["/v1/about", "/mcp"])
def test_without_keys_a_page_of_elsewhere_reaches_nothing(
    keyless: httpx2.Client, headers: dict[str, str], path: str
) -> None:
    method = "POST" if path == "/mcp" else "GET"
    assert keyless.request(method, path, headers=headers).status_code == 403


def test_without_keys_its_own_page_does(keyless: httpx2.Client) -> None:
    origin = f"http://127.0.0.1:{keyless.base_url.port}"
    assert keyless.get("/v1/about", headers={"Origin": origin}).status_code == 200


def test_a_body_that_is_too_large_is_refused(keyless: httpx2.Client) -> None:
    response = keyless.post("/v1/ask", content=b" " * 1_000_001)
    assert response.status_code == 413
    assert "1,000,000" in response.json()["detail"]


@pytest.fixture
async def slow() -> AsyncIterator[httpx2.AsyncClient]:
    """An application that takes its time, and half a second of patience with it."""
    app = FastAPI()

    @app.get("/slow")
    async def _() -> Response:
        await asyncio.sleep(5)
        return Response()

    guarded = Guard(app, Telemetry(), Bounds(upload_bytes=1_000, seconds=0.2), Drain())
    transport = httpx2.ASGITransport(guarded)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_an_answer_that_does_not_begin_is_ended(slow: httpx2.AsyncClient) -> None:
    response = await slow.get("/slow")
    assert response.status_code == 504
    assert "FOREBAY_API__SECONDS" in response.json()["detail"]
    assert response.headers["x-request-id"]


def test_a_body_that_does_not_come_ends_with_its_connection(keyless: httpx2.Client) -> None:
    """The client goes away in the midst of it: the next one is served as ever."""
    host, port = str(keyless.base_url.host), keyless.base_url.port
    with socket.create_connection((host, int(port or 0))) as connection:
        connection.sendall(
            b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
        )
    assert keyless.get("/v1/about").status_code == 200
