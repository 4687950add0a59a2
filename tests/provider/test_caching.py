"""The provider's prompt caches are told and read in every format, through the real SDKs."""

from collections.abc import Iterator
from dataclasses import replace

import anthropic
import openai
import pytest
from google import genai
from openai import OpenAI

from tests.provider.prompt_cache import GPT_54
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running

STATIC = " rule" * 1_500
LARGE = " rule" * 5_000
MINUTE = 60.0


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
def sdk(provider: Provider) -> Iterator[OpenAI]:
    with OpenAI(api_key="sk-test", base_url=provider.url, max_retries=0) as client:
        yield client


@pytest.fixture
def claude(provider: Provider) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(
        api_key="sk-ant", base_url=provider.anthropic_url, max_retries=0
    ) as client:
        yield client


def responded(sdk: OpenAI, model: str, said: str, **more: object) -> tuple[int, int]:
    answer = sdk.responses.create(
        model=model,
        input=[{"role": "system", "content": STATIC}, {"role": "user", "content": said}],
        **more,  # type: ignore[call-overload]
    )
    details = answer.usage.input_tokens_details
    return details.cached_tokens, details.cache_write_tokens


def chatted(sdk: OpenAI, model: str, said: str) -> int:
    answer = sdk.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": STATIC}, {"role": "user", "content": said}],
    )
    assert answer.usage
    assert answer.usage.prompt_tokens_details
    return answer.usage.prompt_tokens_details.cached_tokens or 0


def marked(breakpoints: int = 1, **options: object) -> dict[str, object]:
    part = {"type": "input_text", "text": STATIC, "prompt_cache_breakpoint": {"mode": "explicit"}}
    return {
        "model": "gpt-5.6-sol",
        "input": [{"role": "system", "content": [part] * breakpoints}, {"role": "user",
                   "content": "Why?"}],
        "prompt_cache_options": {"mode": "explicit", **options},
    }  # fmt: skip


def told(claude: anthropic.Anthropic, marks: list[str | None], said: str) -> anthropic.types.Usage:
    system = [
        {"type": "text", "text": STATIC}
        | ({"cache_control": {"type": "ephemeral", "ttl": life}} if life else {})
        for life in marks
    ]
    return claude.messages.create(
        model="claude-sonnet-5",
        max_tokens=50,
        system=system,  # type: ignore[arg-type]
        messages=[{"role": "user", "content": said}],
    ).usage


def test_the_responses_api_reads_an_equal_beginning(sdk: OpenAI) -> None:
    assert responded(sdk, "gpt-5.4", "Why?") == (0, 0)
    assert responded(sdk, "gpt-5.4", "How?") == (1408, 0)


def test_chat_completions_read_an_equal_beginning(sdk: OpenAI) -> None:
    assert [chatted(sdk, "gpt-5.4", said) for said in ("Why?", "How?")] == [0, 1408]


def test_time_is_the_test_s_own(sdk: OpenAI, provider: Provider) -> None:
    now = 0.0
    provider.caches.clock = lambda: now
    responded(sdk, "gpt-5.4", "Why?")
    now = 11 * MINUTE
    assert responded(sdk, "gpt-5.4", "How?") == (0, 0)


def test_long_retention_is_heeded(sdk: OpenAI, provider: Provider) -> None:
    now = 0.0
    provider.caches.clock = lambda: now
    responded(sdk, "gpt-5.4", "Why?", prompt_cache_retention="24h")
    now = 600 * MINUTE
    assert responded(sdk, "gpt-5.4", "How?", prompt_cache_retention="24h")[0] == 1408


def test_a_breakpoint_is_written_and_read_exactly(sdk: OpenAI) -> None:
    details = [
        sdk.responses.create(**marked()).usage.input_tokens_details  # type: ignore[call-overload]
        for _ in range(2)
    ]
    assert [(d.cached_tokens, d.cache_write_tokens) for d in details] == [(0, 1504), (1504, 0)]


def test_prewarming_writes_and_says_nothing(sdk: OpenAI) -> None:
    first = sdk.responses.create(**marked(prewarm=True))  # type: ignore[call-overload]
    assert (first.output_text, first.usage.output_tokens) == ("", 0)
    second = sdk.responses.create(**marked())  # type: ignore[call-overload]
    assert second.usage.input_tokens_details.cached_tokens == 1504


REFUSED: dict[str, dict[str, object]] = {
    "retention beside options": {**marked(), "prompt_cache_retention": "24h"},
    "options before gpt-5.6": {**marked(), "model": "gpt-5.4"},
    "short retention of gpt-5.5": {
        "model": "gpt-5.5", "input": "Why?", "prompt_cache_retention": "in_memory",
    },
}  # fmt: skip


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_openai_refuses(sdk: OpenAI, body: dict[str, object]) -> None:
    with pytest.raises(openai.BadRequestError, match=r"prompt_?.?cach"):
        sdk.responses.create(**body)  # type: ignore[call-overload]


def test_claude_writes_what_is_marked_and_reads_it(claude: anthropic.Anthropic) -> None:
    first, second = (told(claude, ["5m"], said) for said in ("Why?", "How?"))
    assert (first.cache_creation_input_tokens, first.cache_read_input_tokens) == (1500, 0)
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, 1500)
    assert second.input_tokens < 10


def test_claude_says_for_how_long_it_wrote(claude: anthropic.Anthropic) -> None:
    lives = told(claude, ["1h", "5m"], "Why?").cache_creation
    assert lives
    assert (lives.ephemeral_1h_input_tokens, lives.ephemeral_5m_input_tokens) == (1500, 1500)


@pytest.mark.parametrize(
    "lives", [["5m"] * 5, ["5m", "1h"]], ids=["five marks", "the shorter life first"]
)
def test_claude_refuses(claude: anthropic.Anthropic, lives: list[str | None]) -> None:
    with pytest.raises(anthropic.BadRequestError, match="cache_control"):
        told(claude, lives, "Why?")


def test_gemini_reads_an_equal_beginning(provider: Provider) -> None:
    options = genai.types.HttpOptions(base_url=provider.gemini_url, api_version="v1")
    client = genai.Client(api_key="test", http_options=options)
    config = genai.types.GenerateContentConfig(system_instruction=LARGE)
    read = [
        client.models.generate_content(model="gemini-3.1-pro", contents=said, config=config)
        for said in ("Why?", "How?")
    ]
    counts = [one.usage_metadata.cached_content_token_count for one in read if one.usage_metadata]
    assert counts[0] is None
    assert 4_900 < (counts[1] or 0) <= 5_008


def test_another_account_reads_nothing(sdk: OpenAI, provider: Provider) -> None:
    responded(sdk, "gpt-5.4", "Why?")
    with OpenAI(api_key="sk-other", base_url=provider.url, max_retries=0) as other:
        assert responded(other, "gpt-5.4", "How?") == (0, 0)


def test_a_model_may_be_other_than_documented(sdk: OpenAI, provider: Provider) -> None:
    provider.caches.rules["gpt-5.4"] = replace(GPT_54, tail=500)
    responded(sdk, "gpt-5.4", "Why?")
    read = [responded(sdk, "gpt-5.4", " word" * words)[0] for words in (100, 900)]
    assert read == [1408, 0]


def test_what_the_script_says_of_the_cache_stands(sdk: OpenAI, provider: Provider) -> None:
    provider.answer(Reply(cached=7))
    assert responded(sdk, "gpt-5.4", "Why?") == (7, 0)


def test_a_model_of_another_server_has_no_cache(sdk: OpenAI) -> None:
    assert [chatted(sdk, "llama-4", said) for said in ("Why?", "How?")] == [0, 0]
