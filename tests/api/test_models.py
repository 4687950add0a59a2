"""With a model behind it, on a provider of our own: the answer, its cost, its errors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running_provider
from tests.service import forebay, running

QUESTION = {"question": "How long are backups kept?"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(shared: Provider) -> Provider:
    """As if it had never been asked."""
    shared.replies.clear()
    shared.received.clear()
    return shared


@pytest.fixture(scope="module")
def service(
    handbook_data: Path, tmp_path_factory: pytest.TempPathFactory, shared: Provider
) -> Iterator[httpx2.Client]:
    own = Path(shutil.copytree(handbook_data, tmp_path_factory.mktemp("service") / "data"))
    with running(own, OPENAI_BASE_URL=shared.url, FOREBAY_CHAT__MODEL="llama-4") as client:
        yield client


def test_the_model_s_words_are_the_answer_and_its_markers_citations(
    service: httpx2.Client, provider: Provider
) -> None:
    provider.say("They are kept for 35 days [1].")
    answer = service.post("/v1/ask", json=QUESTION).json()
    assert answer["text"] == "They are kept for 35 days [1]."
    assert answer["model"] == "llama-4"
    assert answer["citations"][0]["label"] == 1
    assert answer["usage"]["input"] > 500


def test_the_model_is_shown_the_passages_and_then_the_question(
    service: httpx2.Client, provider: Provider
) -> None:
    service.post("/v1/ask", json=QUESTION)
    tail = provider.received[0].body["messages"][-1]["content"]
    assert "Backups are kept for 35 days." in tail
    assert tail.endswith("Question: How long are backups kept?")


def test_the_model_s_not_found_is_ours(service: httpx2.Client, provider: Provider) -> None:
    provider.say("Not in these documents.")
    assert not service.post("/v1/ask", json=QUESTION).json()["found"]


def test_a_session_shows_the_model_what_was_said_before(
    service: httpx2.Client, provider: Provider
) -> None:
    provider.say("35 days [1].", "The duty engineer [1].")
    service.post("/v1/ask", json={**QUESTION, "session": "s"})
    service.post("/v1/ask", json={"question": "And who restores?", "session": "s"})
    said = [message["content"] for message in provider.received[1].body["messages"]]
    assert "Question: How long are backups kept?" in said
    assert "35 days [1]." in said


def test_a_stream_hands_on_each_piece(service: httpx2.Client, provider: Provider) -> None:
    provider.say("Kept for 35 days [1].")
    with service.stream("POST", "/v1/ask", json={**QUESTION, "stream": True}) as response:
        names = [event.event for event in httpx2.EventSource(response)]
    assert names.count("delta") > 3
    assert names[-1] == "done"


@pytest.mark.parametrize(("status", "expected"), [(401, 502), (400, 502)])
def test_a_provider_s_rejection_is_a_problem_that_names_it(
    service: httpx2.Client, provider: Provider, status: int, expected: int
) -> None:
    provider.answer(Reply(status=status, error="says the provider"))
    response = service.post("/v1/ask", json=QUESTION)
    assert response.status_code == expected
    assert "says the provider" in response.json()["detail"]


def test_a_stream_that_breaks_off_ends_with_an_error_event(
    service: httpx2.Client, provider: Provider
) -> None:
    provider.answer(Reply("one two three four", breaks_after=4))
    with service.stream("POST", "/v1/ask", json={**QUESTION, "stream": True}) as response:
        names = [event.event for event in httpx2.EventSource(response)]
    assert names[-1] == "error"
    assert "delta" in names


def test_openai_itself_is_asked_through_responses_and_paid_for(
    data: Path, provider: Provider
) -> None:
    environ = {
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_CHAT__API": "responses",
    }
    provider.say("Kept for 35 days [1].")
    done = forebay("ask", QUESTION["question"], data=data, **environ)
    assert done.returncode == 0, done.stderr
    assert provider.received[0].path == "/v1/responses"
    assert "gpt-5.4-mini" in done.stdout
    assert "$0.000000" not in done.stdout


def test_doctor_says_that_a_key_is_refused(data: Path, provider: Provider) -> None:
    provider.answer(Reply(status=401, error="no such key"))
    environ = {"OPENAI_API_KEY": "sk-wrong", "OPENAI_BASE_URL": provider.url}
    done = forebay("doctor", data=data, **environ)
    assert done.returncode == 1
    assert "no such key" in done.stdout
    assert "sk-wrong" not in done.stdout + done.stderr


def test_an_empty_balance_is_said_and_the_provider_left_alone(
    data: Path, provider: Provider
) -> None:
    provider.answer(Reply(status=402, error="top up"))
    with running(data, OPENAI_BASE_URL=provider.url) as client:
        details = [client.post("/v1/ask", json=QUESTION).json()["detail"] for _ in range(2)]
    assert all("top up" in detail for detail in details)
    assert len(provider.received) == 1


def test_a_busy_provider_says_when_to_come_back(data: Path, provider: Provider) -> None:
    provider.answer(Reply(status=429, headers=(("retry-after", "600"),)))
    with running(data, OPENAI_BASE_URL=provider.url) as client:
        response = client.post("/v1/ask", json=QUESTION)
    assert (response.status_code, response.headers["retry-after"]) == (503, "600")
