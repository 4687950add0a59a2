"""Prices come from the user's file, ours and the catalogue; what nobody has priced is refused."""

from pathlib import Path

import pytest

from domain.completion import Usage
from domain.errors import Misconfigured
from gateway.pricing import Prices, cost

OWN = """
[azure."gpt-5.4*"]
input = 2.75
output = 16.5

[vllm."*"]
input = 0.1
output = 0.3
reasoning = 0.2

[vllm."*".beyond.1000]
input = 0.2
output = 0.6

[openai."gpt-5.4-mini"]
input = 0.5
output = 1
"""


@pytest.fixture
def own(tmp_path: Path) -> Prices:
    (tmp_path / "prices.toml").write_text(OWN)
    return Prices.read(tmp_path / "prices.toml")


def test_cached_tokens_cost_a_tenth_and_output_most() -> None:
    million = Usage(input=1_000_000, cached=500_000)
    assert cost("gpt-5.4-mini", million) == 375_000 + 37_500
    assert cost("gpt-5.4-mini", Usage(output=1_000_000)) == 4_500_000


def test_nothing_costs_nothing_and_a_half_is_rounded_up() -> None:
    assert cost("gpt-5.4-mini", Usage()) == 0
    assert cost("gpt-5.4-mini", Usage(input=2)) == 2  # 1.5 micro-dollars


def test_a_dated_snapshot_has_its_family_s_price() -> None:
    usage = Usage(input=1000, output=1000)
    assert cost("gpt-5.4-mini-2026-03-17", usage) == cost("gpt-5.4-mini", usage)


def test_beyond_272k_tokens_all_of_a_prompt_costs_more() -> None:
    below, above = (cost("gpt-5.4", Usage(input=tokens)) for tokens in (272_000, 272_001))
    assert (below, above) == (680_000, 1_360_005)


def test_what_stays_an_hour_is_written_at_twice_the_price_of_input() -> None:
    short = Usage(input=1_000_000, written=1_000_000)
    long = Usage(input=1_000_000, written=1_000_000, written_long=1_000_000)
    costs = [cost("claude-opus-4-7", usage, "anthropic") for usage in (short, long)]
    assert costs == [6_250_000, 10_000_000]


def test_where_writing_has_no_price_it_costs_what_input_does() -> None:
    usage = Usage(input=1_000_000, written=1_000_000)
    assert cost("gpt-5.4-mini", usage) == cost("gpt-5.4-mini", Usage(input=1_000_000))


def test_embeddings_cost_by_the_token() -> None:
    assert cost("text-embedding-3-large", Usage(input=1_000_000)) == 130_000


def test_reasoning_costs_as_output_unless_it_has_a_price(own: Prices) -> None:
    usage = Usage(output=1_000_000, reasoning=500_000)
    assert own.of("openai", "gpt-5.4-nano").cost(usage) == 1_250_000
    assert own.of("vllm", "any").cost(usage) == 150_000 + 100_000


def test_the_user_s_price_goes_before_the_catalogue_s(own: Prices) -> None:
    assert own.of("openai", "gpt-5.4-mini").cost(Usage(input=1_000_000)) == 500_000
    assert own.of("azure", "gpt-5.4-mini").cost(Usage(input=1_000_000)) == 2_750_000


def test_a_file_can_say_what_long_prompts_cost(own: Prices) -> None:
    costs = [own.of("vllm", "any").cost(Usage(input=tokens)) for tokens in (1000, 1001)]
    assert costs == [100, 200]


def test_a_model_without_a_price_is_refused_with_the_remedy() -> None:
    with pytest.raises(Misconfigured, match=r"gpt-unheard-of.*FOREBAY_PRICES"):
        Prices().of("openai", "gpt-unheard-of")


@pytest.mark.parametrize(
    "text",
    ["[openai", '[openai."x"]\ninput = -1', '[openai."x"]\ninputs = 1'],
    ids=["no toml", "less than nothing", "an unknown word"],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(Misconfigured, match=r"p\.toml"):
        Prices.read(tmp_path / "p.toml")


def test_the_worst_that_a_call_can_cost_counts_a_cache_that_is_written() -> None:
    price = Prices().of("anthropic", "claude-opus-4-7")
    assert price.worst(1000, 100, marked=False) == 5_000 + 2_500
    assert price.worst(1000, 100, marked=True) == 10_000 + 2_500
