"""Settings come from the environment once; a wrong one is named with its remedy."""

from pathlib import Path

import pytest

from domain.errors import Misconfigured
from wiring.settings import read_settings


def test_without_any_variable_everything_is_embedded() -> None:
    settings = read_settings()
    assert settings.qdrant.url is None
    assert settings.database_url.startswith("sqlite:///")
    assert not settings.answers_with_openai
    assert settings.api.port == 8420


def test_a_nested_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREBAY_API__PORT", "9000")
    monkeypatch.setenv("FOREBAY_DATA", "elsewhere")
    settings = read_settings()
    assert (settings.api.port, settings.data) == (9000, Path("elsewhere"))


def test_an_openai_key_turns_answers_to_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = read_settings()
    assert settings.answers_with_openai
    assert "sk-secret" not in repr(settings)


def test_a_wrong_value_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREBAY_API__PORT", "eighty")
    with pytest.raises(Misconfigured, match=r"FOREBAY_API__PORT: .*'eighty'"):
        read_settings()


def test_a_misspelt_variable_is_refused_with_the_right_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOREBAY_API__PROT", "9000")
    with pytest.raises(Misconfigured, match=r"FOREBAY_API__PROT.*Did you mean FOREBAY_API__PORT"):
        read_settings()


def test_a_provider_may_have_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREBAY_PROVIDERS__OUR_OWN__KEYS__CUSTOMER_CARE", "sk-secret")
    settings = read_settings()
    assert list(settings.providers["our_own"].keys) == ["customer_care"]
    assert "sk-secret" not in repr(settings)


def test_a_misspelt_variable_of_a_provider_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREBAY_PROVIDERS__AZURE__BASEURL", "x")
    with pytest.raises(Misconfigured, match=r"Did you mean FOREBAY_PROVIDERS__<NAME>__BASE_URL"):
        read_settings()
