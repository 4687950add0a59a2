"""What /readyz says when a part of the service cannot do its work."""

from pathlib import Path

from tests.provider.script import Reply
from tests.provider.server import provider as running_provider
from tests.service import running


def test_a_model_that_rests_is_named_and_the_service_stays_ready(data: Path) -> None:
    with (
        running_provider() as provider,
        running(data, OPENAI_BASE_URL=provider.url, FOREBAY_CHAT__MODEL="llama-4") as client,
    ):
        provider.answer(Reply(status=402, error="no balance", code="insufficient_quota"))
        client.post("/v1/ask", json={"question": "How long are backups kept?"})
        response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["parts"]["models"] == "openai/llama-4 is open"


def test_without_its_data_directory_it_is_not_ready(data: Path) -> None:
    with running(data) as client:
        data.rename(data.with_name("gone"))
        response = client.get("/readyz")
        data.with_name("gone").rename(data)
    assert response.status_code == 503
    assert "FOREBAY_DATA" in response.json()["parts"]["disk"]
