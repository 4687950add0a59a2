"""`forebay cache-check` measures a model's cache on the user's own key, and keeps what it found."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forebay.__main__ import main
from gateway.caching.measured import read_findings
from tests.provider.prompt_cache import GPT_54
from tests.provider.server import Provider
from tests.provider.server import provider as running
from wiring.caching import findings, measurable
from wiring.settings import read_settings
from wiring.tariff import tariff

MODEL = "openai/gpt-5.4-mini"


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture(autouse=True)
def provider(one_provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Provider:
    one_provider.forget()
    monkeypatch.setenv("FOREBAY_DATA", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("FOREBAY_PROVIDERS__OPENAI__BASE_URL", one_provider.url)
    monkeypatch.setenv("FOREBAY_PROVIDERS__OPENAI__API", "responses")
    return one_provider


def test_it_says_first_what_it_costs(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache-check"]) == 1
    said = capsys.readouterr().err
    assert "takes at most 28 calls" in said
    assert "--yes accepts that" in said
    assert provider.received == []


def test_a_model_as_its_vendor_says_is_found_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache-check", "--yes", "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    finding = checked["finding"]
    assert (finding["hits"], finding["tail"], finding["least"]) == (True, None, 1024)
    assert checked["model"] == MODEL


def test_a_model_that_fails_behind_long_tails_is_found_out(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.caches.rules["gpt-5.4-mini"] = replace(GPT_54, tail=500)
    assert main(["cache-check", "--yes"]) == 0
    assert "hits up to a tail of 300 tokens" in capsys.readouterr().out
    settings = read_settings()
    assert read_findings(findings(settings))[MODEL].tail == 300
    assert tariff(settings).rules.tail == 300


def test_a_model_that_never_hits_is_found_out(provider: Provider) -> None:
    provider.caches.rules["gpt-5.4-mini"] = replace(GPT_54, least=10**9)
    assert main(["cache-check", "--yes"]) == 0
    assert read_findings(findings(read_settings()))[MODEL].hits is False


def test_it_costs_no_more_than_it_said(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.caches.rules["gpt-5.4-mini"] = replace(GPT_54, tail=1_500)
    main(["cache-check", "--yes", "--json"])
    spent = json.loads(capsys.readouterr().out)["cost_microdollars"]
    assert 0 < spent <= measurable(read_settings(), None).microdollars


def test_a_server_of_which_nothing_is_known_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOREBAY_PROVIDERS__LOCAL__BASE_URL", "http://127.0.0.1:1/v1")
    assert main(["cache-check", "--model", "local/llama", "--yes"]) == 1
    assert "there is nothing to measure" in capsys.readouterr().err
