"""Prices come from the catalogue; what it does not know is refused."""

import pytest
from openai import AsyncOpenAI

from domain.completion import Usage
from domain.errors import Misconfigured
from gateway.chat.openai_responses import OpenAIResponses
from gateway.pricing import cost, embedding_cost


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


def test_embeddings_cost_by_the_token_and_an_unknown_model_has_no_price() -> None:
    assert embedding_cost("text-embedding-3-large", 1_000_000) == 130_000
    assert embedding_cost("text-embedding-3-small", 0) == 0
    assert embedding_cost("embed-unheard-of", 1) is None


async def test_a_model_without_a_price_is_refused_before_it_is_called(
    client: AsyncOpenAI,
) -> None:
    with pytest.raises(Misconfigured, match="gpt-unheard-of"):
        OpenAIResponses(client, "gpt-unheard-of")
