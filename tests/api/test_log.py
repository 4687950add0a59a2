"""What a running service writes down of a question: its name and its figures, not its words."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running_provider
from tests.service import running
from wiring.state.database import open_state

QUESTION = "How long are zebra-striped backups kept?"
ANSWER = "An unheard-of answer [1]."
KEY, OWN_KEY = "sk-do-not-show-me", "forebay-do-not-show-me"
DOCUMENT_WORDS = "35 days"  # of the handbook


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture(scope="module")
def folder(
    handbook_data: Path, tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> Path:
    """After some requests: of each way to ask, of failures, with and without a name."""
    folder = tmp_path_factory.mktemp("logged")
    data = Path(shutil.copytree(handbook_data, folder / "data"))
    environ = {
        "OPENAI_BASE_URL": provider.url,
        "OPENAI_API_KEY": KEY,
        "FOREBAY_API__KEY": OWN_KEY,
        "FOREBAY_CHAT__API": "responses",
    }
    provider.answer(Reply(ANSWER), Reply(ANSWER), *[Reply(status=400, error=f"no {QUESTION}")] * 2)
    with running(data, **environ) as client:
        client.headers["Authorization"] = f"Bearer {OWN_KEY}"
        ask(client, "named-1")
        ask(client, "streamed-2", stream=True)
        ask(client, "failed-3")
        ask(client, "wrong-4", limit="many")
        client.post("/v1/ask", headers={"Authorization": "Bearer wrong-do-not-show-me"})
        client.get("/metrics")
    return folder


def ask(client: httpx2.Client, name: str, **more: object) -> httpx2.Response:
    body = {"question": QUESTION, **more}
    response = client.post("/v1/ask", json=body, headers={"X-Request-Id": name})
    assert response.headers["x-request-id"] == name
    return response


def log(folder: Path) -> str:
    return (folder / "service.log").read_text()


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log(folder).splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    "words",
    ["zebra", "unheard-of", "do-not-show-me", DOCUMENT_WORDS],
    ids=["question", "answer", "keys", "document"],
)
def test_the_log_has_no_word_of(folder: Path, words: str) -> None:
    assert "named-1" in log(folder)
    assert words not in log(folder)


def test_each_request_is_one_line_with_its_figures(folder: Path) -> None:
    lines = [e for e in events(folder) if e["event"] == "request"]
    seen = [(e["request_id"], e["route"], e["status"]) for e in lines]
    assert seen[:4] == [
        ("named-1", "/v1/ask", 200),
        ("streamed-2", "/v1/ask", 200),
        ("failed-3", "/v1/ask", 502),
        ("wrong-4", "/v1/ask", 422),
    ]
    assert all(e["seconds"] > 0 for e in lines)


async def test_the_ledger_has_the_same_name(folder: Path) -> None:
    async with open_state(f"sqlite:///{folder}/data/state.db") as state:
        rows = await state.ledger.rows("default", "2026-01-01T00:00:00+00:00")
    assert [row.request for row in rows] == ["named-1", "streamed-2"]
    assert rows[0].input_mark == rows[1].input_mark != ""


def test_a_name_that_cannot_stand_in_a_line_gets_another(
    service: httpx2.Client,
) -> None:
    response = service.get("/healthz", headers={"X-Request-Id": "a b\t{"})
    assert len(response.headers["x-request-id"]) == 32
