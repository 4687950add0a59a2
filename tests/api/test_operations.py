"""Health, metrics, keys and the local endpoints."""

import asyncio
import hashlib
import time
from pathlib import Path

import httpx2

from domain.keys import ApiKey
from tests.service import forebay, running
from wiring.state.database import open_state

KEY = {"Authorization": "Bearer open-sesame"}


def test_alive_and_ready(service: httpx2.Client) -> None:
    assert service.get("/healthz").json() == {"status": "ok"}
    said = service.get("/readyz").json()
    assert said["status"] == "ready"
    assert said["parts"] == dict.fromkeys(("state", "store", "disk", "models", "workers"), "ok")


def test_metrics_count_requests_by_route_and_stages_by_name(service: httpx2.Client) -> None:
    service.post("/v1/search", json={"question": "backups"})
    service.get("/no/such/path")
    text = service.get("/metrics").text
    assert 'forebay_requests_total{route="/v1/search",status="200"} 1.0' in text
    assert 'forebay_stage_seconds_count{stage="store"} 1.0' in text
    assert "/no/such/path" not in text


def test_no_answer_waits_for_a_packet_to_fill(service: httpx2.Client) -> None:
    times = []
    for _ in range(10):
        start = time.perf_counter()
        service.get("/healthz")
        times.append(time.perf_counter() - start)
    assert min(times) < 0.03


def test_with_a_key_set_nobody_asks_without_it(data: Path) -> None:
    with running(data, FOREBAY_API__KEY="open-sesame") as client:
        body = {"question": "backups"}
        refused = client.post("/v1/search", json=body)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        wrong = client.post("/v1/search", json=body, headers={"Authorization": "Bearer x"})
        assert wrong.status_code == 401
        assert client.post("/v1/search", json=body, headers=KEY).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_a_key_of_the_state_opens_its_own_tenant_alone(data: Path) -> None:
    secret_hash = hashlib.sha256(b"key-of-acme").hexdigest()
    asyncio.run(_add_key(data, "acme", secret_hash))
    with running(data) as client:
        assert client.get("/v1/documents").status_code == 401
        headers = {"Authorization": "Bearer key-of-acme"}
        assert client.get("/v1/documents", headers=headers).json()["total"] == 0


async def _add_key(data: Path, tenant: str, secret_hash: str) -> None:
    async with open_state(f"sqlite:///{data / 'state.db'}") as state:
        await state.keys.add(ApiKey(tenant, "test"), secret_hash)


def test_beyond_loopback_the_service_does_not_start_without_a_key(data: Path) -> None:
    done = forebay("serve", data=data, FOREBAY_API__HOST="0.0.0.0", FOREBAY_API__PORT="0")
    assert done.returncode == 1
    assert "FOREBAY_API__KEY" in done.stderr


def test_a_port_that_is_taken_is_named_with_its_setting(service: httpx2.Client, data: Path) -> None:
    port = str(service.base_url.port)
    done = forebay("serve", data=data / "other", FOREBAY_API__PORT=port)
    assert done.returncode == 1
    assert port in done.stderr
    assert "FOREBAY_API__PORT" in done.stderr


def test_local_endpoints_are_closed_without_the_token(service: httpx2.Client) -> None:
    body = {"paths": ["/etc"]}
    assert service.post("/v1/local/ingest", json=body).status_code == 401
    assert service.get("/v1/local/doctor").status_code == 401


def test_a_tenant_header_counts_for_nothing_without_the_token(service: httpx2.Client) -> None:
    headers = {"X-Forebay-Tenant": "someone-else"}
    page = service.get("/v1/documents", headers=headers).json()
    assert page["total"] > 10


def test_the_openapi_document_names_every_public_endpoint(service: httpx2.Client) -> None:
    paths = service.get("/openapi.json").json()["paths"]
    assert set(paths) >= {
        "/v1/ask", "/v1/search", "/v1/documents", "/v1/documents/{id}", "/v1/jobs",
        "/v1/jobs/{id}", "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
