"""`forebay warm` with a trial: what is on trial is made ready too, and has a line of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.service import forebay
from tests.service import running as serving

TRIAL = {"FOREBAY_CANARY__SHARE": "0.1", "FOREBAY_CANARY__PROMPT": "answer/v2"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as found:
        yield found


def test_what_is_on_trial_has_its_own_line(data: Path, provider: Provider) -> None:
    provider.forget()
    asked = {"OPENAI_BASE_URL": provider.url, **TRIAL}
    done = forebay("warm", "--force", data=data, **asked)
    assert done.returncode == 0, done.stderr
    usual, tried = done.stdout.splitlines()
    assert "before the boundary of 'default' ready" in usual
    assert "before the boundary of what is on trial for 'default' ready" in tried
    assert len(provider.received) == 2


def test_neither_is_made_ready_where_nothing_is_known(data: Path, provider: Provider) -> None:
    asked = {"OPENAI_BASE_URL": provider.url, **TRIAL}
    found = json.loads(forebay("warm", "--json", data=data, **asked).stdout)
    assert (found["done"], found["trial"]["done"]) == (False, False)
    assert found["trial"]["tokens"] > found["tokens"]


def test_pins_on_trial_have_their_own_line(data: Path, provider: Provider) -> None:
    environ = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": provider.url}
    with serving(data, **environ) as client:
        for _ in range(12):
            client.post("/v1/ask", json={"question": "How long are backups kept?"})
    forebay("prompts", "plan", "--apply", data=data, OPENAI_API_KEY="sk-test")
    found = json.loads(forebay("warm", "--json", data=data, **environ).stdout)
    assert found["trial"]["tokens"] > found["tokens"]
