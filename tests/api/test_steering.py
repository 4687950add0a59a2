"""Tiers, efforts and schemas over HTTP, with models behind them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running_provider
from tests.service import running

QUESTION = "How long are backups kept?"
SCHEMA = {
    "type": "object",
    "properties": {"days": {"type": "integer"}, "why": {"type": "string"}},
    "required": ["days", "why"],
}


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture(scope="module")
def service(
    one_provider: Provider, handbook_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    data = Path(shutil.copytree(handbook_data, tmp_path_factory.mktemp("steering") / "data"))
    environ = {
        "OPENAI_API_KEY": "sk",
        "OPENAI_BASE_URL": one_provider.url,
        "FOREBAY_PROVIDERS__OPENAI__API": "responses",
        "FOREBAY_TIERS__PRO": "openai/gpt-5.4-pro",
        "FOREBAY_TIERS__STANDARD": "openai/gpt-5.4",
    }
    with running(data, **environ) as client:
        yield client


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


def answered(service: httpx2.Client, **body: object) -> dict[str, object]:
    response = service.post("/v1/ask", json={"question": QUESTION, **body})
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


def test_a_tier_and_an_effort_can_be_asked_for(service: httpx2.Client, provider: Provider) -> None:
    answer = answered(service, tier="pro", effort="medium")
    assert answer["routed"] == {"tier": "pro", "why": "it was asked for"}
    assert provider.received[0].body["model"] == "gpt-5.4-pro"
    assert provider.received[0].body["reasoning"] == {"effort": "medium"}


def test_an_effort_that_the_model_does_not_take_is_refused(
    service: httpx2.Client, provider: Provider
) -> None:
    body = {"question": QUESTION, "tier": "pro", "effort": "low"}
    response = service.post("/v1/ask", json=body)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "effort")
    assert provider.received == []


def test_auto_takes_the_tier_that_the_question_needs(
    service: httpx2.Client, provider: Provider
) -> None:
    compares = "Compare the retention of backups and of logs."
    answer = answered(service, question=compares, tier="auto")
    assert provider.received[0].body["model"] == "gpt-5.4"
    assert "it compares" in json.dumps(answer["routed"])


@pytest.mark.parametrize("tier", ["canary", "huge", ""])
def test_a_tier_that_there_is_not_is_refused(service: httpx2.Client, tier: str) -> None:
    body = {"question": QUESTION, "tier": tier}
    assert service.post("/v1/ask", json=body).json()["errors"][0]["field"] == "tier"


def test_an_answer_of_a_schema_is_parsed(service: httpx2.Client, provider: Provider) -> None:
    provider.say('{"days": 35, "why": "The policy [1]."}')
    answer = answered(service, response_schema=SCHEMA)
    assert (answer["outcome"], answer["parsed"]) == (
        "parsed",
        {"days": 35, "why": "The policy [1]."},
    )
    wanted = provider.received[0].body["text"]["format"]
    assert (wanted["type"], wanted["strict"]) == ("json_schema", True)


OUTCOMES = {
    "refused": [Reply("I cannot.", refusal=True)],
    "incomplete": [Reply('{"days', cut=True)],
    "invalid": [Reply("35"), Reply("35")],
}


@pytest.mark.parametrize(("outcome", "replies"), OUTCOMES.items(), ids=OUTCOMES)
def test_what_is_no_data_says_so(
    service: httpx2.Client, provider: Provider, outcome: str, replies: list[Reply]
) -> None:
    provider.answer(*replies)
    answer = answered(service, response_schema=SCHEMA)
    assert (answer["outcome"], answer["parsed"]) == (outcome, None)
    assert len(provider.received) == len(replies)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
def test_a_schema_that_cannot_be_kept_is_refused_before_anything_is_sent(
    service: httpx2.Client, provider: Provider, streams: bool
) -> None:
    schema = {"type": "object", "properties": {"a": {}}}
    body = {"question": QUESTION, "response_schema": schema, "stream": streams}
    response = service.post("/v1/ask", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "response_schema"
    assert provider.received == []


def test_data_comes_at_the_end_of_a_stream(service: httpx2.Client, provider: Provider) -> None:
    provider.say('{"days": 35, "why": "So."}')
    body = {"question": QUESTION, "response_schema": SCHEMA, "stream": True}
    with service.stream("POST", "/v1/ask", json=body) as response:
        events = [(e.event, e.data) for e in httpx2.EventSource(response)]
    assert "delta" not in [name for name, _ in events]
    assert json.loads(events[-1][1])["parsed"] == {"days": 35, "why": "So."}
